import { benchmarkFacts, captureEnvironment } from '../execute/environment.ts';
import type { Guard } from '../host/guard.ts';
import { currentUser } from '../host/machine/git-state.ts';
import { machineFacts } from '../host/machine/machine-facts.ts';
import { THIS_MACHINE } from '../host/machine/sources.ts';
import { type EnvironmentWarning, environmentWarnings } from '../host/machine/warnings.ts';
import { recordEnvironment } from '../store/environment-writer.ts';
import type { Db } from '../store/open.ts';

export interface Session {
  readonly specFile: string;
  readonly benchmarkPath: string;
  /** Empty when untraced. */
  readonly tracerVersion: string;
  /** What `--tune` has set. */
  readonly tuned: ReadonlyMap<string, string>;
  /** Besides those that follow from the facts. */
  readonly warnings: readonly EnvironmentWarning[];
  readonly guard: Guard;
  readonly abort: AbortSignal;
}

/**
 * Stores what this machine is before the first run of a session.
 * @returns the environment's id, which every run names, and what harms its figures
 */
export async function recordSession(
  db: Db,
  sweepId: number,
  session: Session,
): Promise<{
  readonly environmentId: number;
  readonly warnings: readonly EnvironmentWarning[];
}> {
  const environment = captureEnvironment(new Date(), session.tracerVersion);
  const user = currentUser(process.env, process.geteuid?.());
  const machine = await machineFacts(THIS_MACHINE, session.specFile, user);
  const described = await benchmarkFacts(session.benchmarkPath, session);
  const load = { oneMinute: environment.load1min, processors: environment.cpuCount };
  const warnings = [...session.warnings, ...environmentWarnings(machine, load)];
  // A benchmark may name its facts as it likes; ours stand.
  const facts = new Map([
    ...described.map(({ key, value }) => [key, value] as const),
    ...machine,
    ...session.tuned,
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
