import { formatSize } from '../../experiment/sizes.ts';
import type { CellRow } from '../../store/reader.ts';

/** What stands on the x axis of charts over sizes. */
export interface SizeAxis {
  readonly field: 'buffer_bytes' | 'total_bytes';
  readonly title: string;
}

const BUFFER: SizeAxis = { field: 'buffer_bytes', title: 'Buffer size' };
const TOTAL: SizeAxis = { field: 'total_bytes', title: 'Total size' };

/** The buffer size, unless only the total varies. */
export function sizeAxis(cells: readonly CellRow[]): SizeAxis {
  return varies(cells, 'buffer_bytes') || !varies(cells, 'total_bytes') ? BUFFER : TOTAL;
}

type Axis = 'ipc' | 'mode' | 'total_bytes' | 'socket_buffers' | 'host' | 'program';

/** The axes that make a series, in the order in which a chart with too many is divided by them. */
const DIVISION: readonly Axis[] = [
  ...(['total_bytes', 'socket_buffers', 'ipc', 'mode', 'host', 'program'] as const),
];

/** Cells that differ in the size on the x axis alone. */
export interface Series {
  /** What tells it from the others of its chart; of the only one, what it is. */
  readonly label: string;
  /** By rising size. */
  readonly cells: readonly CellRow[];
}

/** The series of one chart. */
export interface Part {
  /** To be added to the chart's name; empty for the only chart. */
  readonly suffix: string;
  /** What all its series have in common and those of other parts have not, or empty. */
  readonly label: string;
  readonly series: readonly Series[];
}

/** Divides cells into charts of at most `most` series, so far as axes can divide them. */
export function partsOf(
  cells: readonly CellRow[],
  { field }: SizeAxis,
  most: number,
): readonly Part[] {
  const axes = DIVISION.filter((axis) => axis !== field && variesAlong(cells, axis));
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

/** A chart's title with what sets it apart from the other parts. */
export function titleOf(title: string, { label }: Part): string {
  return label === '' ? title : `${title}, ${label}`;
}

/** Each value once. */
export function rising(values: readonly number[]): readonly number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

/** All sizes on the x axis, rising. */
export function sizesOf(cells: readonly CellRow[], { field }: SizeAxis): readonly number[] {
  return rising(cells.map((cell) => cell[field]));
}

function labelOf(cell: CellRow, free: readonly Axis[]): string {
  const channel = ['ipc', 'mode'] as const;
  const shown = free.length === 0 ? channel : channel.filter((axis) => free.includes(axis));
  const sizes = (['total_bytes', 'socket_buffers'] as const).filter((axis) => free.includes(axis));
  return [
    ...(shown.length > 0 ? [shown.map((axis) => textOf(cell, axis)).join(' ')] : []),
    ...sizes.map((axis) => phraseOf(cell, axis)),
    ...(free.includes('host') ? [cell.host] : []),
    ...(free.includes('program') ? [cell.program] : []),
  ].join(', ');
}

/** Suffixes of names, of which two are never the same: hosts may differ in what no name may hold. */
export function uniqueSuffixes(): (words: readonly string[]) => string {
  const times = new Map<string, number>();
  return (words) => {
    const suffix = words.map((word) => `-${fileWord(word)}`).join('');
    const time = (times.get(suffix) ?? 0) + 1;
    times.set(suffix, time);
    return time === 1 ? suffix : `${suffix}-${time}`;
  };
}

/** Fit for a file name and for an id, whatever a database says. */
function fileWord(text: string): string {
  return text.replaceAll(' ', '').replace(/[^A-Za-z0-9-]/g, '_');
}

/** With the word that says what it is, where the value alone does not. */
function phraseOf(cell: CellRow, axis: Axis): string {
  return axis === 'total_bytes' ? `total ${textOf(cell, axis)}` : textOf(cell, axis);
}

function textOf(cell: CellRow, axis: Axis): string {
  if (axis === 'total_bytes') return formatSize(cell.total_bytes);
  if (axis === 'socket_buffers') return cell.socket_buffers === 1 ? 'with -s' : 'without -s';
  return cell[axis];
}

/** Hosts among which the cells are shared out make no series: a figure says which they are. */
function placeOn(cell: CellRow, axis: Axis): string | number {
  return axis === 'host' && cell.host_axis === 0 ? '' : cell[axis];
}

function groupsBy(
  cells: readonly CellRow[],
  axes: readonly Axis[],
): readonly (readonly CellRow[])[] {
  const groups = new Map<string, CellRow[]>();
  for (const cell of cells) {
    const key = JSON.stringify(axes.map((axis) => placeOn(cell, axis)));
    const group = groups.get(key);
    if (group) group.push(cell);
    else groups.set(key, [cell]);
  }
  return [...groups.values()];
}

function varies(cells: readonly CellRow[], axis: keyof CellRow): boolean {
  return cells.some((cell) => cell[axis] !== cells[0]?.[axis]);
}

function variesAlong(cells: readonly CellRow[], axis: Axis): boolean {
  return cells.some((cell) => placeOn(cell, axis) !== placeOn(cells[0]!, axis));
}
