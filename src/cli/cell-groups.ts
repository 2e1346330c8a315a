import { formatSize } from '../experiment/sizes.ts';
import { channel } from '../report/value-text.ts';
import type { CellRow } from '../store/reader.ts';

/** Cells that share the channel, and perhaps the total. */
export interface CellGroup<T> {
  /** Empty if the cells share nothing that needs to be said. */
  readonly heading: string;
  readonly rows: readonly T[];
}

/** Properties that differ between cells and are not named by a heading. */
export interface Varying {
  readonly host: boolean;
  readonly program: boolean;
  readonly channel: boolean;
  readonly total: boolean;
}

export interface GroupedCells<T> {
  readonly groups: readonly CellGroup<T>[];
  readonly varying: Varying;
}

/** Puts all cells into one group without a heading. */
export function inOneGroup<T>(rows: readonly T[], cellOf: (row: T) => CellRow): GroupedCells<T> {
  const channels = new Set(rows.map((row) => channel(cellOf(row)))).size;
  const host = new Set(rows.map((row) => cellOf(row).host)).size > 1;
  const program = severalPrograms(rows, cellOf);
  const varying = { host, program, channel: channels > 1, total: true };
  return { groups: [{ heading: '', rows }], varying };
}

/** Groups cells by what they share, in order of first appearance. */
export function groupCells<T>(rows: readonly T[], cellOf: (row: T) => CellRow): GroupedCells<T> {
  const hosts = new Set(rows.map((row) => cellOf(row).host)).size > 1;
  // Hosts that share the cells are named in each row, because grouping by host would split the
  // groups.
  const axis = hosts && rows.some((row) => cellOf(row).host_axis === 1);
  const where = (row: T) => {
    const cell = cellOf(row);
    return axis ? `${cell.host}: ${channel(cell)}` : channel(cell);
  };
  const both = (row: T) => `${where(row)}, total ${formatSize(cellOf(row).total_bytes)}`;
  const pairs = new Set(rows.map(both)).size;
  // If the total varies too much, each cell would be a group of its own.
  const total = pairs > 1 && 2 * pairs > rows.length;
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const heading = total ? where(row) : both(row);
    groups.set(heading, [...(groups.get(heading) ?? []), row]);
  }
  return {
    groups: [...groups].map(([heading, own]) => ({ heading, rows: own })),
    // Programs are compared, so their rows are next to each other.
    varying: {
      host: hosts && !axis,
      program: severalPrograms(rows, cellOf),
      channel: false,
      total,
    },
  };
}

function severalPrograms<T>(rows: readonly T[], cellOf: (row: T) => CellRow): boolean {
  return new Set(rows.map((row) => cellOf(row).program)).size > 1;
}
