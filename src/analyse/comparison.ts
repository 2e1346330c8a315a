import { AXES, type AxisName } from '../experiment/axes.ts';
import { keyWithoutProgram } from '../experiment/cell.ts';
import { axisOf, type CellRow, cellOf, ownAxisOf } from '../store/reader.ts';
import type { QuotedRun } from './bandwidths.ts';
import { cellWarnings } from './cell-warnings.ts';
import { type CellPair, type CellVerdict, type CompareOptions, compareCells } from './compare.ts';
import { compareFeatures, type FeatureChange, type Features } from './features.ts';
import { type Gate, gateOf } from './gate.ts';
import type { Pair } from './paired-ratio.ts';
import type { SessionDeviation } from './session-deviation.ts';
import { median } from './statistics.ts';

/** One of the things that are compared: some cells of a sweep, and the results for them. */
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

/** A cell of the base, and its counterpart in one of the other sides. */
export interface ComparedCell {
  /** The index of that side among the others. */
  readonly side: number;
  /** The cell of the base. */
  readonly a: CellRow;
  /** The cell of that side. */
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
  /** Median bandwidths in bytes per second; undefined without a run. */
  readonly medianA: number | undefined;
  readonly medianB: number | undefined;
  readonly verdict: CellVerdict;
  /** Calls of a run, named `ROLE SYSCALL`. */
  readonly syscalls: readonly FeatureChange[];
  /** Shares of the operations of a run, from 0 to 1, named `OPERATION STATE`. */
  readonly pipeStates: readonly FeatureChange[];
}

export interface ComparedSides {
  /** Sorted by the cells of the base, and for each of them by the other sides. */
  readonly cells: readonly ComparedCell[];
  /** The cells without a counterpart, for each of the other sides. */
  readonly unmatched: readonly Unmatched[];
}

export interface Unmatched {
  /** Cells of the base that the side lacks. */
  readonly onlyA: readonly CellRow[];
  /** Cells of the side that the base lacks. */
  readonly onlyB: readonly CellRow[];
}

/** Thrown when two cells of one side have the same counterpart: the axis would have to be fixed. */
export class AmbiguousCells extends Error {
  /** @param side the index of the side, from 0 for the base */
  constructor(
    readonly side: number,
    message: string,
  ) {
    super(message);
  }
}

export interface CompareSidesOptions extends CompareOptions {
  /** The axes that may differ. */
  readonly apart: ReadonlySet<AxisName>;
  /** A cell fails if it is slower than that of the base by this share. */
  readonly notSlowerBy?: number | undefined;
  /** The deviation between sessions whose floor is given, so that the gate can say what to do. */
  readonly sessions?: SessionDeviation | undefined;
}

/** Names a side by its place: the base is A, the others are B, C, ..., Z, AA, AB and so on. */
export function sideLetter(place: number): string {
  const before = place < 26 ? '' : sideLetter(Math.floor(place / 26) - 1);
  return before + String.fromCharCode(65 + (place % 26));
}

/**
 * Compares each cell of the base with its counterpart in each of the other sides: the cell that
 * agrees in every axis except those that a side was narrowed by. The p values of all cells of all
 * sides are corrected together.
 * @throws AmbiguousCells when cells of a side differ only in those axes
 */
export function compareSides(
  base: Side,
  others: readonly Side[],
  options: CompareSidesOptions,
): ComparedSides {
  const { apart, notSlowerBy, sessions } = options;
  const [keysOfBase = new Map<string, CellRow>(), ...keysOfOthers] = [base, ...others].map(
    (side, at) => uniqueKeys(side.cells, apart, at),
  );
  const pairs = [...keysOfBase].flatMap(([key, a]) =>
    others.flatMap((other, side) => {
      const b = keysOfOthers[side]!.get(key);
      return b ? [{ side, other, a, b }] : [];
    }),
  );
  const values = pairs.map(({ other, a, b }) => cellPair(runsOf(base, a), runsOf(other, b)));
  const verdicts = compareCells(values, options);
  const none: Features = new Map();
  const changesOf = (kind: 'syscalls' | 'pipeStates') =>
    compareFeatures(
      pairs.map(({ other, a, b }) => ({
        a: base[kind].get(a.cell) ?? none,
        b: other[kind].get(b.cell) ?? none,
      })),
    );
  const syscalls = changesOf('syscalls');
  const pipeStates = changesOf('pipeStates');
  return {
    cells: pairs.map(({ side, other, a, b }, at) => ({
      ...{ side, a, b },
      doubtsA: doubtsOf(base, a),
      doubtsB: doubtsOf(other, b),
      interleaved: values[at]!.blocks !== undefined,
      gate: notSlowerBy === undefined ? undefined : gateOf(verdicts[at]!, notSlowerBy, sessions),
      medianA: medianOf(values[at]!.a),
      medianB: medianOf(values[at]!.b),
      verdict: verdicts[at]!,
      syscalls: syscalls[at]!,
      pipeStates: pipeStates[at]!,
    })),
    unmatched: keysOfOthers.map((keys) => ({
      onlyA: without(keysOfBase, keys),
      onlyB: without(keys, keysOfBase),
    })),
  };
}

/** The cells whose keys others do not have. */
function without(
  cells: ReadonlyMap<string, CellRow>,
  others: ReadonlyMap<string, CellRow>,
): readonly CellRow[] {
  return [...cells].flatMap(([key, cell]) => (others.has(key) ? [] : [cell]));
}

function runsOf(side: Side, cell: CellRow): CellRuns {
  return { made: side.made, cell, runs: side.runs.get(cell.cell) ?? [] };
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
  side: number,
): ReadonlyMap<string, CellRow> {
  const byKey = new Map<string, CellRow>();
  for (const cell of cells) {
    const key = JSON.stringify(sharedAxes(apart).map((axis) => ownAxisOf(cell, axis)));
    const other = byKey.get(key);
    if (other) {
      const axes = [...apart].filter((axis) => axisOf(cell, axis) !== axisOf(other, axis));
      throw new AmbiguousCells(
        side,
        `cells ${other.cell} and ${cell.cell} differ only in ${axes.join(' and ')}`,
      );
    }
    byKey.set(key, cell);
  }
  return byKey;
}

/** The axes in which cells have to agree. */
export function sharedAxes(apart: ReadonlySet<AxisName>): readonly AxisName[] {
  return AXES.filter((axis) => !apart.has(axis));
}
