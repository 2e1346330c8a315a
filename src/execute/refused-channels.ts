import { REFUSED_OPTION } from '../benchmark/argv.ts';
import { AXIS, type Ipc } from '../experiment/axes.ts';
import type { Finished, Host } from '../host/host.ts';
import { systemEnvironment } from '../host/machine/sources.ts';
import { DESCRIBE_MS } from './environment.ts';
import { OUTPUT_LIMITS } from './one-run.ts';

/** A channel that a benchmark does not know. */
export interface RefusedChannel {
  readonly ipc: Ipc;
  /** The end of the benchmark, with its own words. */
  readonly said: string;
}

/**
 * Asks a benchmark for each channel whether it has it: older programs lack some. Nothing is run, and
 * a program that takes not even its own default channel here is not asked further.
 */
export async function refusedChannels(
  host: Host,
  path: string,
  channels: readonly Ipc[],
  abort: AbortSignal,
): Promise<readonly RefusedChannel[]> {
  const { option, defaultValue } = AXIS.ipc;
  const asked = (ipc: Ipc) =>
    host.run({
      words: [path, option, ipc, 'describe'],
      environment: systemEnvironment(host.machine),
      deadlineMs: DESCRIBE_MS,
      outputLimits: OUTPUT_LIMITS,
      lingerMs: 0,
      abort,
    });
  const others = channels.filter((ipc) => ipc !== defaultValue);
  if (others.length === 0 || isRefused(await asked(defaultValue))) return [];
  const refused: RefusedChannel[] = [];
  for (const ipc of others) {
    const answer = await asked(ipc);
    if (!isRefused(answer)) continue;
    const [line = ''] = answer.stderr.toString('utf8').trim().split('\n');
    refused.push({ ipc, said: `exit code ${REFUSED_OPTION}${line && `: ${line.slice(0, 200)}`}` });
  }
  return refused;
}

function isRefused({ end }: Finished): boolean {
  return end.kind === 'exited' && end.exitCode === REFUSED_OPTION;
}
