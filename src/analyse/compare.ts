import { LEAST_FOR_INTERVAL } from '../experiment/limits.ts';
import { benjaminiHochberg } from './benjamini-hochberg.ts';
import { CONFIDENCE, type Interval } from './interval.ts';
import { cliffsDelta } from './mann-whitney.ts';
import { normalQuantile } from './normal.ts';
import { type Pair, ratioOfPairs } from './paired-ratio.ts';
import { ratioOfSamples } from './ratio-interval.ts';
import { withSessionFloor } from './session-floor.ts';

/** Bandwidths of a cell on each side, one value per run, all above 0. */
export interface CellPair {
  /** The base. */
  readonly a: readonly number[];
  readonly b: readonly number[];
  /**
   * The values of runs that were made in the same block. Undefined when the two sides were not
   * interleaved, which is always so for two sweeps.
   */
  readonly blocks?: readonly Pair[] | undefined;
}

/** The change from one sample to another. */
export interface Comparison extends Interval {
  /** `paired`: from the ratio within each block; `unpaired`: from all values of both samples. */
  readonly method: 'paired' | 'unpaired';
  /** The ratio of `b` to `a`: above 1, `b` is faster. */
  readonly ratio: number;
  /** Two-sided p for a ratio of 1; not corrected for the number of comparisons. */
  readonly p: number;
  /** One-sided lower and upper bounds of the ratio, each at a level of 95 %. */
  readonly bounds: Interval;
  /** Above 0 when values of `b` tend to be higher. */
  readonly cliffsDelta: number;
  readonly nA: number;
  readonly nB: number;
  /** Blocks that hold a value of each side; undefined when unpaired. */
  readonly pairs: number | undefined;
  /** The smallest p that this many values can have. */
  readonly leastP: number;
  /** The deviation between sessions that interval and p allow for, as a share; 0 within one. */
  readonly floor: number;
}

export interface CompareOptions {
  /**
   * Standard deviation between sessions as a share of the bandwidth, such as 0.02. Sides that were
   * not interleaved were measured in two sessions: the difference between these is added to every
   * error.
   */
  readonly floor?: number | undefined;
  /** Differences below this share do not matter, such as 0.02. */
  readonly equivalent?: number | undefined;
}

/** The share of the calls that may be false. */
const ALPHA = 1 - CONFIDENCE;
/** The two ends of such an interval are one-sided bounds at 95 %. */
const BOUNDS_CONFIDENCE = 1 - 2 * ALPHA;
/** With five pairs, p cannot fall below 5 %. */
const LEAST_PAIRED = 6;
/** How often a shift is found that this many values "could have found". */
const POWER = 0.8;

/**
 * If there are enough blocks, only they decide; otherwise all values of both samples do.
 * @returns undefined when a sample has fewer than LEAST_FOR_INTERVAL values
 * @throws RangeError for a value that is not above 0
 */
export function compareSamples(
  { a, b, blocks }: CellPair,
  { floor = 0 }: Pick<CompareOptions, 'floor'> = {},
): Comparison | undefined {
  if (Math.min(a.length, b.length) < LEAST_FOR_INTERVAL) return undefined;
  const paired = blocks && blocks.length >= LEAST_PAIRED ? ratioOfPairs(blocks) : undefined;
  const within = paired ?? ratioOfSamples(a, b)!;
  const ownFloor = blocks ? 0 : floor;
  const tested = withSessionFloor(within, ownFloor);
  return {
    method: paired ? 'paired' : 'unpaired',
    ratio: tested.ratio,
    ...tested.interval(CONFIDENCE),
    p: tested.p,
    bounds: tested.interval(BOUNDS_CONFIDENCE),
    cliffsDelta: cliffsDelta(a, b),
    nA: a.length,
    nB: b.length,
    pairs: paired && blocks?.length,
    leastP: tested.leastP,
    floor: ownFloor,
  };
}

/** The verdict on a cell; `b` is 'faster' when its bandwidths are higher. */
export type CellVerdict =
  | { readonly verdict: 'too few'; readonly nA: number; readonly nB: number }
  | (Comparison & {
      readonly verdict: 'faster' | 'slower' | 'equivalent' | 'inconclusive';
      /** Corrected for the number of cells that could be compared. */
      readonly correctedP: number;
      /**
       * The slowdown, as a share, that would be found in 4 of 5 such comparisons if no other cell
       * had changed. Undefined if none would be: so few values cannot convince among so many cells.
       */
      readonly detectable: number | undefined;
    });

/**
 * Compares cells. Each is corrected for the number of all cells by Benjamini and Hochberg; a cell
 * with too few values is not counted, because its p could never be small (Tarone 1990). The
 * verdicts, in this order:
 *
 * - `equivalent`: a margin was given, and both one-sided tests (Schuirmann 1987) say that neither
 *   side is slower than the other by that margin. The level is 5 % for each cell, not corrected.
 * - `faster`, `slower`: the corrected p is below 5 %. The interval excludes 1, since it inverts
 *   the test.
 * - `inconclusive`: neither; `detectable` says what would have been found.
 *
 * The ratio and p of a cell do not depend on which other cells are compared. With the sides
 * swapped, every ratio becomes its reciprocal, and every verdict the opposite one.
 * @returns in the order of `pairs`
 * @throws RangeError for a value that is not above 0
 */
export function compareCells(
  pairs: readonly CellPair[],
  { floor, equivalent }: CompareOptions = {},
): readonly CellVerdict[] {
  const compared = pairs.map((pair) => compareSamples(pair, { floor }));
  const corrected = benjaminiHochberg(compared.flatMap((cell) => cell?.p ?? []));
  let next = 0;
  return compared.map((cell, at) => {
    if (!cell) return { verdict: 'too few', nA: pairs[at]!.a.length, nB: pairs[at]!.b.length };
    const correctedP = corrected[next++]!;
    return {
      ...cell,
      correctedP,
      verdict: verdictOf(cell, correctedP, equivalent),
      detectable: detectable(cell, corrected.length),
    };
  });
}

function verdictOf(
  { ratio, bounds }: Comparison,
  correctedP: number,
  equivalent: number | undefined,
): 'faster' | 'slower' | 'equivalent' | 'inconclusive' {
  if (equivalent !== undefined) {
    // The limits are each other's reciprocal, so that the order of the sides makes no difference.
    const limit = 1 - equivalent;
    if (bounds.low > limit && bounds.high < 1 / limit) return 'equivalent';
  }
  if (correctedP >= ALPHA) return 'inconclusive';
  return ratio > 1 ? 'faster' : 'slower';
}

/**
 * Uses the normal approximation: the interval gives the standard error, and if a single cell has
 * changed, its p must be below alpha divided by the number of cells.
 */
function detectable(cell: Comparison, cells: number): number | undefined {
  if (cell.leastP * cells >= ALPHA) return undefined;
  const errors = normalQuantile(1 - ALPHA / cells / 2) + normalQuantile(POWER);
  return 1 - Math.exp(-errors * standardError(cell));
}

/** Standard error of the logarithm of a ratio, from the width of its interval. */
export function standardError({ low, high, level }: Interval): number {
  return Math.log(high / low) / 2 / normalQuantile((1 + level) / 2);
}
