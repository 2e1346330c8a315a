import type { Host } from './host.ts';
import { runSmall } from './run-small.ts';

export interface NamedProcess {
  readonly pid: number;
  readonly group: number;
}

/** Characters of a program's name that the kernel keeps. */
const LINUX_NAME = 15;
const OTHER_NAME = 19;
/** Characters of a process's stat; more than it has. */
const LONGEST = 4096;

/**
 * The processes on a host that bear a program's name and can still do something. Where /proc does not
 * tell, ps is asked; empty where neither can.
 */
export async function processesNamed(host: Host, name: string): Promise<readonly NamedProcess[]> {
  return host.machine.platform === 'linux'
    ? fromProc(host, name.slice(0, LINUX_NAME))
    : fromPs(host, name);
}

async function fromProc(host: Host, name: string): Promise<readonly NamedProcess[]> {
  const pids = (await host.list('/proc')).filter((entry) => /^\d+$/.test(entry));
  const stats = await Promise.all(pids.map((pid) => host.readFile(`/proc/${pid}/stat`, LONGEST)));
  return stats.flatMap((stat) => {
    // Undefined when it has ended meanwhile.
    const found = stat && readProcStat(stat.toString('utf8'));
    return found?.name === name ? [{ pid: found.pid, group: found.group }] : [];
  });
}

/** Pure: a line of /proc/PID/stat; undefined for a process that has ended and waits to be reaped. */
export function readProcStat(line: string): (NamedProcess & { readonly name: string }) | undefined {
  // The name may hold anything, brackets and newlines as well.
  const found = /^(\d+) \(([\s\S]*)\) (\S) \d+ (\d+) /.exec(line);
  if (!found || found[3] === 'Z' || found[3] === 'X') return undefined;
  return { pid: Number(found[1]), name: found[2] ?? '', group: Number(found[4]) };
}

async function fromPs(host: Host, name: string): Promise<readonly NamedProcess[]> {
  const words = ['ps', '-A', '-o', 'pid=', '-o', 'pgid=', '-o', 'stat=', '-o', 'ucomm='];
  const { stdout } = await runSmall(host, { words });
  return readPs(stdout, name);
}

/** Pure: the lines `PID PGID STAT NAME` of ps. */
export function readPs(text: string, name: string): readonly NamedProcess[] {
  return text.split('\n').flatMap((line) => {
    const found = /^ *(\d+) +(\d+) +(\S+) +(\S.*?) *$/.exec(line);
    if (!found || found[3]?.startsWith('Z')) return [];
    const shown = found[4] ?? '';
    if (shown.slice(0, OTHER_NAME) !== name.slice(0, OTHER_NAME)) return [];
    return [{ pid: Number(found[1]), group: Number(found[2]) }];
  });
}
