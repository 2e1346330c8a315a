import { formatSize } from '../experiment/sizes.ts';
import type { CellRow } from '../store/reader.ts';

/** Cells that have the channel, and perhaps the total, in common. */
export interface Series<T> {
  /** Empty for cells that have nothing in common, or nothing that must be said. */
  readonly heading: string;
  readonly rows: readonly T[];
}

/** What differs between cells and is not said by a heading. */
export interface Varying {
  readonly host: boolean;
  readonly program: boolean;
  readonly channel: boolean;
  readonly total: boolean;
}

export interface Grouped<T> {
  readonly series: readonly Series<T>[];
  readonly varying: Varying;
}

/** All cells in one series without a heading. */
export function together<T>(rows: readonly T[], cellOf: (row: T) => CellRow): Grouped<T> {
  const channels = new Set(rows.map((row) => channelOf(cellOf(row)))).size;
  const host = new Set(rows.map((row) => cellOf(row).host)).size > 1;
  const program = severalPrograms(rows, cellOf);
  const varying = { host, program, channel: channels > 1, total: true };
  return { series: [{ heading: '', rows }], varying };
}

/** Cells by what they have in common, in the order in which that comes first. */
export function bySeries<T>(rows: readonly T[], cellOf: (row: T) => CellRow): Grouped<T> {
  const hosts = new Set(rows.map((row) => cellOf(row).host)).size > 1;
  // Hosts that share the cells out are named in each row: they would tear the series apart.
  const axis = hosts && rows.some((row) => cellOf(row).host_axis === 1);
  const channel = (row: T) => {
    const cell = cellOf(row);
    return axis ? `${cell.host}: ${channelOf(cell)}` : channelOf(cell);
  };
  const both = (row: T) => `${channel(row)}, total ${formatSize(cellOf(row).total_bytes)}`;
  const pairs = new Set(rows.map(both)).size;
  // Where the total is what varies, each cell would be a series of its own.
  const total = pairs > 1 && 2 * pairs > rows.length;
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const heading = total ? channel(row) : both(row);
    groups.set(heading, [...(groups.get(heading) ?? []), row]);
  }
  return {
    series: [...groups].map(([heading, own]) => ({ heading, rows: own })),
    // Programs are compared: their rows stand beside each other.
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

export function channelOf({ ipc, mode, socket_buffers: sockets }: CellRow): string {
  return `${ipc} ${mode}${sockets === 1 ? ' -s' : ''}`;
}
