import { formatSeconds } from '../experiment/durations.ts';
import type { StopRequest } from '../sweep/events.ts';
import { hangUpIgnored } from './hang-up.ts';

/** The user's requests by signals. */
export interface Interrupt extends StopRequest {
  readonly dispose: () => void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Above this many seconds, the user is told how long it may take. */
const LONG_S = 10;

/**
 * The first signal asks to stop after the run in flight, the second kills that run.
 * @param secondsLeft until the deadline of the run in flight; undefined between runs
 */
export function onInterrupt(
  say: (message: string) => void,
  secondsLeft: () => number | undefined,
): Interrupt {
  const controller = new AbortController();
  let requests = 0;
  const handle = () => {
    requests++;
    if (requests === 1) say(finishing(secondsLeft()));
    else controller.abort();
  };
  // With nohup, the sweep continues without its terminal.
  const heard = SIGNALS.filter((signal) => signal !== 'SIGHUP' || !hangUpIgnored());
  for (const signal of heard) process.on(signal, handle);
  return {
    requested: () => requests > 0,
    abort: controller.signal,
    dispose: () => {
      for (const signal of heard) process.off(signal, handle);
    },
  };
}

/** The answer to the first signal. */
export function finishing(secondsLeft: number | undefined): string {
  const most =
    secondsLeft !== undefined && secondsLeft > LONG_S
      ? ` (at most ${formatSeconds(secondsLeft)} more, until its deadline)`
      : '';
  return `finishing the run in flight${most}; a second Ctrl-C kills it`;
}
