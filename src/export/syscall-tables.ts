import {
  medianSyscalls,
  type SyscallMedians,
  type SyscallSummary,
  summariseSyscalls,
} from '../analyse/counts.ts';
import { runSyscalls, type Selection } from '../store/cell-data.ts';
import type { Db } from '../store/open.ts';
import { type CellRow, cellsOf, type SweepRow } from '../store/reader.ts';
import { counted, OF_CELL, ofCell, ROLE } from './columns.ts';
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

interface SyscallOfCell {
  readonly cell: CellRow;
  readonly own: SyscallSummary;
}

const CALLS = counted('calls a run');

export const SYSCALLS_SUMMARY: TableDefinition<SyscallOfCell> = {
  name: 'syscalls_summary',
  description: 'A row for each system call of each role of a cell.',
  primaryKey: ['cell', 'role', 'syscall'],
  references: { cell: 'summary' },
  optional: true,
  columns: [
    ...ofCell<SyscallOfCell>((r) => r.cell),
    { ...ROLE, of: (r: SyscallOfCell) => r.own.role },
    column('syscall', 'string', (r) => r.own.syscall, 'its name', { required: true }),
    column('runs', 'integer', (r) => r.own.calls.n, 'traced runs', counted('runs')),
    column(
      'calls_median',
      'number',
      (r) => r.own.calls.median,
      'median over the runs; a run without the call counts as 0',
      CALLS,
    ),
    column('calls_q1', 'number', (r) => r.own.calls.q1, 'lower quartile', CALLS),
    column('calls_q3', 'number', (r) => r.own.calls.q3, 'upper quartile', CALLS),
    column('calls_min', 'number', (r) => r.own.calls.min, 'fewest', CALLS),
    column('calls_max', 'number', (r) => r.own.calls.max, 'most', CALLS),
    column(
      'deterministic',
      'boolean',
      (r) => r.own.deterministic,
      'every run made exactly as many',
      { required: true },
    ),
  ],
};

/** Tables of the system calls of a sweep's cells, with one column or one row per call. */
export function syscallTables(db: Db, sweep: SweepRow, selection: Selection): readonly Table[] {
  const cells = cellsOf(db, sweep.id);
  const cellOf = new Map(cells.map((cell) => [cell.cell, cell]));
  const rows = () => runSyscalls(db, sweep.id, selection);
  let known: readonly SyscallOfCell[] | undefined;
  const summaries = () => {
    known ??= summariseSyscalls(rows()).map((own) => ({ cell: cellOf.get(own.cell)!, own }));
    return known;
  };
  return [
    tableOf(SYSCALLS_WIDE, () => cells, medianSyscalls(rows())),
    tableOf(SYSCALLS_SUMMARY, summaries, undefined),
  ];
}
