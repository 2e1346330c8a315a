import type { CellSummary } from '../../analyse/summary.ts';
import type { Selection } from '../../store/cell-data.ts';
import type { Db } from '../../store/open.ts';
import type { CellRow, SweepRow } from '../../store/reader.ts';
import type { Facts } from './thresholds.ts';

/** The data from which figures are made. */
export interface Sources {
  readonly db: Db;
  readonly sweep: SweepRow;
  readonly selection: Selection;
  readonly summaries: readonly CellSummary[];
  readonly facts: Facts;
}

/** The cells for which something was counted, in the order of the matrix. */
export function countedCells(
  { summaries }: Pick<Sources, 'summaries'>,
  rows: readonly { readonly cell: number }[],
): readonly CellRow[] {
  const counted = new Set(rows.map(({ cell }) => cell));
  return summaries.map(({ cell }) => cell).filter(({ cell }) => counted.has(cell));
}
