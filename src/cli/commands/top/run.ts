import { setTimeout as sleep } from 'node:timers/promises';
import { ExitCode, type ExitCodeValue, UserError } from '../../../errors.ts';
import { databaseFile } from '../../options.ts';
import type { Terminal } from '../../terminal.ts';
import { frame } from '../../top/frame.ts';
import { ownScreen } from '../../top/own-screen.ts';
import { SweepWatch, type WatchedSweep } from '../../top/watched-sweep.ts';

export interface TopArguments {
  readonly sweep: string | undefined;
  readonly results: string;
  readonly db: string | undefined;
  readonly interval: number;
  readonly once: boolean;
}

/** Shows a sweep while it runs; changes nothing. */
export async function top(args: TopArguments, terminal: Terminal): Promise<ExitCodeValue> {
  const { interval } = args;
  // At most a day; a timer cannot exceed 24 days.
  if (!(interval >= 1 && interval <= 86_400)) {
    throw new UserError(`--interval: expected 1 to 86400 seconds, got ${interval}`);
  }
  const watch = new SweepWatch(databaseFile(args), args.sweep);
  const first = watch.look();
  const live = process.stdout.isTTY && process.env.TERM !== 'dumb' && !args.once;
  const last = live && isOn(first) ? await follow(watch, first, interval, terminal) : first;
  if (!last) return ExitCode.ok;
  const height = Number.POSITIVE_INFINITY;
  const viewport = { ...terminal, width: process.stdout.columns || 80, height };
  for (const line of frame(last, viewport, Date.now())) terminal.out(line);
  return ExitCode.ok;
}

function isOn({ sweep }: WatchedSweep): boolean {
  return sweep.state === 'running';
}

/** @returns the sweep when it has ended, or undefined when the user has quit */
async function follow(
  watch: SweepWatch,
  first: WatchedSweep,
  interval: number,
  terminal: Terminal,
): Promise<WatchedSweep | undefined> {
  const ending = new AbortController();
  let [seen, trouble] = [first, ''];
  const draw = () => {
    const { columns, rows } = process.stdout;
    const viewport = { ...terminal, width: columns || 80, height: rows || 24 };
    screen.draw(frame(seen, viewport, Date.now(), trouble || 'q ends'));
  };
  const screen = ownScreen(process, { quit: () => ending.abort(), redraw: draw });
  try {
    draw();
    while (isOn(seen)) {
      await sleep(1000 * interval, undefined, { signal: ending.signal }).catch(() => {});
      if (ending.signal.aborted) return undefined;
      try {
        seen = watch.look();
        trouble = '';
      } catch (error) {
        // The database may be locked for a moment, or come back; the last view stays.
        if (!(error instanceof UserError)) throw error;
        trouble = `${error.message}; trying again. q ends`;
      }
      draw();
    }
    return seen;
  } finally {
    screen.close();
  }
}
