import { benchmarkArguments, REFUSED_OPTION } from '../benchmark/argv.ts';
import { readOutput } from '../benchmark/output.ts';
import { ExitCode, UserError } from '../errors.ts';
import type { Cell } from '../experiment/cell.ts';
import type { CounterSet } from '../experiment/counters.ts';
import { onHost } from '../host/build.ts';
import type { Host } from '../host/host.ts';
import { runSmall } from '../host/run-small.ts';

const BYTES = 4096;
const SMALL: Cell = {
  ...{ ipc: 'pipe', mode: '2proc', socketBuffers: false },
  ...{ bufferBytes: BYTES, totalBytes: BYTES },
};

/**
 * Lets a benchmark count once, so that a machine without counters is found out before the first run.
 * @returns the names of the counters that it prints
 * @throws UserError when it counts nothing there, HostLost when the host is lost
 */
export async function triedCounters(
  host: Host,
  path: string,
  set: CounterSet,
): Promise<readonly string[]> {
  const options = { bare: true, iterations: 1, rusage: false, counters: set };
  const { ok, end, stdout, stderr, reason } = await runSmall(host, {
    words: [path, ...benchmarkArguments(SMALL, options)],
  });
  const refuse = (why: string) =>
    new UserError(`benchmark.counters: ${path} cannot count ${set}${onHost(host)}: ${why}`, {
      hint:
        set === 'software'
          ? 'the bundled benchmark counts that set everywhere; or leave counters out'
          : 'counters: software needs no hardware (with the bundled benchmark); or leave counters out',
      exitCode: ExitCode.machine,
    });
  if (end.kind === 'exited' && end.exitCode === REFUSED_OPTION) {
    throw refuse(`it does not know -P ${set} (exit code ${REFUSED_OPTION})`);
  }
  const said = stderr
    .split('\n')
    .at(-1)
    ?.replace(/^.*\bFAIL: (-P \w+: )?/, '');
  if (!ok) throw refuse(said ? `${said} (${reason})` : reason);
  const output = readOutput(stdout, { iterations: 1, totalBytes: BYTES });
  if (output.state === 'unreadable') throw refuse(output.reason);
  const counters = output.samples[0]?.counters;
  if (!counters) throw refuse('its samples have no counters');
  return [...counters.keys()];
}
