import { medianSyscalls } from '../analyse/counts.ts';
import { type Judgement, judge, type Miss } from '../analyse/expectations.ts';
import type { CellSummary } from '../analyse/summary.ts';
import { parseExpectation } from '../experiment/expectation.ts';
import { cellPipeStates, runSyscalls, type Selection } from '../store/cell-data.ts';
import type { Db } from '../store/open.ts';
import { expectationsOf, type SweepRow, stateBits } from '../store/reader.ts';
import { ofCell } from './columns.ts';
import { column, type Table, type TableDefinition, tableOf } from './table.ts';

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
    syscalls: medianSyscalls(runSyscalls(db, sweep.id, selection)),
    pipeStates: cellPipeStates(db, sweep.id, selection),
    stateBits: stateBits(db, sweep.id),
  });
}

interface ExpectationRow {
  readonly expectation: string;
  readonly miss: Miss | undefined;
}

export const EXPECTATIONS: TableDefinition<ExpectationRow> = {
  name: 'expectations',
  description:
    'A row for each expectation of the spec that all its cells fulfil, and one for each cell that does not fulfil one.',
  references: { cell: 'summary' },
  optional: true,
  columns: [
    column('expectation', 'string', (r) => r.expectation, 'as the spec has it', {
      required: true,
    }),
    column('fulfilled', 'boolean', (r) => r.miss === undefined, 'by all cells that it concerns', {
      required: true,
    }),
    ...ofCell<ExpectationRow>(
      (r) => r.miss?.cell,
      ({ description }) => ({
        required: false,
        description: `of the cell that does not fulfil it: ${description}`,
      }),
    ),
    column('found', 'string', (r) => r.miss?.found ?? null, 'what was found there'),
  ],
};

export function expectationTable(judged: readonly Judgement[]): Table {
  const rows = judged.flatMap(({ expectation, misses }): ExpectationRow[] =>
    misses.length === 0
      ? [{ expectation, miss: undefined }]
      : misses.map((miss) => ({ expectation, miss })),
  );
  return tableOf(EXPECTATIONS, () => rows, undefined);
}
