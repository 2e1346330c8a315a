import { benchmarkFacts, captureEnvironment } from '../execute/environment.ts';
import type { Guard } from '../host/guard.ts';
import { currentUser } from '../host/machine/git-state.ts';
import { machineFacts } from '../host/machine/machine-facts.ts';
import { THIS_MACHINE } from '../host/machine/sources.ts';
import { type EnvironmentWarning, environmentWarnings } from '../host/machine/warnings.ts';
import { recordEnvironment } from '../store/environment-writer.ts';
import type { Db } from '../store/open.ts';
import { printable } from './terminal.ts';

const SHOWN_WARNINGS = 5;

export interface Session {
  readonly specFile: string;
  readonly benchmarkPath: string;
  /** Empty when untraced. */
  readonly tracerVersion: string;
  /** What `--tune` has set. */
  readonly tuned: ReadonlyMap<string, string>;
  readonly guard: Guard;
  readonly abort: AbortSignal;
}

/**
 * Stores what this machine is before the first run of a session, and says what harms its figures.
 * @returns the environment's id, which every run names
 */
export async function recordSession(
  db: Db,
  sweepId: number,
  session: Session,
  say: (line: string) => void,
): Promise<number> {
  const environment = captureEnvironment(new Date(), session.tracerVersion);
  const user = currentUser(process.env, process.geteuid?.());
  const machine = await machineFacts(THIS_MACHINE, session.specFile, user);
  const described = await benchmarkFacts(session.benchmarkPath, session);
  const warnings = [
    ...environmentWarnings(machine, {
      oneMinute: environment.load1min,
      processors: environment.cpuCount,
    }),
    ...silentBenchmark(described.unread),
  ];
  // A benchmark may name its facts as it likes; ours stand.
  const facts = new Map([
    ...described.facts.map(({ key, value }) => [key, value] as const),
    ...machine,
    ...session.tuned,
  ]);
  for (const line of warningLines(warnings)) say(line);
  return recordEnvironment(
    db,
    sweepId,
    environment,
    [...facts].map(([key, value]) => ({ key, value })),
    warnings,
  );
}

function silentBenchmark(unread: string | undefined): readonly EnvironmentWarning[] {
  if (unread === undefined) return [];
  const message = `what the benchmark knows of this machine is not stored, for \`describe\` fails: ${printable(unread)}`;
  return [{ code: 'describe-failed', message }];
}

/** At most so many; the rest is counted. */
export function warningLines(warnings: readonly EnvironmentWarning[]): readonly string[] {
  const rest = warnings.length - SHOWN_WARNINGS;
  return [
    ...warnings.slice(0, SHOWN_WARNINGS).map(({ code, message }) => `${code}: ${message}`),
    ...(rest > 0 ? [`and ${rest} more: \`ipc-sweep doctor\` lists them`] : []),
  ];
}
