import type { Judgement, Miss } from '../analyse/expectations.ts';
import { ofCell } from './columns.ts';
import { column, type Table, type TableDefinition, tableOf } from './table.ts';

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
