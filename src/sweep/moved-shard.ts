import { ExitCode, UserError } from '../errors.ts';
import { captureEnvironment } from '../execute/environment.ts';
import type { Experiment } from '../experiment/read-experiment.ts';
import type { EnvironmentWarning } from '../host/machine/warnings.ts';
import { environmentFacts, environmentsOf } from '../store/environment-rows.ts';
import type { Db } from '../store/open.ts';
import { machinesOf } from '../store/sweep-hosts.ts';
import { sweepToContinue } from '../store/sweep-writer.ts';
import { firstHost, type Prepared } from './prepare.ts';
import type { PreparedHost } from './prepare-host.ts';

/** The facts that two nodes must share for one to go on with the other's shard. */
const ALIKE = ['os_name', 'os_release', 'architecture', 'cpu_model', 'cpu_count'] as const;

/**
 * Makes sure, before the spec replaces the stored one, that the shard which would be continued may go
 * on on this machine.
 * @throws UserError naming what differs, when it was started on a machine of another kind
 */
export async function requireShardMayMove(
  db: Db,
  { document }: Experiment,
  prepared: Prepared,
): Promise<void> {
  const known = sweepToContinue(db, document.name, prepared.identityAs);
  if (known !== undefined) await movedShard(db, known, firstHost(prepared));
}

/**
 * Lets another machine go on with a shard, because a cluster gives the shard of a lost node to
 * another one: to one of the same kind, and with a warning that is stored with the runs there.
 * @returns that warning; none where the shard's runs have all been made on this machine
 * @throws UserError naming what differs, when the machine is of another kind
 */
export async function movedShard(
  db: Db,
  sweepId: number,
  { host }: PreparedHost,
): Promise<readonly EnvironmentWarning[]> {
  const { hostname } = host.machine;
  const others = machinesOf(db, sweepId).filter((machine) => machine !== hostname);
  if (others.length === 0) return [];
  const here = await captureEnvironment(host, new Date(), '');
  const now: Readonly<Record<(typeof ALIKE)[number], string>> = {
    os_name: here.osName,
    os_release: here.osRelease,
    architecture: here.architecture,
    cpu_model: here.cpuModel,
    cpu_count: String(here.cpuCount),
  };
  for (const { id, machine } of environmentsOf(db, sweepId)) {
    if (!others.includes(machine)) continue;
    const before = environmentFacts(db, id);
    const differing = ALIKE.find((key) => before.get(key) !== now[key]);
    if (differing === undefined) continue;
    throw new UserError(
      `this shard was started on ${machine}, but ${hostname} is another kind of machine: its ${differing} is ${now[differing]}, not ${before.get(differing) ?? 'known'}`,
      {
        hint: 'go on there, or on a node like it (`slurm submit --sbatch=--nodelist=...` or `--constraint`); or make the shard anew: remove its database',
        exitCode: ExitCode.machine,
      },
    );
  }
  const message = `the shard has runs of ${others.join(', ')} and goes on here: the machines are of one kind, but medians mix runs of both`;
  return [{ code: 'shard-moved', message }];
}
