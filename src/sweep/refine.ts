import { bandwidthsByCell, bandwidthsOf, quotedRuns, runMedians } from '../analyse/bandwidths.ts';
import { relativeHalfWidth } from '../analyse/interval.ts';
import { medianInterval } from '../analyse/median-interval.ts';
import { median } from '../analyse/statistics.ts';
import type { PlannedRun } from '../plan/order.ts';
import { type CellPrecision, cellsToRefine, decisionTrial, refinedRuns } from '../plan/stopping.ts';
import { activeMs } from '../store/active-time.ts';
import { bandwidthsBefore, secondsInRuns, secondsPerTrial } from '../store/cell-data.ts';
import type { Db } from '../store/open.ts';
import { sweepById } from '../store/reader.ts';
import { addPlannedRuns } from '../store/sweep-writer.ts';

/** The runs that a sweep still needs, each chosen when its turn comes. */
export interface Refined {
  readonly runs: Iterable<PlannedRun>;
  /** True: some run was not started because the sweep's time was used up. */
  readonly spent: () => boolean;
}

export interface RefineSetting {
  readonly left: readonly PlannedRun[];
  /** A clock that nobody sets. */
  readonly nowMs: () => number;
  /** More runs have turned out to be needed. */
  readonly onMore: (runs: number) => void;
}

/**
 * Lets a sweep go on until each cell is known well enough, or the budget is spent. What is known is
 * read from the database before each further block: that is what a resume would find, too.
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

  // Attaching, collecting and storing take their time as well; by now it is known how much.
  let overhead: number | undefined;
  const secondsOf = (cell: number) => {
    overhead ??= activeMs(db, sweepId) / 1000 / secondsInRuns(db, sweepId);
    return overhead * secondsPerTrial(db, sweepId, cell);
  };
  // Cells that get no more trials: nothing of what they are judged by changes any more.
  const settled = new Set<number>();
  /** How well each of the others is known, and before which trial that was found. */
  const known = new Map<number, CellPrecision & { readonly trial: number }>();
  const leastTrials = sweep.warmup + sweep.trials_min;
  const choose = (cellIndexes: ReadonlySet<number>, trial: number): ReadonlySet<number> => {
    if (relativeCi === null) return cellIndexes;
    const decided = decisionTrial(trial, leastTrials + 1);
    const cells = new Map<number, CellPrecision>();
    for (const index of cellIndexes) {
      if (settled.has(index)) continue;
      const earlier = known.get(index);
      if (earlier?.trial === decided) {
        cells.set(index, earlier);
        continue;
      }
      // Of earlier trials alone: a resume in the middle of a block finds what its start has found.
      const rows = bandwidthsBefore(db, sweepId, index + 1, decided);
      const runs = quotedRuns(bandwidthsOf(bandwidthsByCell(rows), index + 1), sweep);
      const values = runMedians(runs);
      const interval = medianInterval(values);
      const width = interval && relativeHalfWidth(median(values), interval);
      if (width !== undefined && width > relativeCi) {
        const seconds = sweep.budget_ms === null ? 0 : secondsOf(index + 1);
        const found = { relativeHalfWidth: width, secondsPerTrial: seconds, trial: decided };
        known.set(index, found);
        cells.set(index, found);
      } else settled.add(index);
    }
    if (cells.size === 0) return new Set();
    const chosen = cellsToRefine(cells, relativeCi, secondsLeft());
    if (chosen.size < cells.size) spent = true;
    // There is only less time later.
    if (chosen.size === 0) for (const index of cells.keys()) settled.add(index);
    return chosen;
  };
  const onBlock = (runs: number) => {
    addPlannedRuns(db, sweepId, runs);
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
