import type { Doubt } from '../../../doubt.ts';
import type { Host } from '../../../host/host.ts';
import { processesNamed } from '../../../host/processes-named.ts';

/**
 * Keeps in mind which other processes have a benchmark's name: the user's scripts may know it by no
 * more. All processes are looked through when a session is attached, and later only while there
 * may be one: the session itself sees each one that starts.
 */
export class ForeignProcesses {
  readonly #host: Host;
  readonly #execnames: readonly string[];
  #known: ReadonlySet<number>;
  /** Those that were there in the current run. */
  #during = new Set<number>();

  private constructor(host: Host, execnames: readonly string[], known: ReadonlySet<number>) {
    this.#host = host;
    this.#execnames = execnames;
    this.#known = known;
  }

  static async on(host: Host, execnames: readonly string[]): Promise<ForeignProcesses> {
    const found = await processesNamed(host, execnames);
    return new ForeignProcesses(host, execnames, new Set(found.map(({ pid }) => pid)));
  }

  /** A process of that name has been seen to start, which is not the run's. */
  add(pid: number): void {
    this.#known = new Set([...this.#known, pid]);
    this.#during.add(pid);
  }

  /** Whether there may be one, so that `begin` has to look. */
  get suspected(): boolean {
    return this.#known.size > 0;
  }

  /** A run begins; looks which of them are there. */
  async begin(): Promise<void> {
    if (this.suspected) {
      const there = await processesNamed(this.#host, this.#execnames);
      this.#known = new Set(there.map(({ pid }) => pid));
    }
    this.#during = new Set(this.#known);
  }

  /** The doubts about a run's results, if they may contain something of others. */
  doubts(): readonly Doubt[] {
    return foreignProcessDoubts(this.#execnames.join(' or '), this.#during, false);
  }
}

/** @param foreign the tracer saw another benchmark, whose pid is not known here */
export function foreignProcessDoubts(
  execname: string,
  pids: ReadonlySet<number>,
  foreign: boolean,
): readonly Doubt[] {
  if (pids.size === 0 && !foreign) return [];
  const [pid] = pids;
  const which = pid === undefined ? '' : ` (pid ${pid})`;
  const message = `another ${execname} ran at the same time${which}; your scripts may have counted it, too`;
  return [{ code: 'script-foreign-benchmark', message, suspect: true }];
}
