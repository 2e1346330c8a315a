import type { RunState } from '../execute/outcome.ts';
import { IPC_TYPES, MODES } from '../experiment/cell.ts';
import type { Operation, Role } from '../instruments/instrument.ts';
import { AXIS_COLUMNS, type AxisColumn, type CellRow } from '../store/reader.ts';
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
  'where the runs were made, as the spec names it: `local`, or what ssh was told; empty where it is not known, as of an import',
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

/** The column of each axis of the cells. */
const AXES: { readonly [Name in AxisColumn]: ColumnOf<Pick<CellRow, Name>> } = {
  ipc: column('ipc', 'string', (r) => r.ipc, 'the channel', {
    values: IPC_TYPES,
    required: true,
  }),
  mode: column('mode', 'string', (r) => r.mode, 'two processes or two threads', {
    values: MODES,
    required: true,
  }),
  buffer_bytes: column(
    'buffer_bytes',
    'integer',
    (r) => r.buffer_bytes,
    'size of one read or write call (`-b`)',
    SIZE,
  ),
  total_bytes: column(
    'total_bytes',
    'integer',
    (r) => r.total_bytes,
    'moved in one iteration (`-t`)',
    SIZE,
  ),
  socket_buffers: column(
    'socket_buffers',
    'boolean',
    (r) => r.socket_buffers === 1,
    'socket buffers set to the buffer size (`-s`)',
    REQUIRED,
  ),
  host: HOST,
  program: column(
    'program',
    'string',
    (r) => r.program || null,
    'the name of the benchmark in `benchmark.programs`; empty in a sweep with a single benchmark',
  ),
};

/** The columns with which every table about cells begins: the cell, and its value of every axis. */
export const OF_CELL: readonly ColumnOf<Pick<CellRow, 'cell' | AxisColumn>>[] = [
  CELL,
  ...AXIS_COLUMNS.map((name) => AXES[name]),
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
