import { IPC_TYPES, MODES } from '../experiment/cell.ts';
import type { CellRow } from '../store/reader.ts';
import type { OfRun } from '../store/run-rows.ts';
import type { Operation, Role } from '../trace/counts.ts';
import { type ColumnOf, column } from './table.ts';

/** Columns that occur in several tables, described in the same words everywhere. */

const REQUIRED = { required: true } as const;
export const SIZE = { unit: 'bytes', minimum: 1, required: true } as const;
/** A count that is always known. */
export const counted = (unit: string) => ({ unit, minimum: 0, required: true }) as const;
/** A position in a sequence. */
export const FROM_ONE = { minimum: 1, required: true } as const;

export const RUN_ID = column<{ run_id: number }>(
  'run_id',
  'integer',
  (r) => r.run_id,
  'the run, in this database; joins the tables',
  REQUIRED,
);
export const BUFFER_BYTES = column<{ buffer_bytes: number }>(
  'buffer_bytes',
  'integer',
  (r) => r.buffer_bytes,
  'size of one read or write call (`-b`)',
  SIZE,
);
export const TOTAL_BYTES = column<{ total_bytes: number }>(
  'total_bytes',
  'integer',
  (r) => r.total_bytes,
  'moved in one iteration (`-t`)',
  SIZE,
);

export const HOST = column<{ host: string }>(
  'host',
  'string',
  (r) => r.host || null,
  'where the runs were made, as the spec names it: `local`, or what ssh was told; empty where it is not known, as of an import',
);
export const PROGRAM = column<{ program: string }>(
  'program',
  'string',
  (r) => r.program || null,
  'the name of the benchmark in `benchmark.programs`; empty in a sweep of a single one',
);
export const MACHINE = column<{ machine: string }>(
  'machine',
  'string',
  (r) => r.machine,
  'what the host calls itself',
  REQUIRED,
);

/** The columns with which every table that names a run begins: one file makes a pivot table. */
export const OF_RUN: readonly ColumnOf<OfRun>[] = [
  ...[RUN_ID, BUFFER_BYTES, TOTAL_BYTES, HOST, PROGRAM],
];

export const CELL = column<{ cell: number }>(
  'cell',
  'integer',
  (r) => r.cell,
  'place in the matrix, from 1',
  FROM_ONE,
);
export const IPC = column<{ ipc: string }>('ipc', 'string', (r) => r.ipc, 'the channel', {
  values: IPC_TYPES,
  required: true,
});
export const MODE = column<{ mode: string }>(
  'mode',
  'string',
  (r) => r.mode,
  'two processes or two threads',
  { values: MODES, required: true },
);
export const SOCKET_BUFFERS = column<{ socket_buffers: number }>(
  'socket_buffers',
  'boolean',
  (r) => r.socket_buffers === 1,
  'socket buffers set to the buffer size (`-s`)',
  REQUIRED,
);

/** The columns with which every table about cells begins. */
export const OF_CELL: readonly ColumnOf<CellRow>[] = [
  ...[CELL, IPC, MODE, BUFFER_BYTES, TOTAL_BYTES, SOCKET_BUFFERS, HOST, PROGRAM],
];

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
