import { medianSyscalls, type SyscallMedians } from '../analyse/counts.ts';
import { runSyscalls, type Selection } from '../store/cell-data.ts';
import type { Db } from '../store/open.ts';
import { type CellRow, cellsOf, type SweepRow } from '../store/reader.ts';
import { counted, OF_CELL } from './columns.ts';
import { column, type Table, type TableDefinition, tableOf } from './table.ts';

export const SYSCALLS_WIDE: TableDefinition<CellRow, SyscallMedians> = {
  name: 'syscalls_wide',
  description: 'A row for each cell, a column for each system call, for spreadsheets.',
  primaryKey: ['cell'],
  references: { cell: 'summary' },
  columns: [
    ...OF_CELL,
    column(
      'runs',
      'integer',
      ({ cell }, { byCell }) => byCell.get(cell)?.runs ?? 0,
      'traced runs from which the medians are made',
      counted('runs'),
    ),
    {
      family: 'one for each system call, by its name',
      names: ({ names }) => names,
      of: ({ cell }, { byCell }, at) => byCell.get(cell)?.medians[at] ?? null,
      type: 'number',
      unit: 'calls a run',
      minimum: 0,
      description: 'median over the runs, roles together; a run without the call counts as 0',
    },
  ],
};

/** The system calls of a sweep's cells, with a column for each call. */
export function syscallsWide(db: Db, sweep: SweepRow, selection: Selection): Table {
  const cells = cellsOf(db, sweep.id);
  return tableOf(SYSCALLS_WIDE, () => cells, medianSyscalls(runSyscalls(db, sweep.id, selection)));
}
