import { type Cell, cellKey } from '../experiment/cell.ts';

/**
 * Shares the cells out among hosts: every trial of a cell is made on one of them. A cell that has
 * runs stays on its host; the others go, one after the other, to the host that has fewest.
 * Pure, and the same at each call with the same arguments.
 * @param fixed hosts of cells that have runs, by the cells' keys
 * @returns the host of each cell, in the order of the cells
 */
export function assignCells(
  cells: readonly Cell[],
  hosts: readonly string[],
  fixed: ReadonlyMap<string, string>,
): readonly string[] {
  const load = new Map(hosts.map((host) => [host, 0]));
  const placed = cells.map((cell) => cell.host ?? fixed.get(cellKey(cell)));
  for (const host of placed) {
    if (host !== undefined && load.has(host)) load.set(host, load.get(host)! + 1);
  }
  return placed.map((host) => {
    if (host !== undefined) return host;
    const [least] = [...load].reduce((a, b) => (b[1] < a[1] ? b : a));
    load.set(least, load.get(least)! + 1);
    return least;
  });
}
