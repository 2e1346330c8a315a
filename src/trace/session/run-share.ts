import type { Doubt } from '../../doubt.ts';
import type { RiddenRun } from '../user-scripts/riding/ridden-run.ts';
import type { TraceEvent } from './events.ts';
import type { RunDoubts } from './run-doubts.ts';
import { EVENT_LIMIT, Tally } from './tally.ts';

const RAW_LIMIT = 4 * 1024 * 1024;

export interface ShareOptions {
  readonly tracer: string;
  /** True if a later print replaces the earlier one, instead of being added to it. */
  readonly runningTotals: boolean;
  /** Takes what the user's scripts print for this run; undefined if none is part of the program. */
  readonly ridden: RiddenRun | undefined;
  /** The most raw lines to keep, in characters. */
  readonly rawLimit?: number | undefined;
}

/** One run's share of a session's output. */
export class RunShare {
  readonly tally: Tally;
  readonly doubts: RunDoubts;
  readonly ridden: RiddenRun | undefined;
  /** Whether the riding scripts' results have been asked for. */
  scriptsAsked = false;
  readonly #tracer: string;
  readonly #rawLimit: number;
  /** The number of end markers seen, by pid. */
  readonly #ends = new Map<number, number>();
  readonly #answers = new Set<number>();
  #raw = '';
  #isCut = false;

  /** @param doubts those that already hold for this run */
  constructor(options: ShareOptions, doubts: RunDoubts) {
    const { tracer, runningTotals, ridden, rawLimit = RAW_LIMIT } = options;
    this.tally = new Tally(runningTotals ? 'totals' : 'parts');
    this.doubts = doubts;
    this.ridden = ridden;
    this.#tracer = tracer;
    this.#rawLimit = rawLimit;
  }

  /** The tracer's lines, up to the limit. */
  get raw(): string {
    return this.#raw;
  }

  /** Returns how many end markers of a process have come. */
  endsOf(pid: number): number {
    return this.#ends.get(pid) ?? 0;
  }

  /** Tells whether a question about a process has been answered. */
  hasAnswered(pid: number): boolean {
    return this.#answers.has(pid);
  }

  add(event: TraceEvent): void {
    this.tally.add(event);
    switch (event.kind) {
      case 'answer':
        this.#answers.add(event.pid);
        break;
      case 'end':
        this.#ends.set(event.pid, this.endsOf(event.pid) + 1);
        break;
      case 'foreign':
        this.doubts.add({
          code: 'foreign-benchmark',
          message: `another benchmark ran at the same time (pid ${event.pid}); it is not in the counts`,
          suspect: false,
        });
        break;
      case 'lost':
        this.doubts.addLost(event.what, event.count);
        break;
      case 'full':
        this.doubts.add({
          code: 'tracer-dropped',
          message: `the map ${event.map} was full (${event.keys} keys): what found no room in it is missing`,
          suspect: true,
        });
        break;
      case 'failed':
        this.doubts.add({
          code: 'tracer-error',
          message: `${this.#tracer}: ${event.what}`,
          suspect: true,
        });
        break;
      case 'unknown':
        this.doubts.add({
          code: 'tracer-garbled',
          message: `a line of ${this.#tracer} could not be read: ${event.line.slice(0, 200)}`,
          suspect: true,
        });
        break;
    }
  }

  /** Keeps a line as it came, unless there is no room for it or was none for one before it. */
  keep(line: string): void {
    if (this.#raw.length + line.length >= this.#rawLimit) this.#isCut = true;
    if (!this.#isCut) this.#raw += `${line}\n`;
    else {
      this.doubts.add({
        code: 'raw-cut',
        message: `only the first ${this.#rawLimit} characters of the tracer's output are kept`,
        suspect: false,
      });
    }
  }

  allDoubts(): readonly Doubt[] {
    const left = this.tally.eventsLeftOut;
    const message = `${left} events beyond the first ${EVENT_LIMIT} are not kept`;
    const cut = left > 0 ? [{ code: 'events-cut', message, suspect: false }] : [];
    return [...this.doubts.all(this.#tracer), ...cut];
  }
}
