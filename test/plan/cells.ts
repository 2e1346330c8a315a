import type { Cell } from '../../src/experiment/cell.ts';

/** So many cells, whose buffers are 1, 2, 3, ... bytes. */
export const cellsOf = (count: number): Cell[] =>
  Array.from({ length: count }, (_, at) => ({
    ipc: 'pipe',
    mode: '2proc',
    bufferBytes: at + 1,
    totalBytes: at + 1,
    socketBuffers: false,
  }));
