import { type SweepDoubt, sumUpDoubts } from '../analyse/doubts.ts';
import type { Judgement } from '../analyse/expectations.ts';
import type { CellSummary } from '../analyse/summary.ts';
import type { Selection } from '../store/cell-data.ts';
import { doubtRows } from '../store/doubt-rows.ts';
import type { Db } from '../store/open.ts';
import { type Provenance, provenanceOf } from '../store/provenance.ts';
import { type CellRow, cellsOf, type SweepRow } from '../store/reader.ts';
import { judgements } from './judgements.ts';
import { cellSummaries } from './summary-tables.ts';
import { sweepAdvice } from './sweep-advice.ts';
import type { Table } from './table.ts';
import { sweepTables } from './tables.ts';

/**
 * Everything that a sweep has found, for the terminal, the report, the tables and JSON alike. Each
 * part is computed when it is first asked for, and then kept.
 */
export interface SweepResults {
  readonly db: Db;
  readonly sweep: SweepRow;
  readonly selection: Selection;
  readonly provenance: Provenance;
  readonly cells: readonly CellRow[];
  readonly summaries: readonly CellSummary[];
  readonly judged: readonly Judgement[];
  /** Doubts, those about the values of cells included; the most harmful first. */
  readonly doubts: readonly SweepDoubt[];
  /** How to measure better, or in less time; one sentence each, without a full stop. */
  readonly advice: readonly string[];
  readonly tables: readonly Table[];
  /** Returns one of the tables, by its name. */
  readonly table: (name: string) => Table;
}

export function sweepResults(db: Db, sweep: SweepRow, selection: Selection): SweepResults {
  const provenance = once(() => provenanceOf(db, sweep.id));
  const cells = once(() => cellsOf(db, sweep.id));
  const summaries = once(() => cellSummaries(db, sweep, selection));
  const judged = once(() => judgements(db, sweep, selection, summaries()));
  const doubts = once(() => sumUpDoubts(doubtRows(db, sweep.id), summaries()));
  const advice = once(() => sweepAdvice(db, sweep, summaries()));
  const tables = once(() => sweepTables(db, sweep, selection, summaries(), judged()));
  return {
    ...{ db, sweep, selection },
    get provenance() {
      return provenance();
    },
    get cells() {
      return cells();
    },
    get summaries() {
      return summaries();
    },
    get judged() {
      return judged();
    },
    get doubts() {
      return doubts();
    },
    get advice() {
      return advice();
    },
    get tables() {
      return tables();
    },
    table(name) {
      const found = tables().find((table) => table.name === name);
      if (!found) throw new Error(`there is no table ${name}`);
      return found;
    },
  };
}

/** Makes a value at the first call, and returns the same at every later one. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
