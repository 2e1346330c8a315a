import { type CalledFor, trialsCalledFor } from '../analyse/trials-called-for.ts';
import type { PlannedRun } from '../plan/order.ts';
import { cellsToRefine, refinedRuns, type UnfinishedCell } from '../plan/stopping.ts';
import { activeMs } from '../store/active-time.ts';
import { bandwidthsBefore, secondsInRuns, secondsPerTrial } from '../store/cell-data.ts';
import type { Db } from '../store/open.ts';
import { sweepById } from '../store/reader.ts';
import { addPlannedRuns } from '../store/sweep-writer.ts';

/** The runs that a sweep still needs, each chosen when its turn comes. */
export interface Refined {
  readonly runs: Iterable<PlannedRun>;
  /** True if some run was not started because the sweep's time was used up. */
  readonly spent: () => boolean;
}

export interface RefineSetting {
  readonly left: readonly PlannedRun[];
  /** A monotonic clock. */
  readonly nowMs: () => number;
  /** Called when more runs have turned out to be needed. */
  readonly onMore: (runs: readonly PlannedRun[]) => void;
}

/**
 * Continues a sweep until each cell has as many trials as its own values call for, or the budget is
 * spent. The values are read from the database, so that a resumed sweep finds the same.
 */
export function refine(db: Db, sweepId: number, { left, nowMs, onMore }: RefineSetting): Refined {
  const sweep = sweepById(db, sweepId);
  const { relative_ci: relativeCi } = sweep;
  const began = nowMs();
  const before = activeMs(db, sweepId) / 1000;
  const secondsLeft = () =>
    sweep.budget_ms === null
      ? Number.POSITIVE_INFINITY
      : sweep.budget_ms / 1000 - before - (nowMs() - began) / 1000;
  let spent = false;

  // Attaching, collecting and storing also take time; by now it is known how much.
  let overhead: number | undefined;
  const secondsOf = (cell: number) => {
    overhead ??= activeMs(db, sweepId) / 1000 / secondsInRuns(db, sweepId);
    return overhead * secondsPerTrial(db, sweepId, cell);
  };
  // Cells that get no more trials.
  const settled = new Set<number>();
  /** The result of the last look at each cell. */
  const known = new Map<number, CalledFor>();
  const leastTrials = sweep.warmup + sweep.trials_min;
  const choose = (cellIndexes: ReadonlySet<number>, trial: number): ReadonlySet<number> => {
    if (relativeCi === null) return cellIndexes;
    const counted = trial - sweep.warmup;
    const cells = new Map<number, UnfinishedCell>();
    for (const index of cellIndexes) {
      if (settled.has(index)) continue;
      const cell = index + 1;
      let called = known.get(index);
      if (called === undefined || called.trials < counted) {
        // Uses only earlier trials, so that a sweep resumed in the middle of a block gets the same
        // result as at the block's start.
        const rowsBefore = (first: number) => bandwidthsBefore(db, sweepId, cell, first);
        const asked = { ...sweep, relative_ci: relativeCi };
        called = trialsCalledFor(rowsBefore, cell, asked, counted - 1);
        known.set(index, called);
      }
      const { trials, relativeHalfWidth } = called;
      if (relativeHalfWidth === undefined || trials < counted) settled.add(index);
      else {
        const secondsPerTrial = sweep.budget_ms === null ? 0 : secondsOf(cell);
        cells.set(index, { relativeHalfWidth, secondsPerTrial });
      }
    }
    if (cells.size === 0) return new Set();
    const chosen = cellsToRefine(cells, secondsLeft());
    if (chosen.size < cells.size) spent = true;
    // Later there is only less time.
    if (chosen.size === 0) for (const index of cells.keys()) settled.add(index);
    return chosen;
  };
  const onBlock = (runs: readonly PlannedRun[]) => {
    addPlannedRuns(db, sweepId, runs.length);
    onMore(runs);
  };
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
