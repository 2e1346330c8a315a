import type { Doubt } from '../../doubt.ts';
import type { Host } from '../host.ts';
import { type NamedProcess, processesNamed } from '../processes-named.ts';

/** A look costs a few milliseconds on Linux, and starts a process on other systems. */
const PAUSE_MS = { linux: 1000, elsewhere: 10_000 } as const;
/** With thousands of processes a look takes long, so it is taken less often: 1 % of the time. */
const MOST_OF_TIME = 0.01;
const MOST_PIDS = 5;

/**
 * Notices other benchmarks on this machine, which take a share of it away from a run. It looks only
 * between runs, now and then; while there is another benchmark, at every run.
 */
export class Neighbours {
  readonly #look: () => Promise<readonly NamedProcess[]>;
  readonly #leastPauseMs: number;
  #pauseMs: number;
  readonly #nowMs: () => number;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #seen: readonly NamedProcess[] = [];
  #before: readonly NamedProcess[] = [];

  /** @param names the names of benchmarks, as the kernel shows them */
  constructor(
    host: Host,
    names: readonly string[],
    nowMs: () => number = () => performance.now(),
    look = () => processesNamed(host, names),
  ) {
    this.#look = look;
    this.#nowMs = nowMs;
    this.#leastPauseMs = host.machine.platform === 'linux' ? PAUSE_MS.linux : PAUSE_MS.elsewhere;
    this.#pauseMs = this.#leastPauseMs;
  }

  /** Must be called before a run starts. */
  async before(): Promise<void> {
    this.#before = await this.#now();
  }

  /** Must be called when a run has ended. @param group the group of the run's own processes */
  async after(group: number | undefined): Promise<readonly Doubt[]> {
    const all = [...this.#before, ...(await this.#now())];
    const foreign = all.filter((it) => it.group !== group && !it.stopped).map(({ pid }) => pid);
    const pids = [...new Set(foreign)].sort((a, b) => a - b);
    if (pids.length === 0) return [];
    const named = pids.slice(0, MOST_PIDS).join(', ');
    const more = pids.length > MOST_PIDS ? ` and ${pids.length - MOST_PIDS} more` : '';
    const message = `another benchmark ran at the same time (pid ${named}${more})`;
    return [{ code: 'foreign-benchmark', message, suspect: false }];
  }

  async #now(): Promise<readonly NamedProcess[]> {
    const now = this.#nowMs();
    if (this.#seen.length > 0 || now - this.#lookedAtMs >= this.#pauseMs) {
      this.#seen = await this.#look();
      this.#lookedAtMs = this.#nowMs();
      this.#pauseMs = Math.max(this.#leastPauseMs, (this.#lookedAtMs - now) / MOST_OF_TIME);
    }
    return this.#seen;
  }
}
