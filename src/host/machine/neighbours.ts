import { basename } from 'node:path';
import type { Doubt } from '../../doubt.ts';
import { listPaths, type Sources } from './sources.ts';

/** A process of the benchmark's name. */
export interface Neighbour {
  readonly pid: number;
  /** Its process group. */
  readonly group: number;
}

/** A look costs some milliseconds on Linux, and a process elsewhere. */
const PAUSE_MS = { linux: 1000, elsewhere: 10_000 } as const;
/** The kernel of Linux keeps so much of a name. */
const COMM_LENGTH = 15;
/** On a machine with thousands of processes a look takes long, and is taken less often: 1 % of the time. */
const MOST_OF_TIME = 0.01;
const MOST_PIDS = 5;

/**
 * Notices other benchmarks on this machine, which take their share of it from a run. It looks
 * between runs only, now and then; while there is one, at every run.
 */
export class Neighbours {
  readonly #look: () => Promise<readonly Neighbour[]>;
  readonly #leastPauseMs: number;
  #pauseMs: number;
  readonly #nowMs: () => number;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #seen: readonly Neighbour[] = [];
  #before: readonly Neighbour[] = [];

  /** @param names of benchmarks, as the kernel shows them */
  constructor(
    sources: Sources,
    names: readonly string[],
    nowMs: () => number = () => performance.now(),
    look = () => processesCalled(sources, names),
  ) {
    this.#look = look;
    this.#nowMs = nowMs;
    this.#leastPauseMs = sources.platform === 'linux' ? PAUSE_MS.linux : PAUSE_MS.elsewhere;
    this.#pauseMs = this.#leastPauseMs;
  }

  /** To be called before a run starts. */
  async before(): Promise<void> {
    this.#before = await this.#now();
  }

  /** To be called when it has ended. @param group of the run's own processes */
  async after(group: number | undefined): Promise<readonly Doubt[]> {
    const all = [...this.#before, ...(await this.#now())];
    const foreign = all.filter((it) => it.group !== group).map(({ pid }) => pid);
    const pids = [...new Set(foreign)].sort((a, b) => a - b);
    if (pids.length === 0) return [];
    const named = pids.slice(0, MOST_PIDS).join(', ');
    const more = pids.length > MOST_PIDS ? ` and ${pids.length - MOST_PIDS} more` : '';
    const message = `another benchmark ran at the same time (pid ${named}${more})`;
    return [{ code: 'foreign-benchmark', message, suspect: false }];
  }

  async #now(): Promise<readonly Neighbour[]> {
    const now = this.#nowMs();
    if (this.#seen.length > 0 || now - this.#lookedAtMs >= this.#pauseMs) {
      this.#seen = await this.#look();
      this.#lookedAtMs = this.#nowMs();
      this.#pauseMs = Math.max(this.#leastPauseMs, (this.#lookedAtMs - now) / MOST_OF_TIME);
    }
    return this.#seen;
  }
}

/** Processes that have one of these names and are neither stopped nor dead. */
export async function processesCalled(
  sources: Sources,
  names: readonly string[],
): Promise<readonly Neighbour[]> {
  if (sources.platform === 'linux') return linuxProcesses(sources, names);
  const said = await sources.ask('ps', ['-A', '-o', 'pid=', '-o', 'pgid=', '-o', 'comm=']);
  return (said ?? '').split('\n').flatMap((line) => {
    const [, pid, group, path] = /^\s*(\d+)\s+(\d+)\s+(\S.*)$/.exec(line) ?? [];
    if (path === undefined || !names.includes(basename(path.trim()))) return [];
    return [{ pid: Number(pid), group: Number(group) }];
  });
}

async function linuxProcesses(
  sources: Sources,
  names: readonly string[],
): Promise<readonly Neighbour[]> {
  const shown = new Set(names.map((name) => name.slice(0, COMM_LENGTH)));
  const folders = await listPaths(sources, '/proc', /^\d+$/);
  const stats = await Promise.all(folders.map((folder) => sources.readText(`${folder}/stat`)));
  return stats.flatMap((stat = '') => {
    // pid (name) state parent group: the name may hold anything.
    const [, pid, name = '', state = 'X', group] =
      /^(\d+) \(([\s\S]*)\) (\S) \d+ (\d+) [^)]*$/.exec(stat) ?? [];
    if (!shown.has(name) || /[ZXTt]/.test(state)) return [];
    return [{ pid: Number(pid), group: Number(group) }];
  });
}
