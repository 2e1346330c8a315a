import { advice, type TrialCost } from '../analyse/advice.ts';
import type { CellSummary } from '../analyse/summary.ts';
import { sleepSeconds } from '../plan/estimate.ts';
import { runCosts } from '../store/cell-data.ts';
import type { Db } from '../store/open.ts';
import { cellOf, type SweepRow } from '../store/reader.ts';

/**
 * Advises how to measure the cells of a sweep better, or in less time: see src/analyse/advice.ts.
 * There is no advice before it has ended, nor for an import, which cannot be run again.
 */
export function sweepAdvice(
  db: Db,
  sweep: SweepRow,
  summaries: readonly CellSummary[],
): readonly string[] {
  if (sweep.state !== 'ended' || sweep.run_order === 'imported') return [];
  return advice(summaries, trialCosts(db, sweep, summaries), {
    iterations: sweep.iterations,
    trials: sweep.trials_max,
    relativeCi: sweep.relative_ci,
  });
}

function trialCosts(
  db: Db,
  sweep: SweepRow,
  summaries: readonly CellSummary[],
): ReadonlyMap<number, TrialCost> {
  const rows = new Map(summaries.map(({ cell }) => [cell.cell, cell]));
  const costs = new Map<number, TrialCost>();
  for (const { cell, wall_ns: wallNs, elapsed_ns: elapsedNs } of runCosts(db, sweep.id)) {
    const row = rows.get(cell);
    if (row === undefined) continue;
    const { iterations } = sweep;
    const seconds = wallNs / 1e9;
    const elapsed = elapsedNs / 1e9;
    // If the benchmark does not sleep, the run is too short to contain the sleep.
    const slept = sleepSeconds({ cell: cellOf(row), iterations, bare: sweep.bare === 1 });
    const asleep = iterations * (elapsed + slept) <= seconds ? slept : 0;
    const own = costs.get(cell) ?? { seconds: 0, secondsPerIteration: 0 };
    costs.set(cell, {
      seconds: own.seconds + seconds,
      secondsPerIteration: own.secondsPerIteration + elapsed + asleep,
    });
  }
  return costs;
}
