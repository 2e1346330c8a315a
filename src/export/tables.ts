import type { SweepResults } from '../results/sweep-results.ts';
import { countSummaryTables } from './count-summary-tables.ts';
import { countTables } from './count-tables.ts';
import { counterTables } from './counter-tables.ts';
import { doubtTable, withoutMissing } from './doubt-table.ts';
import { environmentTables } from './environment-tables.ts';
import { expectationTable } from './expectation-table.ts';
import { runTables } from './run-tables.ts';
import { scriptTables } from './script-tables.ts';
import { summaryTables } from './summary-tables.ts';
import type { Table } from './table.ts';

/** The tables of sweeps that somebody has asked for, as long as their results are in use. */
const known = new WeakMap<SweepResults, readonly Table[]>();

/** The tables of one sweep, in the order that suits a reader. They are made once. */
export function sweepTables(results: SweepResults): readonly Table[] {
  const tables = known.get(results) ?? tablesOf(results);
  known.set(results, tables);
  return tables;
}

/** Returns one of the tables of a sweep, by its name. */
export function sweepTable(results: SweepResults, name: string): Table {
  const found = sweepTables(results).find((table) => table.name === name);
  if (!found) throw new Error(`there is no table ${name}`);
  return found;
}

function tablesOf(results: SweepResults): readonly Table[] {
  const { db, sweep, selection, summaries, stateNames: names } = results;
  const tables = [
    ...summaryTables(db, sweep, selection, summaries),
    ...countSummaryTables(db, sweep, selection, names),
    expectationTable(results.judged),
    doubtTable(results.doubts),
    ...runTables(db, sweep),
    ...counterTables(db, sweep, selection),
    ...countTables(db, sweep, names),
    ...scriptTables(db, sweep, names),
    ...environmentTables(db, sweep.id),
  ];
  return withoutMissing(tables, results.missing);
}
