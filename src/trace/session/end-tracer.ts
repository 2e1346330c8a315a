const AGAIN_MS = 250;
const KILL_PATIENCE_MS = 3000;

/** A tracer process that is supposed to end. */
export interface Ending {
  /** Signals the tracer and what it has started. */
  readonly order: (signal: 'SIGTERM' | 'SIGKILL') => void;
  readonly hasEnded: () => boolean;
  /** Waits for the tracer's end, at most this long. */
  readonly untilEnded: (limitMs: number) => Promise<void>;
}

/**
 * Ends a tracer: with TERM, on which it prints what it has, and with KILL if that takes too long.
 *
 * dtrace must be told only once: a second signal makes it throw its output away. bpftrace must be
 * told again and again: 0.17 notices a signal only while it waits for events.
 */
export async function endTracer(
  tracer: 'dtrace' | 'bpftrace',
  { order, hasEnded, untilEnded }: Ending,
  patienceMs: number,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  const turnMs = tracer === 'bpftrace' ? AGAIN_MS : patienceMs;
  while (!hasEnded() && performance.now() < deadline) {
    order('SIGTERM');
    await untilEnded(Math.min(turnMs, deadline - performance.now()));
  }
  if (hasEnded()) return;
  order('SIGKILL');
  await untilEnded(KILL_PATIENCE_MS);
}
