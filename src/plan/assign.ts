import { type Cell, cellKey, keyWithoutProgram } from '../experiment/cell.ts';

/**
 * Distributes the cells among the hosts. All trials of a cell are made on one host, and so are
 * those of cells that differ only in the program, because they are compared. A cell that has runs
 * stays on its host; the others go, one after the other, to the host with the fewest cells. Pure
 * function: returns the same at each call with the same arguments.
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
  const together = new Map<string, string>();
  placed.forEach((host, at) => {
    if (host !== undefined) together.set(keyWithoutProgram(cells[at]!), host);
  });
  return placed.map((host, at) => {
    if (host !== undefined) return host;
    const key = keyWithoutProgram(cells[at]!);
    const [least] = [...load].reduce((a, b) => (b[1] < a[1] ? b : a));
    const chosen = together.get(key) ?? least;
    together.set(key, chosen);
    if (load.has(chosen)) load.set(chosen, load.get(chosen)! + 1);
    return chosen;
  });
}
