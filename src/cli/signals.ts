import { ExitCode } from '../errors.ts';
import { formatSeconds } from '../experiment/durations.ts';
import type { HookName } from '../experiment/hooks.ts';
import type { StopRequest } from '../sweep/events.ts';
import { hangUpIgnored } from './hang-up.ts';

/** The user's requests by signals. */
export interface Interrupt extends StopRequest {
  readonly dispose: () => void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Above this many seconds, the user is told how long it may take. */
const LONG_S = 10;

/** A signal that comes sooner after the second one may be the same Ctrl-C, passed on by npm. */
const SAME_MS = 500;

/**
 * The first signal asks to stop after the run in flight, the second kills that run. If that takes
 * too long, the third ends the process at once, as KILL would: the agents then end what they have
 * started and put settings back, and the sweep counts as interrupted.
 * @param answer what is said at the first one
 */
export function onInterrupt(say: (message: string) => void, answer: () => string): Interrupt {
  const controller = new AbortController();
  let requests = 0;
  let abortedAt = 0;
  const handle = () => {
    requests++;
    if (requests === 1) say(answer());
    else if (!controller.signal.aborted) {
      controller.abort();
      abortedAt = performance.now();
      say('a third Ctrl-C ends ipc-sweep at once');
    } else if (performance.now() - abortedAt > SAME_MS) process.exit(ExitCode.interrupted);
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

/**
 * The answer to the first signal.
 * @param secondsLeft until the deadline of the run in flight; undefined between runs
 * @param hook the user's own command that is carried out before the first run, or after the last
 */
export function finishing(secondsLeft: number | undefined, hook?: HookName): string {
  if (hook === 'setup') return 'waiting for the setup to end; a second Ctrl-C kills it';
  if (hook !== undefined) return `waiting for the ${hook} to end`;
  const most =
    secondsLeft !== undefined && secondsLeft > LONG_S
      ? ` (at most ${formatSeconds(secondsLeft)} more, until its deadline)`
      : '';
  return `finishing the run in flight${most}; a second Ctrl-C kills it`;
}
