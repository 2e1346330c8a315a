import type { Miss } from '../../analyse/expectations.ts';
import { ofCell } from '../../export/columns.ts';
import { column, type TableDefinition } from '../../export/table.ts';

/** The cells that do not fulfil an expectation; in the words of expectations.csv. */
export const MISSES: TableDefinition<Miss> = {
  name: 'misses',
  description: 'A row for each cell that does not fulfil it.',
  columns: [
    ...ofCell<Miss>((r) => r.cell),
    column('found', 'string', (r) => r.found, 'what was found there', { required: true }),
  ],
};
