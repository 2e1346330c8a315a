import { bandwidthsByCell, bandwidthsOf, quotedRuns } from '../analyse/bandwidths.ts';
import { precisionOf } from '../analyse/precision.ts';
import { describeBandwidth } from '../analyse/summary.ts';
import type { PlannedRun } from '../plan/order.ts';
import { type CellPrecision, cellsToRefine, refinedRuns } from '../plan/stopping.ts';
import { cellBandwidths, cellSeconds, secondsInRuns } from '../store/cell-data.ts';
import type { Db } from '../store/open.ts';
import { chooseSweep, secondsSpent } from '../store/reader.ts';
import { setPlannedRuns } from '../store/sweep-writer.ts';

/** The runs that a sweep still needs, each chosen when its turn comes. */
export interface Refined {
  readonly runs: Iterable<PlannedRun>;
  /** True: some run was not started because the sweep's time was used up. */
  readonly spent: () => boolean;
}

export interface RefineSetting {
  readonly left: readonly PlannedRun[];
  readonly nowMs: () => number;
  /** More runs have turned out to be needed. */
  readonly onMore: (runs: number) => void;
}

/**
 * Lets a sweep go on until each cell is known well enough, or the budget is spent. What is known is
 * read from the database before each further block: that is what a resume would find, too.
 */
export function refine(db: Db, sweepId: number, { left, nowMs, onMore }: RefineSetting): Refined {
  const sweep = chooseSweep(db, String(sweepId));
  const began = nowMs();
  const before = secondsSpent(db, sweepId);
  const secondsLeft = () =>
    sweep.budget_ms === null
      ? Number.POSITIVE_INFINITY
      : sweep.budget_ms / 1000 - before - (nowMs() - began) / 1000;
  let planned = sweep.planned_runs;
  let spent = false;

  const choose = (cellIndexes: ReadonlySet<number>): ReadonlySet<number> => {
    if (sweep.relative_ci === null) return cellIndexes;
    const bandwidths = bandwidthsByCell(cellBandwidths(db, sweepId, { suspect: false }));
    const seconds = cellSeconds(db, sweepId);
    // Attaching, collecting and storing take their time as well.
    const overhead = secondsSpent(db, sweepId) / secondsInRuns(db, sweepId);
    const cells = new Map<number, CellPrecision>();
    for (const index of cellIndexes) {
      const runs = quotedRuns(bandwidthsOf(bandwidths, index + 1), sweep);
      const precision = precisionOf(describeBandwidth(runs, sweep.seed), sweep);
      cells.set(index, {
        relativeHalfWidth: precision?.relativeHalfWidth,
        secondsPerTrial: (seconds.get(index + 1) ?? 0) * overhead,
      });
    }
    const chosen = cellsToRefine(cells, sweep.relative_ci, Number.POSITIVE_INFINITY);
    const affordable = cellsToRefine(cells, sweep.relative_ci, secondsLeft());
    if (affordable.size < chosen.size) spent = true;
    return affordable;
  };
  const onBlock = (runs: number) => {
    planned += runs;
    setPlannedRuns(db, sweepId, planned);
    onMore(runs);
  };
  const leastTrials = sweep.warmup + sweep.trials_min;
  const all = refinedRuns(left, { leastTrials, choose, onBlock });
  function* withinBudget(): Generator<PlannedRun> {
    for (const run of all) {
      if (secondsLeft() <= 0) {
        spent = true;
        return;
      }
      yield run;
    }
  }
  return { runs: withinBudget(), spent: () => spent };
}
