import type { RunResult } from '../execute/outcome.ts';
import { cellName } from '../experiment/cell-name.ts';
import type { Retries } from '../experiment/retry.ts';
import { runKey } from '../plan/identity.ts';
import type { PlannedRun } from '../plan/order.ts';
import type { TimeEstimate } from '../plan/time-left.ts';
import { estimateText } from './estimate-text.ts';
import type { Terminal } from './terminal.ts';
import { printable } from './terminal-text.ts';
import { cut } from './text-width.ts';

/** Every write disturbs the measurement a little, so there is at most one in this time. */
const PAUSE_MS = 1000;
const PLAIN_MS = 10_000;

/** The most failures that are shown; a hundred of one kind say no more than the first few. */
const MOST_FAILURES = 10;
/** Limits a failure's reason, which may be a document that the benchmark has printed. */
const LONGEST_REASON = 200;

/**
 * Shows how far a sweep has got: one changing line on a terminal, otherwise a plain line from time
 * to time. Failures are also reported at most once a second. A run counts once, however many
 * attempts it takes.
 */
export class Progress {
  readonly #terminal: Terminal;
  readonly #retries: Retries;
  readonly #now: () => number;
  readonly #waiting: string[] = [];
  #total = 0;
  /** Runs that have ended; of them, those whose last attempt was not good. */
  #ended = 0;
  #bad = 0;
  /** Attempts that were not good. */
  #failures = 0;
  /** The run that was started last, and how its attempts went. */
  #current: { key: string; firstAttempt: number; bad: boolean } | undefined;
  /** The time when the first run was started. */
  #began: number | undefined;
  /** The times of the last progress line and of the last write of any kind. */
  #shownAt: number;
  #writtenAt = Number.NEGATIVE_INFINITY;

  /** @param retries how many further attempts the spec allows a run, by how the last one ended */
  constructor(terminal: Terminal, now: () => number, retries: Retries) {
    this.#terminal = terminal;
    this.#retries = retries;
    this.#now = now;
    this.#shownAt = terminal.interactive ? Number.NEGATIVE_INFINITY : now();
  }

  /** Announces this many more runs. */
  more(runs: number): void {
    this.#total += runs;
  }

  /** @param left how much longer the sweep will take */
  starting(run: PlannedRun, left: () => TimeEstimate): void {
    const now = this.#now();
    this.#began ??= now;
    if (now - this.#writtenAt < PAUSE_MS) return;
    if (this.#waiting.length > 0) {
      this.#flush();
      return;
    }
    const pause = this.#terminal.interactive ? PAUSE_MS : PLAIN_MS;
    if (now - this.#shownAt < pause) return;
    this.#shownAt = now;
    this.#writtenAt = now;
    const line = this.#line(run, now, left());
    if (this.#terminal.interactive) this.#terminal.live(line);
    else this.#terminal.talk(line);
  }

  ended(result: RunResult): void {
    const { planned, attempt, outcome } = result;
    const { state } = outcome;
    const good = state === 'completed';
    const key = runKey(planned);
    if (this.#current?.key === key) {
      this.#bad += Number(!good) - Number(this.#current.bad);
      this.#current.bad = !good;
    } else {
      this.#current = { key, firstAttempt: attempt, bad: !good };
      this.#ended++;
      if (!good) this.#bad++;
    }
    if (state === 'completed') return;
    this.#failures++;
    if (this.#failures > MOST_FAILURES) return;
    const further = state === 'interrupted' ? 0 : this.#retries[state];
    const most = Math.max(attempt, this.#current.firstAttempt + further);
    const which = most > 1 ? `, attempt ${attempt} of ${most}` : '';
    this.#waiting.push(`${state} ${nameOf(planned)}${which}${reasonOf(result)}`);
    if (this.#failures === MOST_FAILURES) {
      this.#waiting.push('further failures are only counted; `ipc-sweep status` lists them');
    }
  }

  /** Writes a separate line between the changing ones, at once. */
  say(line: string): void {
    this.#waiting.push(line);
    this.#flush();
  }

  /** Writes any remaining messages, and leaves an empty line for the next output. */
  finish(): void {
    if (this.#waiting.length > 0) this.#flush();
    this.#terminal.live('');
  }

  #flush(): void {
    this.#terminal.talk(this.#waiting.splice(0).join('\n'));
    this.#writtenAt = this.#now();
  }

  #line(run: PlannedRun, now: number, estimate: TimeEstimate): string {
    const ended = this.#ended;
    const seconds = (now - (this.#began ?? now)) / 1000;
    const rate = seconds > 0 ? ended / seconds : 0;
    // If there are more runs than announced, the remaining number does not become negative.
    const total = Math.max(this.#total, ended);
    const bad = this.#bad > 0 ? `, ${this.#bad} not good` : '';
    return `${ended}/${total} runs  ${nameOf(run)}  ${rate.toFixed(1)}/s, ${estimateText(estimate)} left${bad}`;
  }
}

/** The problem with a run in one readable line; the database has the full text. */
function reasonOf({ outcome, doubts }: RunResult): string {
  const suspect = doubts.filter((doubt) => doubt.suspect);
  const said = 'reason' in outcome ? outcome.reason : suspect[0]?.message;
  if (said === undefined) return '';
  const others = 'reason' in outcome ? 0 : suspect.length - 1;
  const more = others > 0 ? `; and ${others} more ${others === 1 ? 'doubt' : 'doubts'}` : '';
  return `: ${cut(printable(said).replace(/\s+/g, ' ').trim(), LONGEST_REASON, '...')}${more}`;
}

function nameOf({ cell, trial }: PlannedRun): string {
  return `${cellName(cell)}, trial ${trial}`;
}
