import type { Selection } from '../store/cell-data.ts';
import { missingOf } from '../store/missing.ts';
import type { Db } from '../store/open.ts';
import { type SweepRow, stateBits } from '../store/reader.ts';
import { stateNames } from '../trace/pipe-state-bits.ts';
import { countSummaryTables } from './count-summary-tables.ts';
import { countTables } from './count-tables.ts';
import { counterTables } from './counter-tables.ts';
import { doubtTable, withoutMissing } from './doubt-table.ts';
import { environmentTables } from './environment-tables.ts';
import { expectationTable, judgements } from './judgements.ts';
import { runTables } from './run-tables.ts';
import { scriptTables } from './script-tables.ts';
import { cellSummaries, summaryTables } from './summary-tables.ts';
import type { Table } from './table.ts';

/** The tables of one sweep, in the order that suits a reader. */
export function sweepTables(
  db: Db,
  sweep: SweepRow,
  selection: Selection,
  summaries = cellSummaries(db, sweep, selection),
  judged = judgements(db, sweep, selection, summaries),
): readonly Table[] {
  const bits = stateBits(db, sweep.id);
  // The same state occurs in many rows.
  const known = new Map<number, string>();
  const names = (state: number) => {
    const name = known.get(state) ?? stateNames(state, bits);
    known.set(state, name);
    return name;
  };
  const tables = [
    ...summaryTables(db, sweep, selection, summaries),
    ...countSummaryTables(db, sweep, selection, names),
    expectationTable(judged),
    doubtTable(db, sweep.id, summaries),
    ...runTables(db, sweep),
    ...counterTables(db, sweep, selection),
    ...countTables(db, sweep, names),
    ...scriptTables(db, sweep, names),
    ...environmentTables(db, sweep.id),
  ];
  return withoutMissing(tables, missingOf(db, sweep.id));
}
