import { medianSyscalls } from '../analyse/counts.ts';
import { type Judgement, judge, type Miss } from '../analyse/expectations.ts';
import type { CellSummary } from '../analyse/summary.ts';
import { parseExpectation } from '../spec/expectation.ts';
import { cellPipeStates, cellSyscalls, type Selection } from '../store/cell-data.ts';
import type { Db } from '../store/open.ts';
import { expectationsOf, type SweepRow, stateBits } from '../store/reader.ts';
import { CELL_COLUMNS, cellValues, OPTIONAL, type Table, table } from './table.ts';

/** What a sweep's spec expects, held against what the sweep has found. */
export function judgements(
  db: Db,
  sweep: SweepRow,
  selection: Selection,
  summaries: readonly CellSummary[],
): readonly Judgement[] {
  const expectations = expectationsOf(db, sweep.id).flatMap((text) => {
    const parsed = parseExpectation(text);
    return parsed.state === 'ok' ? [parsed.expectation] : [];
  });
  if (expectations.length === 0) return [];
  return judge(expectations, {
    summaries,
    syscalls: medianSyscalls(cellSyscalls(db, sweep.id, selection)),
    pipeStates: cellPipeStates(db, sweep.id, selection),
    stateBits: stateBits(db, sweep.id),
  });
}

/** One row for each expectation that all its cells fulfil, or for each cell that does not. */
export function expectationTable(judged: readonly Judgement[]): Table {
  const rows = judged.flatMap(({ expectation, misses }) => {
    const cells: readonly (Miss | undefined)[] = misses.length === 0 ? [undefined] : misses;
    return cells.map((miss) => ({ expectation, miss }));
  });
  return table(
    'expectations',
    ['expectation', 'fulfilled', ...CELL_COLUMNS, 'found'],
    () => rows,
    ({ expectation, miss }) => [
      expectation,
      miss === undefined,
      ...(miss ? cellValues(miss.cell) : CELL_COLUMNS.map(() => null)),
      miss?.found ?? null,
    ],
    OPTIONAL,
  );
}
