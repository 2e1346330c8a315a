import type { CellRow } from '../store/reader.ts';

/** What a cell of a table holds. A missing value is an empty cell. */
export type Value = string | number | boolean | null;

export interface Table {
  /** File name without its ending. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: () => Iterable<readonly Value[]>;
  /** True: no file is written for it when it has no rows. */
  readonly optional: boolean;
}

/** One file alone makes a pivot table: every table that names a run carries its sizes. */
export const OF_RUN = ['run_id', 'buffer_bytes', 'total_bytes'] as const;

export function ofRun(row: { run_id: number; buffer_bytes: number; total_bytes: number }): Value[] {
  return [row.run_id, row.buffer_bytes, row.total_bytes];
}

/** The columns that every table about cells begins with. */
export const CELL_COLUMNS = [
  'cell',
  'ipc',
  'mode',
  'buffer_bytes',
  'total_bytes',
  'socket_buffers',
] as const;

export function cellValues(cell: CellRow): Value[] {
  return [
    cell.cell,
    cell.ipc,
    cell.mode,
    cell.buffer_bytes,
    cell.total_bytes,
    cell.socket_buffers === 1,
  ];
}

export const OPTIONAL = { optional: true } as const;

export function table<Row>(
  name: string,
  columns: readonly string[],
  rows: () => Iterable<Row>,
  values: (row: Row) => readonly Value[],
  { optional = false } = {},
): Table {
  return {
    name,
    columns,
    optional,
    *rows() {
      for (const row of rows()) yield values(row);
    },
  };
}

export function hex(state: number): string {
  return `0x${state.toString(16).padStart(3, '0')}`;
}
