import { readdirSync, readFileSync } from 'node:fs';
import { execa } from 'execa';

export interface NamedProcess {
  readonly pid: number;
  readonly group: number;
}

/** Characters of a program's name that the kernel keeps. */
const LINUX_NAME = 15;
const OTHER_NAME = 19;

/**
 * The processes that bear a program's name and can still do something. Where /proc does not tell,
 * ps is asked; empty where neither can.
 */
export async function processesNamed(
  name: string,
  platform: NodeJS.Platform = process.platform,
): Promise<readonly NamedProcess[]> {
  return platform === 'linux' ? fromProc(name.slice(0, LINUX_NAME)) : fromPs(name);
}

function fromProc(name: string): readonly NamedProcess[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const found = readProcStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      return found?.name === name ? [found] : [];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}

/** Pure: a line of /proc/PID/stat; undefined for a process that has ended and waits to be reaped. */
export function readProcStat(line: string): (NamedProcess & { readonly name: string }) | undefined {
  // The name may hold anything, brackets and newlines as well.
  const found = /^(\d+) \(([\s\S]*)\) (\S) \d+ (\d+) /.exec(line);
  if (!found || found[3] === 'Z' || found[3] === 'X') return undefined;
  return { pid: Number(found[1]), name: found[2] ?? '', group: Number(found[4]) };
}

async function fromPs(name: string): Promise<readonly NamedProcess[]> {
  const words = ['-A', '-o', 'pid=', '-o', 'pgid=', '-o', 'stat=', '-o', 'ucomm='];
  const said = await execa('ps', words, {
    reject: false,
    stdin: 'ignore',
    extendEnv: false,
    env: { PATH: `${process.env.PATH ?? ''}:/bin:/usr/bin`, LC_ALL: 'C' },
  });
  return readPs(typeof said.stdout === 'string' ? said.stdout : '', name);
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
