import type { CommandEnd, Host } from '../host/host.ts';
import { systemEnvironment } from '../host/machine/sources.ts';
import { NO_EXECUTION_HINT, noExecution } from '../host/mount.ts';
import { shortageOf } from '../host/start-failure.ts';
import { OUTPUT_LIMITS } from './one-run.ts';

/** Long enough for any slow machine; only a program that hangs takes longer. */
const PATIENCE_MS = 60_000;

/** Runs a benchmark's `describe`. @returns why it does not run there, or undefined if it does */
export async function triedBenchmark(
  host: Host,
  path: string,
): Promise<{ readonly reason: string; readonly mend: string } | undefined> {
  const { end, stderr } = await host.run({
    words: [path, '-j', 'describe'],
    environment: systemEnvironment(host.machine),
    deadlineMs: PATIENCE_MS,
    outputLimits: OUTPUT_LIMITS,
    lingerMs: 0,
  });
  const why = reasonOf(end);
  if (why === undefined) return undefined;
  const forbidden = await noExecution(host, path);
  if (forbidden !== undefined) return { reason: forbidden, mend: NO_EXECUTION_HINT };
  const said = stderr.toString('utf8').trim().split('\n').at(-1);
  const shortage = shortageOf(end.kind === 'not-started' ? end : {}, why);
  return {
    reason: shortage?.reason ?? (said ? `${why}: ${said}` : why),
    mend: shortage?.hint ?? 'please report this with the output of `cc --version` and `uname -a`',
  };
}

function reasonOf(end: CommandEnd): string | undefined {
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
