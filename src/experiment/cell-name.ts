import type { Cell } from './cell.ts';
import { formatSize } from './sizes.ts';

/** Names a cell for people: `pipe 2proc 4 KiB of 1 MiB`, `... by new`, `... on board-1`. */
export function cellName(cell: Cell): string {
  const sockets = cell.socketBuffers ? ' -s' : '';
  const sizes = `${formatSize(cell.bufferBytes)} of ${formatSize(cell.totalBytes)}`;
  const program = cell.program === undefined ? '' : ` by ${cell.program}`;
  const host = cell.host === undefined ? '' : ` on ${cell.host}`;
  return `${cell.ipc} ${cell.mode}${sockets} ${sizes}${program}${host}`;
}
