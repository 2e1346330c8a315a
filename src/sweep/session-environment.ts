import { benchmarkFacts, captureEnvironment } from '../execute/environment.ts';
import { type RefusedChannel, refusedChannels } from '../execute/refused-channels.ts';
import { AXIS, type Ipc } from '../experiment/axes.ts';
import { currentUser } from '../host/machine/git-state.ts';
import { machineFacts } from '../host/machine/machine-facts.ts';
import { sourcesOf } from '../host/machine/sources.ts';
import { type EnvironmentWarning, environmentWarnings } from '../host/machine/warnings.ts';
import { recordEnvironment } from '../store/environment-writer.ts';
import type { Db } from '../store/open.ts';
import type { PreparedHost } from './prepare-host.ts';

export interface Session {
  readonly specFile: string;
  readonly prepared: PreparedHost;
  /** The channels of the cells. */
  readonly channels: readonly Ipc[];
  /** The settings made by `--tune`. */
  readonly tuned: ReadonlyMap<string, string>;
  /** Warnings in addition to those that follow from the facts. */
  readonly warnings: readonly EnvironmentWarning[];
  readonly abort: AbortSignal;
}

/**
 * Stores the environment of a host before the first run of a session.
 * @returns the environment's id, to which every run refers, and warnings about its figures
 */
export async function recordSession(
  db: Db,
  sweepId: number,
  { specFile, prepared, channels, tuned, warnings: given, abort }: Session,
): Promise<{
  readonly environmentId: number;
  readonly warnings: readonly EnvironmentWarning[];
}> {
  const { host, programs, chosen } = prepared;
  const environment = await captureEnvironment(host, new Date(), chosen?.version ?? '');
  // The spec is on this machine, wherever it is run.
  const user = currentUser(process.env, process.geteuid?.());
  const machine = await machineFacts(sourcesOf(host), specFile, user);
  const described: Described[] = [];
  for (const [name, { path }] of programs) {
    const known = await benchmarkFacts(host, path, abort);
    const refused = await refusedChannels(host, path, channels, abort);
    described.push({ name, ...known, refused });
  }
  const warnings = [
    ...given,
    ...environmentWarnings(machine, {
      oneMinute: environment.load1min,
      processors: environment.cpuCount,
    }),
    ...silentBenchmarks(described),
    ...described.flatMap(channelWarnings),
  ];
  // A benchmark may choose any names for its facts; ours take precedence, then those of the first
  // one.
  const facts = new Map([
    ...described
      .toReversed()
      .flatMap((each) => each.facts.map(({ key, value }) => [key, value] as const)),
    ...machine,
    ...tuned,
  ]);
  const environmentId = recordEnvironment(
    db,
    sweepId,
    environment,
    [...facts].map(([key, value]) => ({ key, value })),
    warnings,
  );
  return { environmentId, warnings };
}

interface Described extends Awaited<ReturnType<typeof benchmarkFacts>> {
  /** The program's name; empty if there is only one. */
  readonly name: string;
  readonly refused: readonly RefusedChannel[];
}

function channelWarnings({ name, refused }: Described): readonly EnvironmentWarning[] {
  return refused.map(({ ipc, said }) => ({
    code: 'channel-refused',
    message: `${name === '' ? 'the benchmark' : name} refuses ${AXIS.ipc.option} ${ipc} (${said}): all runs of these cells will fail; leave the channel out, or name a program that has it`,
  }));
}

function silentBenchmarks(described: readonly Described[]): readonly EnvironmentWarning[] {
  const silent = described.filter(({ unread }) => unread !== undefined);
  if (silent.length === 0) return [];
  const who = silent.map(({ name }) => (name === '' ? 'the benchmark' : name)).join(' and ');
  const knows = silent.length === 1 ? 'knows' : 'know';
  const why = silent.map(({ unread }) => unread).join('; ');
  const message = `what ${who} ${knows} about this machine is not stored, because its \`describe\` fails: ${why}`;
  return [{ code: 'describe-failed', message }];
}
