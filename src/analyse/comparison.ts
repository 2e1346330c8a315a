import { AXES, type AxisName } from '../experiment/cell.ts';
import type { CellRow } from '../store/reader.ts';
import { type CellVerdict, compareCells } from './compare.ts';
import { compareFeatures, type FeatureChange, type Features } from './features.ts';
import { median } from './statistics.ts';

/** One of the two things that are compared: some cells of a sweep, and what was found in them. */
export interface Side {
  readonly cells: readonly CellRow[];
  /** Bytes per second of the quoted runs, by the cell's number. */
  readonly bandwidths: ReadonlyMap<number, readonly number[]>;
  readonly syscalls: ReadonlyMap<number, Features>;
  readonly pipeStates: ReadonlyMap<number, Features>;
}

export interface ComparedCell {
  readonly a: CellRow;
  readonly b: CellRow;
  /** Median bandwidths, bytes per second; undefined without a run. */
  readonly medianA: number | undefined;
  readonly medianB: number | undefined;
  readonly verdict: CellVerdict;
  /** Calls of a run, named `ROLE SYSCALL`. */
  readonly syscalls: readonly FeatureChange[];
  /** Shares of the operations of a run, from 0 to 1, named `OPERATION STATE`. */
  readonly pipeStates: readonly FeatureChange[];
}

export interface ComparedSides {
  readonly cells: readonly ComparedCell[];
  /** Cells without a counterpart. */
  readonly onlyA: readonly CellRow[];
  readonly onlyB: readonly CellRow[];
}

/** Two cells of one side have the same counterpart: the axis would have to be fixed. */
export class AmbiguousCells extends Error {}

/**
 * Compares cells that agree in every axis but those that a side was narrowed by.
 * @param apart the axes that may differ
 * @throws AmbiguousCells when cells of a side differ in nothing but those axes
 */
export function compareSides(
  a: Side,
  b: Side,
  { apart, seed }: { readonly apart: ReadonlySet<AxisName>; readonly seed: number },
): ComparedSides {
  const keysOfA = uniqueKeys(a.cells, apart);
  const keysOfB = uniqueKeys(b.cells, apart);
  const pairs = [...keysOfA].flatMap(([key, cellA]) => {
    const cellB = keysOfB.get(key);
    return cellB ? [{ a: cellA, b: cellB }] : [];
  });
  const values = pairs.map((pair) => ({
    a: a.bandwidths.get(pair.a.cell) ?? [],
    b: b.bandwidths.get(pair.b.cell) ?? [],
  }));
  const verdicts = compareCells(values, { seed });
  const none: Features = new Map();
  const changesOf = (kind: 'syscalls' | 'pipeStates') =>
    compareFeatures(
      pairs.map((pair) => ({
        a: a[kind].get(pair.a.cell) ?? none,
        b: b[kind].get(pair.b.cell) ?? none,
      })),
    );
  const syscalls = changesOf('syscalls');
  const pipeStates = changesOf('pipeStates');
  return {
    cells: pairs.map((pair, at) => ({
      ...pair,
      medianA: medianOf(values[at]!.a),
      medianB: medianOf(values[at]!.b),
      verdict: verdicts[at]!,
      syscalls: syscalls[at]!,
      pipeStates: pipeStates[at]!,
    })),
    onlyA: [...keysOfA].flatMap(([key, cell]) => (keysOfB.has(key) ? [] : [cell])),
    onlyB: [...keysOfB].flatMap(([key, cell]) => (keysOfA.has(key) ? [] : [cell])),
  };
}

function medianOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : median(values);
}

function uniqueKeys(
  cells: readonly CellRow[],
  apart: ReadonlySet<AxisName>,
): ReadonlyMap<string, CellRow> {
  const shared = AXES.filter((axis) => !apart.has(axis));
  const byKey = new Map<string, CellRow>();
  for (const cell of cells) {
    const key = JSON.stringify(shared.map((axis) => ownAxisOf(cell, axis)));
    const other = byKey.get(key);
    if (other) {
      const axes = [...apart].filter((axis) => axisOf(cell, axis) !== axisOf(other, axis));
      throw new AmbiguousCells(
        `cells ${other.cell} and ${cell.cell} differ only in ${axes.join(' and ')}`,
      );
    }
    byKey.set(key, cell);
  }
  return byKey;
}

/** As {@link axisOf}; a host among which cells are shared out does not tell them apart. */
function ownAxisOf(cell: CellRow, axis: AxisName): string | number | boolean {
  return axis === 'host' && cell.host_axis === 0 ? '' : axisOf(cell, axis);
}

/** A cell's value on an axis, as a spec has it; its host is where its runs are made. */
export function axisOf(cell: CellRow, axis: AxisName): string | number | boolean {
  switch (axis) {
    case 'buffer_size':
      return cell.buffer_bytes;
    case 'total_size':
      return cell.total_bytes;
    case 'socket_buffers':
      return cell.socket_buffers === 1;
    default:
      return cell[axis];
  }
}
