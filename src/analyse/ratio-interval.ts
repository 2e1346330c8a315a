import { LEAST_FOR_INTERVAL } from '../experiment/trials.ts';
import type { Interval } from './interval.ts';
import { untiedP } from './rank-sum.ts';

/** By which factor the values of one sample are higher than those of another. */
export interface RatioInterval extends Interval {
  readonly ratio: number;
  /**
   * The level that the interval has, at least, when the samples differ by a factor alone. It is
   * not below the one that was asked for, as ranks are whole numbers.
   */
  readonly level: number;
  /** Two-sided, that the ratio is 1; below 0.05 exactly when 1 lies outside the 95 % interval. */
  readonly p: number;
}

/**
 * The ratio of sample `b` to sample `a`: the Hodges-Lehmann estimate on the log scale, which is
 * the median of all ratios of a value of `b` to one of `a` (Hodges and Lehmann 1963), and the
 * interval of Moses (Hollander, Wolfe and Chicken 2014, section 4.3): the factors that the test of
 * Mann and Whitney does not reject. Test and interval count the same pairs, so they always agree,
 * at every level, and with the sides swapped the interval is the reciprocal one.
 *
 * Pairs of equal values count against a difference, which keeps the level whatever the ties are.
 * Without ties p and interval are those of R's `wilcox.test` of the logarithms.
 * @param a the base, all values above 0
 * @param b what is compared with it, all values above 0
 * @returns undefined when a sample has fewer than LEAST_FOR_INTERVAL values
 * @throws RangeError for a value that is not above 0, of which there is no ratio
 */
export function ratioInterval(
  a: readonly number[],
  b: readonly number[],
  { confidence = 0.95 }: { readonly confidence?: number } = {},
): RatioInterval | undefined {
  if (Math.min(a.length, b.length) < LEAST_FOR_INTERVAL) return undefined;
  const ratios = pairRatios(a, b);
  const pairs = ratios.length;
  const pOf = untiedP(a.length, b.length);
  const notAbove = countWhile(pairs, (at) => ratios[at]! <= 1);
  const notBelow = pairs - countWhile(pairs, (at) => ratios[at]! < 1);
  const against = Math.min(notAbove, notBelow);
  const half = Math.floor(pairs / 2);
  // Numbers of pairs that are too few on one side of a factor for it to be believed.
  const rejected = countWhile(half + 1, (u) => pOf(u) < 1 - confidence);
  return {
    ratio: Math.sqrt(ratios[Math.ceil(pairs / 2) - 1]! * ratios[half]!),
    low: rejected === 0 ? 0 : ratios[rejected - 1]!,
    high: rejected === 0 ? Number.POSITIVE_INFINITY : ratios[pairs - rejected]!,
    level: rejected === 0 ? 1 : 1 - pOf(rejected - 1),
    p: against > half ? 1 : pOf(against),
  };
}

/** Every value of `b` over every one of `a`, ascending. */
function pairRatios(a: readonly number[], b: readonly number[]): Float64Array {
  if (![...a, ...b].every((value) => value > 0)) {
    throw new RangeError('a ratio needs values above 0');
  }
  const ratios = new Float64Array(a.length * b.length);
  let at = 0;
  for (const before of a) for (const after of b) ratios[at++] = after / before;
  return ratios.sort();
}

/** How many of 0, 1, ..., `end - 1` come before the first for which a condition fails for good. */
function countWhile(end: number, holds: (at: number) => boolean): number {
  let from = 0;
  let to = end;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (holds(middle)) from = middle + 1;
    else to = middle;
  }
  return from;
}
