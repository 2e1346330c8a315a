import {
  AXIS,
  type AxisName,
  type AxisOfKind,
  type AxisTable,
  axesOfKinds,
} from '../../experiment/axes.ts';
import { formatSize } from '../../experiment/sizes.ts';
import { greatest } from '../../extremes.ts';
import { type CellRow, ownAxisOf } from '../../store/reader.ts';

/** The quantity on the x axis of charts over sizes. */
export interface SizeAxis {
  readonly field: AxisTable[AxisOfKind<'size'>]['column'];
  readonly title: string;
}

/** Chooses the buffer size, unless only the total size varies. */
export function sizeAxis(cells: readonly CellRow[]): SizeAxis {
  const sizes = axesOfKinds('size');
  const axis = sizes.find((name) => variesAlong(cells, name)) ?? sizes[0]!;
  const words = axis.replaceAll('_', ' ');
  return { field: AXIS[axis].column, title: words.charAt(0).toUpperCase() + words.slice(1) };
}

/** The axes that make a series, in the order in which a chart with too many series is split. */
const DIVISION = axesOfKinds('size', 'flag', 'word', 'name');

/** Cells that differ only in the size on the x axis. */
export interface ChartSeries {
  /** Distinguishes it from the others in its chart; if there is only one, describes it. */
  readonly label: string;
  /** Cells by ascending size. */
  readonly cells: readonly CellRow[];
}

/** The series of one chart. */
export interface ChartPart {
  /** A suffix for the chart's name; empty for the only chart. */
  readonly suffix: string;
  /**
   * The properties that all its series share and that those of other parts do not have, or empty.
   */
  readonly label: string;
  readonly series: readonly ChartSeries[];
}

/** Splits cells into charts of at most `most` series, as far as axes can split them. */
export function partsOf(
  cells: readonly CellRow[],
  { field }: SizeAxis,
  most: number,
): readonly ChartPart[] {
  const axes = DIVISION.filter((axis) => AXIS[axis].column !== field && variesAlong(cells, axis));
  const divide = (own: readonly CellRow[], at: number): readonly (readonly CellRow[])[] => {
    const axis = axes[at];
    if (axis === undefined || groupsBy(own, axes).length <= most) return [own];
    return groupsBy(own, [axis]).flatMap((group) => divide(group, at + 1));
  };
  const parts = divide(cells, 0);
  const suffixOf = uniqueSuffixes();
  return parts.map((own) => {
    const fixed = parts.length === 1 ? [] : axes.filter((axis) => !variesAlong(own, axis));
    const free = axes.filter((axis) => variesAlong(own, axis));
    return {
      suffix: suffixOf(fixed.map((axis) => textOf(own[0]!, axis))),
      label: fixed.map((axis) => phraseOf(own[0]!, axis)).join(', '),
      series: groupsBy(own, axes).map((group) => ({
        label: labelOf(group[0]!, free),
        cells: group.toSorted((a, b) => a[field] - b[field]),
      })),
    };
  });
}

/** A chart's title, with the words that distinguish it from the other parts. */
export function titleOf(title: string, { label }: ChartPart): string {
  return label === '' ? title : `${title}, ${label}`;
}

/** The distinct values, in ascending order. */
export function rising(values: readonly number[]): readonly number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

/** All sizes on the x axis, ascending. */
export function sizesOf(cells: readonly CellRow[], { field }: SizeAxis): readonly number[] {
  return rising(cells.map((cell) => cell[field]));
}

/**
 * Keeps the cells of the largest total, for charts that would be too many with all; every cell where
 * only the total varies.
 */
export function ofLargestTotal(cells: readonly CellRow[]): {
  readonly cells: readonly CellRow[];
  /** Words for the subtitle about what is left out; none where every cell is kept. */
  readonly words: readonly string[];
} {
  if (sizeAxis(cells).field === 'total_bytes') return { cells, words: [] };
  const largest = greatest(cells.map((cell) => cell.total_bytes));
  const kept = cells.filter((cell) => cell.total_bytes === largest);
  const words = kept.length < cells.length ? [`cells of total ${formatSize(largest)} only`] : [];
  return { cells: kept, words };
}

function labelOf(cell: CellRow, free: readonly AxisName[]): string {
  const words = axesOfKinds('word');
  const shown = free.length === 0 ? words : words.filter((axis) => free.includes(axis));
  const others = axesOfKinds('size', 'flag', 'name').filter((axis) => free.includes(axis));
  return [
    ...(shown.length > 0 ? [shown.map((axis) => textOf(cell, axis)).join(' ')] : []),
    ...others.map((axis) => phraseOf(cell, axis)),
  ].join(', ');
}

/**
 * Makes suffixes that are never the same: hosts may differ only in characters not allowed there.
 */
export function uniqueSuffixes(): (words: readonly string[]) => string {
  const times = new Map<string, number>();
  return (words) => {
    const suffix = words.map((word) => `-${fileWord(word)}`).join('');
    const time = (times.get(suffix) ?? 0) + 1;
    times.set(suffix, time);
    return time === 1 ? suffix : `${suffix}-${time}`;
  };
}

/** Makes a text fit for a file name and for an id, whatever the database contains. */
function fileWord(text: string): string {
  return text.replaceAll(' ', '').replace(/[^A-Za-z0-9-]/g, '_');
}

/** The value with a word that says what it is, if the value alone does not. */
function phraseOf(cell: CellRow, axis: AxisName): string {
  const { kind, heading } = AXIS[axis];
  return kind === 'size' ? `${heading} ${textOf(cell, axis)}` : textOf(cell, axis);
}

function textOf(cell: CellRow, axis: AxisName): string {
  const own = AXIS[axis];
  const value = ownAxisOf(cell, axis);
  if (own.kind === 'size') return formatSize(Number(value));
  if (own.kind === 'flag') return `${value === true ? 'with' : 'without'} ${own.option}`;
  return String(value);
}

function groupsBy(
  cells: readonly CellRow[],
  axes: readonly AxisName[],
): readonly (readonly CellRow[])[] {
  const groups = new Map<string, CellRow[]>();
  for (const cell of cells) {
    const key = JSON.stringify(axes.map((axis) => ownAxisOf(cell, axis)));
    const group = groups.get(key);
    if (group) group.push(cell);
    else groups.set(key, [cell]);
  }
  return [...groups.values()];
}

function variesAlong(cells: readonly CellRow[], axis: AxisName): boolean {
  return cells.some((cell) => ownAxisOf(cell, axis) !== ownAxisOf(cells[0]!, axis));
}
