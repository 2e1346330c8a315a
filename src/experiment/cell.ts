export const IPC_TYPES = ['pipe', 'local', 'tcp'] as const;
export const MODES = ['2proc', '2thread'] as const;

/** The axes to which a matrix gives values, in the order of `plan`: the slowest-changing first. */
export const MATRIX_AXES = [
  ...(['ipc', 'mode', 'socket_buffers', 'total_size', 'buffer_size'] as const),
] as const;
/** The other axes of cells: hosts that each run the whole matrix, and programs to compare. */
export const OUTER_AXES = ['host', 'program'] as const;
export const AXES = [...OUTER_AXES, ...MATRIX_AXES] as const;

export type Ipc = (typeof IPC_TYPES)[number];
export type Mode = (typeof MODES)[number];
export type MatrixAxisName = (typeof MATRIX_AXES)[number];
export type OuterAxisName = (typeof OUTER_AXES)[number];
export type AxisName = (typeof AXES)[number];

/** One point of the matrix. */
export interface Cell {
  readonly ipc: Ipc;
  readonly mode: Mode;
  readonly bufferBytes: number;
  readonly totalBytes: number;
  /** True if SO_SNDBUF and SO_RCVBUF are set to the buffer size (`-s`). */
  readonly socketBuffers: boolean;
  /** The host that runs it, in a sweep in which each host runs the whole matrix. */
  readonly host?: string;
  /** The name of the benchmark that makes its runs, in a sweep with several benchmarks. */
  readonly program?: string;
}

/** Returns the same text for the same cell, in every sweep and on every machine. */
export function cellKey(cell: Cell): string {
  const sockets = cell.socketBuffers ? ',socket_buffers' : '';
  const program = cell.program === undefined ? '' : `,program=${cell.program}`;
  const host = cell.host === undefined ? '' : `,host=${cell.host}`;
  return `${cell.ipc},${cell.mode},${cell.bufferBytes},${cell.totalBytes}${sockets}${program}${host}`;
}

/** Returns the same text for cells that differ only in the program. */
export function keyWithoutProgram({ program: _, ...cell }: Cell): string {
  return cellKey(cell);
}
