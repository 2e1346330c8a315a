import type { Host } from './host.ts';
import { runSmall } from './run-small.ts';

export interface NamedProcess {
  readonly pid: number;
  /** Its process group. */
  readonly group: number;
  /** Stopped by a signal or a debugger: it takes no time now, but may go on later. */
  readonly stopped: boolean;
}

/** The number of characters of a program's name that the kernel keeps. */
const LINUX_NAME = 15;
const OTHER_NAME = 19;
/** The most characters to read of a process's stat; longer than any stat is. */
const LONGEST = 4096;

/**
 * Finds the processes on a host that have one of these names and can still do something. If /proc
 * does not tell, ps is asked; empty if neither works.
 */
export async function processesNamed(
  host: Host,
  names: readonly string[],
): Promise<readonly NamedProcess[]> {
  return host.machine.platform === 'linux' ? fromProc(host, names) : fromPs(host, names);
}

async function fromProc(host: Host, names: readonly string[]): Promise<readonly NamedProcess[]> {
  const shown = new Set(names.map((name) => name.slice(0, LINUX_NAME)));
  const pids = (await host.list('/proc')).filter((entry) => /^\d+$/.test(entry));
  const stats = await Promise.all(pids.map((pid) => host.readFile(`/proc/${pid}/stat`, LONGEST)));
  return stats.flatMap((stat) => {
    // This is undefined if the process has ended in the meantime.
    const found = stat && readProcStat(stat.toString('utf8'));
    if (!found || !shown.has(found.name)) return [];
    return [{ pid: found.pid, group: found.group, stopped: found.stopped }];
  });
}

/** Pure function: reads a line of /proc/PID/stat; undefined for an ended process not yet reaped. */
export function readProcStat(line: string): (NamedProcess & { readonly name: string }) | undefined {
  // The name may contain anything, even brackets and newlines.
  const found = /^(\d+) \(([\s\S]*)\) (\S) \d+ (\d+) /.exec(line);
  if (!found || found[3] === 'Z' || found[3] === 'X') return undefined;
  const stopped = /[Tt]/.test(found[3] ?? '');
  return { pid: Number(found[1]), name: found[2] ?? '', group: Number(found[4]), stopped };
}

async function fromPs(host: Host, names: readonly string[]): Promise<readonly NamedProcess[]> {
  const words = ['ps', '-A', '-o', 'pid=', '-o', 'pgid=', '-o', 'stat=', '-o', 'ucomm='];
  const { stdout } = await runSmall(host, { words });
  return readPs(stdout, names);
}

/** Pure function: reads the lines `PID PGID STAT NAME` of ps. */
export function readPs(text: string, names: readonly string[]): readonly NamedProcess[] {
  const cut = new Set(names.map((name) => name.slice(0, OTHER_NAME)));
  return text.split('\n').flatMap((line) => {
    const found = /^ *(\d+) +(\d+) +(\S+) +(\S.*?) *$/.exec(line);
    if (!found || found[3]?.startsWith('Z')) return [];
    if (!cut.has((found[4] ?? '').slice(0, OTHER_NAME))) return [];
    const stopped = found[3]?.startsWith('T') ?? false;
    return [{ pid: Number(found[1]), group: Number(found[2]), stopped }];
  });
}
