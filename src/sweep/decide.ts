import type { Experiment } from '../experiment/load.ts';
import { runKey } from '../plan/identity.ts';
import type { PlannedRun } from '../plan/order.ts';
import { makePlan, type Plan } from '../plan/plan.ts';
import type { Db } from '../store/open.ts';
import { runHistory } from '../store/run-history.ts';
import { isTraced, type Prepared } from './prepare.ts';
import { refine } from './refine.ts';

/** What is left to do of a sweep. */
export interface Decided {
  readonly plan: Plan;
  /** Runs to make, each chosen when its turn comes. */
  readonly runs: Iterable<PlannedRun>;
  /** Whether there is at least one. */
  readonly any: boolean;
  /** Those that are certain to be made. */
  readonly certain: readonly PlannedRun[];
  /** True: a run was not started because the sweep's time was used up. */
  readonly spent: () => boolean;
  /** Attempts that are stored of a run. */
  readonly attemptsBefore: (run: PlannedRun) => number;
  /** Whether nothing is left that a start without `onlyFailed` would make. */
  readonly isComplete: () => boolean;
}

export interface DecideSetting {
  /** Repeat the runs that did not succeed, and no others. */
  readonly onlyFailed: boolean;
  readonly nowMs: () => number;
  /** More runs have turned out to be needed. */
  readonly onMore: (runs: number) => void;
}

/** Holds the spec against what is stored. */
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
  const plan = makePlan(cells, document, { traced, done: history.ended });
  const failed = plan.runs.filter((run) => history.failed.has(runKey(run)));
  const refined = onlyFailed
    ? { runs: failed, spent: () => false }
    : refine(db, sweepId, { left: plan.left, nowMs, onMore });
  const { any, runs } = peeked(refined.runs);
  const least = new Set(plan.least);
  return {
    plan,
    runs,
    any,
    certain: onlyFailed ? failed : plan.left.filter((run) => least.has(run)),
    spent: refined.spent,
    attemptsBefore: (run) => history.attempts.get(runKey(run)) ?? 0,
    isComplete() {
      if (!onlyFailed && !any) return !refined.spent();
      const { ended: done } = runHistory(db, sweepId);
      const { left } = makePlan(cells, document, { traced, done });
      const others = refine(db, sweepId, { left, nowMs, onMore: () => {} });
      return !peeked(others.runs).any && !others.spent();
    },
  };
}

/** Whether there is any run, found out without losing the first. */
function peeked(runs: Iterable<PlannedRun>): { any: boolean; runs: Iterable<PlannedRun> } {
  const iterator = runs[Symbol.iterator]();
  const first = iterator.next();
  function* all(): Generator<PlannedRun> {
    for (let next = first; !next.done; next = iterator.next()) yield next.value;
  }
  return { any: !first.done, runs: all() };
}
