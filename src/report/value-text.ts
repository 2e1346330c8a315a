import { type Interval, levelText } from '../analyse/interval.ts';
import { quotedLevel } from '../analyse/precision.ts';
import type { CellSummary } from '../analyse/summary.ts';
import { AXIS, type AxisTable } from '../experiment/axes.ts';
import { AXES_IN_NAME, CHANNEL_AXES, namedBy } from '../experiment/cell-name.ts';
import { formatSize } from '../experiment/sizes.ts';
import type { Value } from '../export/table.ts';
import { mebibytes, significant } from '../rounding.ts';
import { axisOf, type CellRow, ownAxisOf } from '../store/reader.ts';

/** Shown in place of a missing value. */
export const MISSING = '–';

/** `low–high`; a single value if both look the same. */
export function range(low: string, high: string): string {
  return low === high ? low : `${low}–${high}`;
}

/** The levels of several intervals, such as `95%`, or `94% or 95%` if they differ. */
export function levelsOf(intervals: readonly Interval[]): string {
  const rising = intervals.toSorted((a, b) => a.level - b.level);
  return [...new Set(rising.map(levelText))].join(' or ');
}

/** Formats any value of a table, by the unit at the end of its column's name. */
export function valueText(column: string, value: Value): string {
  if (value === null || value === '') return MISSING;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string' || typeof value === 'bigint') return String(value);
  if (!Number.isFinite(value)) return MISSING;
  if (Number.isInteger(value) && !/_bytes$/.test(column)) return String(value);
  if (/_bytes$|^bytes$/.test(column) && value >= 0) return formatSize(value);
  return significant(value);
}

/**
 * Works like {@link channel}, with the program if several are compared and the host if each host
 * makes the whole matrix: `pipe 2proc by new on board-1`.
 */
export function channelInFull(cell: Omit<CellRow, 'cell'>): string {
  return namedBy(NOT_SIZES, (axis) => ownAxisOf(cell, axis));
}

const NOT_SIZES = AXES_IN_NAME.filter((axis) => AXIS[axis].kind !== 'size');

/** The benchmarks that a sweep compares, in the order of the cells; none if there is only one. */
export function programsOf(cells: readonly Pick<CellRow, 'program'>[]): readonly string[] {
  return [...new Set(cells.map(({ program }) => program))].filter((program) => program !== '');
}

/** The hosts that made a sweep's cells, if several; each once, in the order of the cells. */
export function hostsOf(cells: readonly Pick<CellRow, 'host'>[]): readonly string[] {
  return [...new Set(cells.map(({ host }) => host))];
}

/** `pipe 2proc`, or `local 2proc -s` with socket buffers of the buffer's size. */
export function channel(cell: Pick<CellRow, ChannelColumn>): string {
  return namedBy(CHANNEL_AXES, (axis) => axisOf(cell, axis));
}

type ChannelColumn = AxisTable[(typeof CHANNEL_AXES)[number]]['column'];

/** The quoted bandwidth of a cell that has one: `3880 MiB/s (94% CI 3470 to 4100)`. */
export function bandwidthText(summary: CellSummary): string {
  const { median, interval } = summary.bandwidth!;
  const range =
    interval &&
    ` (${quotedLevel(interval, summary)} CI ${mebibytes(interval.low)} to ${mebibytes(interval.high)})`;
  return `${mebibytes(median)} MiB/s${range ?? ''}`;
}
