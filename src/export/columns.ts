import type { RunState } from '../execute/outcome.ts';
import { AXES_IN_TABLES, AXIS, type AxisColumn, type AxisName } from '../experiment/axes.ts';
import type { Operation, Role } from '../instruments/instrument.ts';
import { axisOf, type CellRow } from '../store/reader.ts';
import type { OfRun } from '../store/run-rows.ts';
import { type ColumnOf, column, type Value } from './table.ts';

/** Columns that occur in several tables, described in the same words everywhere. */

const REQUIRED = { required: true } as const;
export const SIZE = { unit: 'bytes', minimum: 1, required: true } as const;
/** A count that is always known. */
export const counted = (unit: string) => ({ unit, minimum: 0, required: true }) as const;
/** The unit that spreadsheets show with four digits. */
export const MEBIBYTES = 'MiB/s';
/** A position in a sequence. */
export const FROM_ONE = { minimum: 1, required: true } as const;

export const RUN_ID = column<{ run_id: number }>(
  'run_id',
  'integer',
  (r) => r.run_id,
  'the run, in this database; joins the tables',
  REQUIRED,
);
export const HOST = column<{ host: string }>(
  'host',
  'string',
  (r) => r.host || null,
  AXIS.host.inTables,
);
export const MACHINE = column<{ machine: string }>(
  'machine',
  'string',
  (r) => r.machine,
  'what the host calls itself',
  REQUIRED,
);
export const CELL = column<{ cell: number }>(
  'cell',
  'integer',
  (r) => r.cell,
  'place in the matrix, from 1',
  FROM_ONE,
);

/** The column of an axis of the cells. */
function axisColumn(axis: AxisName): ColumnOf<Pick<CellRow, AxisColumn>> {
  const own = AXIS[axis];
  const of = (row: Pick<CellRow, AxisColumn>) => axisOf(row, axis);
  switch (own.kind) {
    case 'word':
      return column(own.column, 'string', of, own.inTables, { values: own.words, ...REQUIRED });
    case 'size':
      return column(own.column, 'integer', of, own.inTables, SIZE);
    case 'flag':
      return column(own.column, 'boolean', of, own.inTables, REQUIRED);
    case 'name':
      return column(own.column, 'string', (row) => of(row) || null, own.inTables);
  }
}

/** The columns with which every table about cells begins: the cell, and its value of every axis. */
export const OF_CELL: readonly ColumnOf<Pick<CellRow, 'cell' | AxisColumn>>[] = [
  CELL,
  ...AXES_IN_TABLES.map(axisColumn),
];

export const RUN_STATES = [
  ...['completed', 'suspect', 'tracer-failed', 'failed', 'signalled', 'timed-out'],
  ...['output-unreadable', 'interrupted'],
] as const satisfies readonly RunState[];

/**
 * The columns with which every table that names a run begins, so that one file makes a pivot table
 * without another one: nothing is added up in it that a chart keeps apart or leaves out.
 */
export const OF_RUN: readonly ColumnOf<OfRun>[] = [
  RUN_ID,
  ...OF_CELL,
  column(
    'trial',
    'integer',
    (r) => r.trial,
    'repetition of the cell, from 1, warm-up included',
    FROM_ONE,
  ),
  column(
    'attempt',
    'integer',
    (r) => r.attempt,
    'from 1; `retry` in the spec says after which ends there is another',
    FROM_ONE,
  ),
  column(
    'traced',
    'boolean',
    (r) => r.traced === 1,
    '`true`: a tracer or script was attached; `false`: a control, or a run of a sweep without a tracer',
    REQUIRED,
  ),
  column(
    'warmup',
    'boolean',
    (r) => r.warmup === 1,
    'a warm-up trial, which no summary and no chart counts',
    REQUIRED,
  ),
  column(
    'state',
    'string',
    (r) => r.state,
    'how the run ended; summaries and charts count those that are `completed`',
    { values: RUN_STATES, required: true },
  ),
];

/** A column of bytes per second, and the same in MiB/s beside it. */
export function withMebibytes<Row, Context = unknown>(
  bytes: ColumnOf<Row, Context>,
): readonly [ColumnOf<Row, Context>, ColumnOf<Row, Context>] {
  const mebibytes: ColumnOf<Row, Context> = {
    ...bytes,
    name: bytes.name.replace(/bytes_per_s$/, 'mib_per_s'),
    unit: MEBIBYTES,
    description: 'the same in MiB/s',
    of: (row, context) => {
      const value = bytes.of(row, context);
      return typeof value === 'number' ? value / 2 ** 20 : null;
    },
  };
  return [bytes, mebibytes];
}

/** The same columns for rows that hold a cell, or perhaps none. */
export function ofCell<Row>(
  cellOf: (row: Row) => CellRow | undefined,
  change: (cell: ColumnOf<CellRow>) => Partial<ColumnOf<CellRow>> = () => ({}),
): readonly ColumnOf<Row>[] {
  return OF_CELL.map((own) => ({
    ...own,
    ...change(own),
    of: (row, context) => {
      const cell = cellOf(row);
      return cell ? own.of(cell, context) : null;
    },
  }));
}

/** A cell in JSON: the names and the values of its columns. */
export function cellRecord(cell: CellRow): Readonly<Record<string, Value>> {
  return Object.fromEntries(OF_CELL.map(({ name, of }) => [name, of(cell, undefined)]));
}

const ROLES = ['receiver', 'sender', 'both'] as const satisfies readonly Role[];
const OPERATIONS = ['read', 'write'] as const satisfies readonly Operation[];

export const ROLE = column<{ role: string }>(
  'role',
  'string',
  (r) => r.role,
  'who made the calls',
  { values: ROLES, required: true },
);
export const OPERATION = column<{ operation: string }>(
  'operation',
  'string',
  (r) => r.operation,
  'which call',
  { values: OPERATIONS, required: true },
);

/** A column for how often something was seen. */
export function countOf(unit: string, description: string): ColumnOf<{ count: number }> {
  return column('count', 'integer', (r) => r.count, description, counted(unit));
}
