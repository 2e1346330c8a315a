export const IPC_TYPES = ['pipe', 'local', 'tcp'] as const;
export const MODES = ['2proc', '2thread'] as const;

/** The axes that a matrix gives values to, the slowest-changing first: how `plan` lists the cells. */
export const MATRIX_AXES = [
  ...(['ipc', 'mode', 'socket_buffers', 'total_size', 'buffer_size'] as const),
] as const;
/** Those, and the hosts where each of them makes the whole matrix. */
export const AXES = ['host', ...MATRIX_AXES] as const;

export type Ipc = (typeof IPC_TYPES)[number];
export type Mode = (typeof MODES)[number];
export type MatrixAxisName = (typeof MATRIX_AXES)[number];
export type AxisName = (typeof AXES)[number];

/** One point of the matrix. */
export interface Cell {
  readonly ipc: Ipc;
  readonly mode: Mode;
  readonly bufferBytes: number;
  readonly totalBytes: number;
  /** True: SO_SNDBUF and SO_RCVBUF are set to the buffer size (`-s`). */
  readonly socketBuffers: boolean;
  /** Where it is run, in a sweep in which each host runs the whole matrix. */
  readonly host?: string;
}

/** The same text for the same cell, in every sweep and on every machine. */
export function cellKey(cell: Cell): string {
  const sockets = cell.socketBuffers ? ',socket_buffers' : '';
  const host = cell.host === undefined ? '' : `,host=${cell.host}`;
  return `${cell.ipc},${cell.mode},${cell.bufferBytes},${cell.totalBytes}${sockets}${host}`;
}
