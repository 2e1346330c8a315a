import type { CellSummary } from '../../analyse/summary.ts';
import type { Selection } from '../../store/cell-data.ts';
import type { Db } from '../../store/open.ts';
import type { SweepRow } from '../../store/reader.ts';
import type { Facts } from './thresholds.ts';

/** What figures are made from. */
export interface Sources {
  readonly db: Db;
  readonly sweep: SweepRow;
  readonly selection: Selection;
  readonly summaries: readonly CellSummary[];
  readonly facts: Facts;
}
