import { cellKey } from '../experiment/cell.ts';
import type { Experiment } from '../experiment/read-experiment.ts';
import { assignCells } from '../plan/assign.ts';
import { runKey } from '../plan/identity.ts';
import type { PlannedRun } from '../plan/order.ts';
import { makePlan, type Plan, planOf } from '../plan/plan.ts';
import type { Db } from '../store/open.ts';
import { runHistory } from '../store/run-history.ts';
import { assignedHosts, assignHosts, cellsWithRuns } from '../store/sweep-hosts.ts';
import { cellsElsewhere } from '../store/sweep-shards.ts';
import { isTraced, type Prepared } from './prepare.ts';
import { type Refined, refine } from './refine.ts';

/** The remaining work of a sweep. */
export interface Decided {
  /** The plan for the cells that are made in this database. */
  readonly plan: Plan;
  /** The number of these cells. */
  readonly cells: number;
  /** The runs to make on a host, each chosen when its turn comes. */
  readonly runsOn: (host: string) => Iterable<PlannedRun>;
  readonly hostOf: (run: PlannedRun) => string;
  /** The number of cells whose runs belong to hosts that the spec no longer names, by host. */
  readonly elsewhere: ReadonlyMap<string, number>;
  /** Whether there is at least one run on a host that answers. */
  readonly any: boolean;
  /** The runs that are certain to be made. */
  readonly certain: readonly PlannedRun[];
  /** True if a run was not started because the sweep's time was used up. */
  readonly spent: () => boolean;
  /** The number of stored attempts at a run. */
  readonly attemptsBefore: (run: PlannedRun) => number;
  /** Whether a start without `onlyFailed` would find nothing left to do on any host. */
  readonly isComplete: () => boolean;
}

export interface DecideSetting {
  /** Whether to repeat only the runs that did not succeed. */
  readonly onlyFailed: boolean;
  readonly nowMs: () => number;
  /** Called when more runs have turned out to be needed on a host. */
  readonly onMore: (runs: readonly PlannedRun[], host: string) => void;
}

/** Compares the spec with what is stored. */
export function decide(
  db: Db,
  sweepId: number,
  experiment: Experiment,
  prepared: Prepared,
  { onlyFailed, nowMs, onMore }: DecideSetting,
): Decided {
  const { cells, document } = experiment;
  const traced = isTraced(prepared);
  const history = runHistory(db, sweepId);
  const otherShards = cellsElsewhere(db, sweepId);
  const isMadeHere = (cellIndex: number) => !otherShards.has(cellIndex + 1);
  const planWithout = (done: ReadonlySet<string>) =>
    planOf(makePlan(cells, document, { traced, done }), isMadeHere);
  const plan = planWithout(history.ended);
  const hostOf = hostsOfCells(db, sweepId, experiment);
  const failed = plan.runs.filter((run) => history.failed.has(runKey(run)));
  const refined = new Map<string, Refined & { readonly any: boolean }>();
  for (const { host } of prepared.hosts) {
    const here = (run: PlannedRun) => hostOf(run) === host.name;
    const { runs, spent } = onlyFailed
      ? { runs: failed.filter(here), spent: () => false }
      : refine(db, sweepId, {
          left: plan.left.filter(here),
          nowMs,
          onMore: (more) => onMore(more, host.name),
        });
    refined.set(host.name, { ...peeked(runs), spent });
  }
  const least = new Set(plan.least);
  const reachable = (run: PlannedRun) => refined.has(hostOf(run));
  const spent = () => [...refined.values()].some((each) => each.spent());
  const elsewhere = new Map<string, number>();
  for (const cellIndex of new Set(plan.left.map((run) => run.cellIndex))) {
    const host = hostOf({ cell: cells[cellIndex]! });
    if (!experiment.hosts.includes(host)) elsewhere.set(host, (elsewhere.get(host) ?? 0) + 1);
  }
  return {
    plan,
    cells: cells.length - otherShards.size,
    elsewhere,
    hostOf,
    runsOn: (host) => refined.get(host)?.runs ?? [],
    any: [...refined.values()].some(({ any }) => any),
    certain: (onlyFailed ? failed : plan.left.filter((run) => least.has(run))).filter(reachable),
    spent,
    attemptsBefore: (run) => history.attempts.get(runKey(run)) ?? 0,
    isComplete() {
      const { left } = planWithout(runHistory(db, sweepId).ended);
      const others = refine(db, sweepId, { left, nowMs, onMore: () => {} });
      return !peeked(others.runs).any && !others.spent();
    },
  };
}

/**
 * Returns the host of each run: the cell's own, or the one that it gets when cells are distributed.
 */
function hostsOfCells(db: Db, sweepId: number, { cells, hosts }: Experiment) {
  const withRuns = cellsWithRuns(db, sweepId);
  // A cell without runs may go to a different host than last time.
  const fixed = new Map([...assignedHosts(db, sweepId)].filter(([key]) => withRuns.has(key)));
  const assigned = assignCells(cells, hosts, fixed);
  assignHosts(
    db,
    sweepId,
    cells.map((cell, at) => [cell, assigned[at]!] as const),
  );
  const byKey = new Map(cells.map((cell, at) => [cellKey(cell), assigned[at]!]));
  return ({ cell }: Pick<PlannedRun, 'cell'>) => byKey.get(cellKey(cell))!;
}

/** Tells whether there is any run, and returns all of them, the first included. */
function peeked(runs: Iterable<PlannedRun>): { any: boolean; runs: Iterable<PlannedRun> } {
  const iterator = runs[Symbol.iterator]();
  const first = iterator.next();
  function* all(): Generator<PlannedRun> {
    for (let next = first; !next.done; next = iterator.next()) yield next.value;
  }
  return { any: !first.done, runs: all() };
}
