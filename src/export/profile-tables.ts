import type { Selection } from '../store/cell-data.ts';
import type { Db } from '../store/open.ts';
import { cellProfiles } from '../store/profiles.ts';
import { type CellRow, cellsOf, type SweepRow } from '../store/reader.ts';
import { counted, ofCell, ROLE } from './columns.ts';
import { column, type Table, type TableDefinition, tableOf } from './table.ts';

interface StackOfCell {
  readonly cell: CellRow;
  readonly role: string;
  readonly runs: number;
  readonly stack: string;
  readonly count: number;
  /** The samples of all stacks of the role. */
  readonly all: number;
}

export const PROFILE_SUMMARY: TableDefinition<StackOfCell> = {
  name: 'profile_summary',
  description:
    'Instrument `profile`: a row for each stack of each role of a cell, over all its runs.',
  primaryKey: ['cell', 'role', 'stack'],
  references: { cell: 'summary' },
  optional: true,
  columns: [
    ...ofCell<StackOfCell>((r) => r.cell),
    { ...ROLE, of: (r: StackOfCell) => r.role, description: 'whose samples they are' },
    column(
      'stack',
      'string',
      (r) => r.stack,
      'functions from the outermost to the running one, separated by `;`',
      { required: true },
    ),
    column(
      'runs',
      'integer',
      (r) => r.runs,
      'traced runs, also those without a sample',
      counted('runs'),
    ),
    column('samples', 'integer', (r) => r.count, 'that found this stack', counted('samples')),
    column('share', 'number', (r) => r.count / r.all, 'of all samples of the role', {
      unit: 'share',
      minimum: 0,
      required: true,
    }),
  ],
};

/** The table of the stacks of a sweep's cells, from which flame graphs are drawn. */
export function profileTables(db: Db, sweep: SweepRow, selection: Selection): readonly Table[] {
  return [tableOf(PROFILE_SUMMARY, () => stacksOfCells(db, sweep, selection), undefined)];
}

function* stacksOfCells(
  db: Db,
  { id }: SweepRow,
  selection: Selection,
): IterableIterator<StackOfCell> {
  const cellOf = new Map(cellsOf(db, id).map((cell) => [cell.cell, cell]));
  for (const { cell: number, role, runs, stacks } of cellProfiles(db, id, selection)) {
    const cell = cellOf.get(number);
    if (!cell) continue;
    const all = stacks.reduce((sum, { count }) => sum + count, 0);
    for (const { stack, count } of stacks) yield { cell, role, runs, stack, count, all };
  }
}
