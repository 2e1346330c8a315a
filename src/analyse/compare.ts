import { LEAST_FOR_INTERVAL } from '../experiment/trials.ts';
import { benjaminiHochberg } from './benjamini-hochberg.ts';
import { CONFIDENCE, type Interval } from './interval.ts';
import { cliffsDelta } from './mann-whitney.ts';
import { normalQuantile } from './normal.ts';
import { type Pair, ratioOfPairs } from './paired-ratio.ts';
import { ratioOfSamples } from './ratio-interval.ts';
import { withSessionFloor } from './session-floor.ts';

/** Bandwidths of a cell of each side, one value a run, all above 0. */
export interface CellPair {
  /** The base. */
  readonly a: readonly number[];
  readonly b: readonly number[];
  /**
   * The values of runs that were made in the same block. Undefined when the sides were not made
   * in turns, as two sweeps are not.
   */
  readonly blocks?: readonly Pair[] | undefined;
}

/** What changed from one sample to another. */
export interface Comparison extends Interval {
  /** `paired`: from the ratio within each block; `unpaired`: from all values of both samples. */
  readonly method: 'paired' | 'unpaired';
  /** Of `b` to `a`: above 1, `b` is faster. */
  readonly ratio: number;
  /** Two-sided, that the ratio is 1; not corrected for the number of comparisons. */
  readonly p: number;
  /** The ratio is not lower than this, and not higher than that, each at a level of 95 %. */
  readonly bounds: Interval;
  /** Above 0 when values of `b` tend to be higher. */
  readonly cliffsDelta: number;
  readonly nA: number;
  readonly nB: number;
  /** Blocks that hold a value of each; undefined when unpaired. */
  readonly pairs: number | undefined;
  /** The smallest p that this many values can have. */
  readonly leastP: number;
  /** The deviation between sessions that interval and p allow for, as a share; 0 within one. */
  readonly floor: number;
}

export interface CompareOptions {
  /**
   * Standard deviation between sessions as a share of the bandwidth, such as 0.02. What was not
   * made in turns was made in two sessions: their difference is added to every error.
   */
  readonly floor?: number | undefined;
  /** Differences below this share do not matter, such as 0.02. */
  readonly equivalent?: number | undefined;
}

/** False calls that are allowed: a share of the calls. */
const ALPHA = 1 - CONFIDENCE;
/** Its two ends are one-sided bounds at 95 %. */
const BOUNDS_CONFIDENCE = 1 - 2 * ALPHA;
/** With five pairs no p is below 5 %. */
const LEAST_PAIRED = 6;
/** How often a shift is found that this many values "could have found". */
const POWER = 0.8;

/**
 * The blocks alone decide where there are enough of them; otherwise all values of both samples do.
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

/** What is said about a cell; `b` is 'faster' when its bandwidths are higher. */
export type CellVerdict =
  | { readonly verdict: 'too few'; readonly nA: number; readonly nB: number }
  | (Comparison & {
      readonly verdict: 'faster' | 'slower' | 'equivalent' | 'inconclusive';
      /** Corrected for the number of cells that could be compared. */
      readonly correctedP: number;
      /**
       * The slowdown, as a share, that would be found in 4 of 5 such comparisons if no other cell
       * had changed. Undefined where none would: so few values cannot convince among so many cells.
       */
      readonly detectable: number | undefined;
    });

/**
 * Compares cells. Each is corrected for the number of all by Benjamini and Hochberg; a cell with too
 * few values is not one of them, as no p of its could be small (Tarone 1990). In order:
 *
 * - `equivalent`: a margin was given, and both one-sided tests (Schuirmann 1987) say that neither
 *   side is slower than the other by that margin. It is 5 % of each cell, not corrected.
 * - `faster`, `slower`: the corrected p is below 5 %. The interval excludes 1, as it inverts the test.
 * - `inconclusive`: neither; `detectable` says what would have been found.
 *
 * The ratio and p of a cell do not depend on which other cells are compared. With the sides swapped
 * every ratio is the reciprocal, and every verdict the opposite one.
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
    // Limits that are each other's reciprocal: the order of the sides makes no difference.
    const limit = 1 - equivalent;
    if (bounds.low > limit && bounds.high < 1 / limit) return 'equivalent';
  }
  if (correctedP >= ALPHA) return 'inconclusive';
  return ratio > 1 ? 'faster' : 'slower';
}

/**
 * By the normal approximation: the interval tells the standard error, and a cell that has changed
 * alone must have a p below alpha divided by the number of cells.
 */
function detectable(cell: Comparison, cells: number): number | undefined {
  if (cell.leastP * cells >= ALPHA) return undefined;
  const errors = normalQuantile(1 - ALPHA / cells / 2) + normalQuantile(POWER);
  return 1 - Math.exp(-errors * standardError(cell));
}

/** Of the logarithm of a ratio, from the width of its interval. */
export function standardError({ low, high, level }: Interval): number {
  return Math.log(high / low) / 2 / normalQuantile((1 + level) / 2);
}
