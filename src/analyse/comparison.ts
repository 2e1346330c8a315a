import { AXES, type AxisName, keyWithoutProgram } from '../experiment/cell.ts';
import { type CellRow, cellOf } from '../store/reader.ts';
import type { QuotedRun } from './bandwidths.ts';
import { cellWarnings } from './cell-warnings.ts';
import { type CellPair, type CellVerdict, type CompareOptions, compareCells } from './compare.ts';
import { compareFeatures, type FeatureChange, type Features } from './features.ts';
import { type Gate, gateOf } from './gate.ts';
import type { Pair } from './paired-ratio.ts';
import type { SessionDeviation } from './session-deviation.ts';
import { median } from './statistics.ts';

/** One of the two things that are compared: some cells of a sweep, and the results for them. */
export interface Side {
  readonly cells: readonly CellRow[];
  /** The quoted runs by the cell's number, in the order in which they were made. */
  readonly runs: ReadonlyMap<number, readonly QuotedRun[]>;
  /** The sweep that the side comes from, and how it was ordered. */
  readonly made: MadeIn;
  /** Codes of the doubts about the quoted runs of a cell, by the cell's number. */
  readonly doubts: ReadonlyMap<number, readonly string[]>;
  readonly syscalls: ReadonlyMap<number, Features>;
  readonly pipeStates: ReadonlyMap<number, Features>;
}

/** The sweep of a side. */
export interface MadeIn {
  readonly sweep: string;
  /**
   * `sequential`: one cell after the other, by all programs; otherwise a block holds a trial of
   * every cell.
   */
  readonly order: string;
}

export interface ComparedCell {
  readonly a: CellRow;
  readonly b: CellRow;
  /**
   * Codes of the doubts about the runs of each, including those that their values and order raise.
   */
  readonly doubtsA: readonly string[];
  readonly doubtsB: readonly string[];
  /** Whether the runs of both were made in the same blocks. */
  readonly interleaved: boolean;
  /** Undefined when no slowdown counts as too large. */
  readonly gate: Gate | undefined;
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
  /** Cells without a counterpart, of several programs in one of them. */
  readonly onlyA: readonly CellRow[];
  readonly onlyB: readonly CellRow[];
}

/** Thrown when two cells of one side have the same counterpart: the axis would have to be fixed. */
export class AmbiguousCells extends Error {}

export interface CompareSidesOptions extends CompareOptions {
  /** The axes that may differ. */
  readonly apart: ReadonlySet<AxisName>;
  /** If true, cells of B with different programs may have the same counterpart. */
  readonly severalPrograms?: boolean;
  /** A cell of B fails if it is slower by this share. */
  readonly notSlowerBy?: number | undefined;
  /** The deviation between sessions whose floor is given, so that the gate can say what to do. */
  readonly sessions?: SessionDeviation | undefined;
}

/**
 * Compares cells that agree in every axis except those that a side was narrowed by.
 * @throws AmbiguousCells when cells of a side differ only in those axes
 */
export function compareSides(a: Side, b: Side, options: CompareSidesOptions): ComparedSides {
  const { apart, notSlowerBy, sessions, severalPrograms = false } = options;
  const keysOfA = uniqueKeys(a.cells, apart);
  const groupsOfB = severalPrograms ? byProgram(b.cells) : [b.cells];
  const keysOfB = groupsOfB.map((cells) => uniqueKeys(cells, apart));
  const pairs = [...keysOfA].flatMap(([key, cellA]) =>
    keysOfB.flatMap((keys) => {
      const cellB = keys.get(key);
      return cellB ? [{ a: cellA, b: cellB }] : [];
    }),
  );
  const measured = (side: Side, cell: CellRow): CellRuns => ({
    made: side.made,
    cell,
    runs: side.runs.get(cell.cell) ?? [],
  });
  const values = pairs.map((pair) => cellPair(measured(a, pair.a), measured(b, pair.b)));
  const verdicts = compareCells(values, options);
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
      doubtsA: doubtsOf(a, pair.a),
      doubtsB: doubtsOf(b, pair.b),
      interleaved: values[at]!.blocks !== undefined,
      gate: notSlowerBy === undefined ? undefined : gateOf(verdicts[at]!, notSlowerBy, sessions),
      medianA: medianOf(values[at]!.a),
      medianB: medianOf(values[at]!.b),
      verdict: verdicts[at]!,
      syscalls: syscalls[at]!,
      pipeStates: pipeStates[at]!,
    })),
    // A cell that one of several programs lacks is missing, even if the others have it.
    onlyA: [...keysOfA].flatMap(([key, cell]) =>
      keysOfB.every((keys) => keys.has(key)) ? [] : [cell],
    ),
    onlyB: without(b.cells, new Set(pairs.map((pair) => pair.b))),
  };
}

function byProgram(cells: readonly CellRow[]): readonly (readonly CellRow[])[] {
  const names = new Set(cells.map(({ program }) => program));
  return [...names].map((name) => cells.filter(({ program }) => program === name));
}

function without(cells: readonly CellRow[], matched: ReadonlySet<CellRow>): readonly CellRow[] {
  return cells.filter((cell) => !matched.has(cell));
}

function bandwidthsOf(runs: readonly QuotedRun[]): readonly number[] {
  return runs.map(({ bandwidth }) => bandwidth);
}

function medianOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : median(values);
}

function doubtsOf(side: Side, { cell, total_bytes: total }: CellRow): readonly string[] {
  const warnings = cellWarnings(bandwidthsOf(side.runs.get(cell) ?? []), total);
  const codes = [...(side.doubts.get(cell) ?? []), ...warnings.map(({ code }) => code)];
  return [...new Set(codes)];
}

/** A cell of a sweep with the runs that stand for it. */
export interface CellRuns {
  readonly made: MadeIn;
  readonly cell: CellRow;
  readonly runs: readonly QuotedRun[];
}

/** The values of two cells to compare, and those of each block that holds both. */
export function cellPair(a: CellRuns, b: CellRuns): CellPair {
  return {
    a: bandwidthsOf(a.runs),
    b: bandwidthsOf(b.runs),
    blocks: isInterleaved(a, b) ? sharedBlocks(a.runs, b.runs) : undefined,
  };
}

/** Whether each trial of one cell was made in the same block as that of the other, on one host. */
function isInterleaved(
  a: Pick<CellRuns, 'made' | 'cell'>,
  b: Pick<CellRuns, 'made' | 'cell'>,
): boolean {
  if (a.made.sweep !== b.made.sweep || a.cell.host !== b.cell.host) return false;
  const key = ({ cell }: Pick<CellRuns, 'cell'>) => keyWithoutProgram(cellOf(cell));
  return a.made.order !== 'sequential' || key(a) === key(b);
}

/** The values of the trials that both have. */
function sharedBlocks(a: readonly QuotedRun[], b: readonly QuotedRun[]): readonly Pair[] {
  const ofB = new Map(b.map(({ trial, bandwidth }) => [trial, bandwidth]));
  return a.flatMap(({ trial, bandwidth }) => {
    const other = ofB.get(trial);
    return other === undefined ? [] : [{ a: bandwidth, b: other }];
  });
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

/**
 * Like {@link axisOf}, but the host is left out when the cells are only distributed among hosts.
 */
function ownAxisOf(cell: CellRow, axis: AxisName): string | number | boolean {
  return axis === 'host' && cell.host_axis === 0 ? '' : axisOf(cell, axis);
}

/** A cell's value on an axis, as a spec has it; the host is the one where its runs are made. */
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
