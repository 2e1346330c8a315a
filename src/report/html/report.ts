import type { Judgement } from '../../analyse/expectations.ts';
import type { CellSummary } from '../../analyse/summary.ts';
import { judgements } from '../../export/judgements.ts';
import { cellSummaries } from '../../export/summary-tables.ts';
import type { Table } from '../../export/table.ts';
import { sweepTables } from '../../export/tables.ts';
import type { Selection } from '../../store/cell-data.ts';
import type { Db } from '../../store/open.ts';
import { type Provenance, provenanceOf } from '../../store/provenance.ts';
import { type CellRow, cellsOf, type SweepRow } from '../../store/reader.ts';

/** The data that the sections of a report use. */
export interface Report {
  readonly db: Db;
  readonly sweep: SweepRow;
  readonly selection: Selection;
  readonly provenance: Provenance;
  readonly cells: readonly CellRow[];
  readonly summaries: readonly CellSummary[];
  readonly judged: readonly Judgement[];
  /** Returns one of the tables of the CSV files, by its name. */
  readonly table: (name: string) => Table;
}

export function reportOf(db: Db, sweep: SweepRow, selection: Selection): Report {
  const summaries = cellSummaries(db, sweep, selection);
  const judged = judgements(db, sweep, selection, summaries);
  const tables = new Map(
    sweepTables(db, sweep, selection, summaries, judged).map((table) => [table.name, table]),
  );
  return {
    ...{ db, sweep, selection, summaries, judged },
    provenance: provenanceOf(db, sweep.id),
    cells: cellsOf(db, sweep.id),
    table(name) {
      const found = tables.get(name);
      if (!found) throw new Error(`there is no table ${name}`);
      return found;
    },
  };
}
