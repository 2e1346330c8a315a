import type { RunResult } from '../execute/outcome.ts';
import type { PlannedRun } from '../plan/order.ts';
import { formatSeconds } from '../spec/durations.ts';
import { formatSize } from '../spec/sizes.ts';
import { printable, type Terminal } from './terminal.ts';

const INTERACTIVE_MS = 1000;
const PLAIN_MS = 10_000;

/**
 * Says how far a sweep is: one line that changes on a terminal, a plain line now and then
 * elsewhere; never more than once a second, for every write disturbs the measurement a little.
 */
export class Progress {
  readonly #terminal: Terminal;
  readonly #began: number;
  readonly #now: () => number;
  #total = 0;
  #done = 0;
  #bad = 0;
  #shownAt: number;
  #open = false;

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
    const pause = this.#terminal.interactive ? INTERACTIVE_MS : PLAIN_MS;
    if (now - this.#shownAt < pause) return;
    this.#shownAt = now;
    const line = this.#line(run, (now - this.#began) / 1000);
    if (this.#terminal.interactive) {
      process.stderr.write(`\r\x1b[K${line.slice(0, (process.stderr.columns || 80) - 1)}`);
      this.#open = true;
    } else this.#terminal.talk(line);
  }

  ended(result: RunResult): void {
    const { state } = result.outcome;
    if (state === 'completed') this.#done++;
    else {
      this.#bad++;
      const reason = 'reason' in result.outcome ? `: ${result.outcome.reason}` : '';
      const doubts = result.doubts.filter(({ suspect }) => suspect).map(({ message }) => message);
      const why = reason || (doubts.length > 0 ? `: ${doubts.join('; ')}` : '');
      // A hundred failures of one kind say no more than the first few.
      if (this.#bad <= 10) this.say(`${state} ${nameOf(result.planned)}${printable(why)}`);
      if (this.#bad === 10)
        this.say('further failures are only counted; `ipc-sweep status` lists them');
    }
  }

  /** Writes a line of its own between the changing ones. */
  say(line: string): void {
    this.finish();
    this.#terminal.talk(line);
  }

  finish(): void {
    if (this.#open) process.stderr.write('\r\x1b[K');
    this.#open = false;
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
  const buffer = formatSize(cell.bufferBytes);
  return `${cell.ipc} ${cell.mode} ${buffer} of ${formatSize(cell.totalBytes)}, trial ${trial}`;
}
