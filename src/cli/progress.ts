import type { RunResult } from '../execute/outcome.ts';
import { cellName } from '../experiment/cell-name.ts';
import { formatSeconds } from '../experiment/durations.ts';
import type { PlannedRun } from '../plan/order.ts';
import type { Terminal } from './terminal.ts';
import { printable } from './terminal-text.ts';

/** Every write disturbs the measurement a little: never more than one in this time. */
const PAUSE_MS = 1000;
const PLAIN_MS = 10_000;

/** Failures that are shown; a hundred of one kind say no more than the first few. */
const MOST_FAILURES = 10;

/**
 * Says how far a sweep is: one line that changes on a terminal, a plain line now and then
 * elsewhere. Of failures, too, it speaks once a second.
 */
export class Progress {
  readonly #terminal: Terminal;
  readonly #began: number;
  readonly #now: () => number;
  readonly #waiting: string[] = [];
  #total = 0;
  #done = 0;
  #bad = 0;
  /** When the last progress was shown, and when anything was written. */
  #shownAt: number;
  #writtenAt = Number.NEGATIVE_INFINITY;

  constructor(terminal: Terminal, now: () => number) {
    this.#terminal = terminal;
    this.#now = now;
    this.#began = now();
    this.#shownAt = terminal.interactive ? Number.NEGATIVE_INFINITY : this.#began;
  }

  /** So many more runs are to come. */
  more(runs: number): void {
    this.#total += runs;
  }

  starting(run: PlannedRun): void {
    const now = this.#now();
    if (now - this.#writtenAt < PAUSE_MS) return;
    if (this.#waiting.length > 0) {
      this.#flush();
      return;
    }
    const pause = this.#terminal.interactive ? PAUSE_MS : PLAIN_MS;
    if (now - this.#shownAt < pause) return;
    this.#shownAt = now;
    this.#writtenAt = now;
    const line = this.#line(run, (now - this.#began) / 1000);
    if (this.#terminal.interactive) this.#terminal.live(line);
    else this.#terminal.talk(line);
  }

  ended(result: RunResult): void {
    const { state } = result.outcome;
    if (state === 'completed') {
      this.#done++;
      return;
    }
    this.#bad++;
    if (this.#bad > MOST_FAILURES) return;
    const reason = 'reason' in result.outcome ? `: ${result.outcome.reason}` : '';
    const doubts = result.doubts.filter(({ suspect }) => suspect).map(({ message }) => message);
    const why = reason || (doubts.length > 0 ? `: ${doubts.join('; ')}` : '');
    this.#waiting.push(`${state} ${nameOf(result.planned)}${printable(why)}`);
    if (this.#bad === MOST_FAILURES) {
      this.#waiting.push('further failures are only counted; `ipc-sweep status` lists them');
    }
  }

  /** Writes a line of its own between the changing ones, at once. */
  say(line: string): void {
    this.#waiting.push(line);
    this.#flush();
  }

  /** Says what is still to be said, and leaves an empty line to whoever writes next. */
  finish(): void {
    if (this.#waiting.length > 0) this.#flush();
    this.#terminal.live('');
  }

  #flush(): void {
    this.#terminal.talk(this.#waiting.splice(0).join('\n'));
    this.#writtenAt = this.#now();
  }

  #line(run: PlannedRun, seconds: number): string {
    const ended = this.#done + this.#bad;
    const rate = seconds > 0 ? ended / seconds : 0;
    const left = rate > 0 ? `, ${formatSeconds((this.#total - ended) / rate)} left` : '';
    const bad = this.#bad > 0 ? `, ${this.#bad} not good` : '';
    return `${ended}/${this.#total} runs  ${nameOf(run)}  ${rate.toFixed(1)}/s${left}${bad}`;
  }
}

function nameOf({ cell, trial }: PlannedRun): string {
  return `${cellName(cell)}, trial ${trial}`;
}
