import { NO_GUARD } from '../host/guard.ts';
import { NO_EXECUTION_HINT, noExecution } from '../host/mount.ts';
import { shortOf } from '../host/start-failure.ts';
import { type End, supervise } from './supervise.ts';

/** Against a program that hangs, on a machine however slow. */
const PATIENCE_MS = 60_000;

/** Starts a benchmark for its `describe`. @returns why it does not run here; undefined when it does */
export async function triedBenchmark(
  path: string,
): Promise<{ readonly reason: string; readonly mend: string } | undefined> {
  const { end, stderrTail } = await supervise({
    path,
    args: ['-j', 'describe'],
    deadlineMs: PATIENCE_MS,
    abort: new AbortController().signal,
    guard: NO_GUARD,
  });
  const why = reasonOf(end);
  if (why === undefined) return undefined;
  const forbidden = noExecution(path);
  if (forbidden !== undefined) return { reason: forbidden, mend: NO_EXECUTION_HINT };
  const said = stderrTail.trim().split('\n').at(-1);
  const short = shortOf({}, why);
  return {
    reason: short?.reason ?? (said ? `${why}: ${said}` : why),
    mend: short?.hint ?? 'please report this with the output of `cc --version` and `uname -a`',
  };
}

function reasonOf(end: End): string | undefined {
  switch (end.kind) {
    case 'exited':
      return end.exitCode === 0 ? undefined : `it ends with exit code ${end.exitCode}`;
    case 'not-started':
      return `it does not start: ${end.reason}`;
    case 'signalled':
      return `it is ended by ${end.signal}`;
    case 'timed-out':
      return `it has not ended after ${PATIENCE_MS / 1000} s`;
    case 'aborted':
      return 'it was interrupted';
    case 'flooded':
      return `it prints without end on ${end.stream}`;
  }
}
