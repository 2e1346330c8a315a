import type { Readable } from 'node:stream';
import type { Host } from '../../host/host.ts';
import { howItEnded } from '../../host/run-small.ts';

/** A tracer whose output is read while it runs, and its end. */
export type TracerProcess = PromiseLike<{
  /** Undefined if it did not exit by itself. */
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly message?: string | undefined;
}> & {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Sends a signal to its group. */
  readonly order: (signal: 'SIGTERM' | 'SIGKILL') => void;
};

/** The reader limits what it keeps; a tracer may print for a whole night. */
const UNLIMITED = Number.MAX_SAFE_INTEGER;

/**
 * Starts a tracer on a host, in a group of its own; it does not outlive the host's agent.
 * @param host the host of the agent that may trace
 */
export function startTracer(
  host: Host,
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
): TracerProcess {
  const { stdout, stderr, signal, ended } = host.stream({
    words: command,
    environment,
    outputLimits: { stdout: UNLIMITED, stderr: UNLIMITED },
    lingerMs: 0,
  });
  const end = ended.then(
    ({ end }) =>
      end.kind === 'exited'
        ? { exitCode: end.exitCode }
        : end.kind === 'signalled'
          ? { signal: end.signal }
          : { message: howItEnded(end) },
    (error: Error) => ({ message: error.message }),
  );
  // biome-ignore lint/suspicious/noThenProperty: a process is waited for like a promise.
  return { stdout, stderr, order: signal, then: end.then.bind(end) };
}
