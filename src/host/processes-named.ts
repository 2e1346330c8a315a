import type { Host } from './host.ts';
import { runSmall } from './run-small.ts';

export interface NamedProcess {
  readonly pid: number;
  readonly group: number;
}

/** Characters of a program's name that the kernel keeps. */
const LINUX_NAME = 15;
const OTHER_NAME = 19;

/** The processes on a host that bear a program's name and can still do something, as ps tells. */
export async function processesNamed(host: Host, name: string): Promise<readonly NamedProcess[]> {
  const words = ['ps', '-A', '-o', 'pid=', '-o', 'pgid=', '-o', 'stat=', '-o', 'ucomm='];
  const { stdout } = await runSmall(host, { words });
  return readPs(stdout, name, host.machine.platform === 'linux' ? LINUX_NAME : OTHER_NAME);
}

/** Pure: the lines `PID PGID STAT NAME` of ps. @param kept characters of a name that are shown */
export function readPs(text: string, name: string, kept = OTHER_NAME): readonly NamedProcess[] {
  return text.split('\n').flatMap((line) => {
    const found = /^ *(\d+) +(\d+) +(\S+) +(\S.*?) *$/.exec(line);
    if (!found || found[3]?.startsWith('Z')) return [];
    const shown = found[4] ?? '';
    if (shown.slice(0, kept) !== name.slice(0, kept)) return [];
    return [{ pid: Number(found[1]), group: Number(found[2]) }];
  });
}
