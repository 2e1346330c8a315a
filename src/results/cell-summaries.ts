import { bandwidthsInTurn } from '../analyse/bandwidths.ts';
import { type CellSummary, summarise } from '../analyse/summary.ts';
import { trialsCalledFor } from '../analyse/trials-called-for.ts';
import {
  bandwidthsBefore,
  cellBandwidths,
  cellStateCounts,
  type Selection,
} from '../store/cell-data.ts';
import type { Db } from '../store/open.ts';
import { cellsOf, type SweepRow } from '../store/reader.ts';

/** Sums up the cells of a sweep. */
export function cellSummaries(
  db: Db,
  sweep: SweepRow,
  selection: Selection,
): readonly CellSummary[] {
  const calledFor = (cell: number, made: number) => {
    const { relative_ci: asked } = sweep;
    if (asked === null) return sweep.trials_max;
    const rowsBefore = (trial: number) => bandwidthsBefore(db, sweep.id, cell, trial);
    return trialsCalledFor(rowsBefore, cell, { ...sweep, relative_ci: asked }, made).trials;
  };
  return summarise(
    sweep,
    cellsOf(db, sweep.id),
    bandwidthsInTurn(cellBandwidths(db, sweep.id, selection)),
    cellStateCounts(db, sweep.id),
    calledFor,
  );
}
