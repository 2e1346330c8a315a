import { LEAST_FOR_INTERVAL } from '../experiment/limits.ts';
import { CONFIDENCE, type Interval } from './interval.ts';
import { untiedP } from './rank-sum.ts';
import { type TestedRatio, testedRatio } from './tested-ratio.ts';

/** The factor by which the values of one sample are higher than those of another. */
export interface RatioInterval extends Interval {
  readonly ratio: number;
  /** Two-sided p for a ratio of 1; below 0.05 exactly when 1 lies outside the interval. */
  readonly p: number;
}

/** {@link ratioOfSamples} with its 95 % interval. */
export function ratioInterval(
  a: readonly number[],
  b: readonly number[],
): RatioInterval | undefined {
  const tested = ratioOfSamples(a, b);
  return tested && { ratio: tested.ratio, ...tested.interval(CONFIDENCE), p: tested.p };
}

/**
 * The ratio of sample `b` to sample `a`, with independent values: the median of all ratios of a
 * value of `b` to one of `a`, and the interval of Moses (Hollander, Wolfe and Chicken 2014, section
 * 4.3), which contains the factors that the test of Mann and Whitney (1947) does not reject.
 * Without ties p and interval are those of R's `wilcox.test` of the logarithms; with ties R
 * approximates.
 * @param a the base, all values above 0
 * @param b the sample that is compared with it, all values above 0
 * @returns undefined when a sample has fewer than LEAST_FOR_INTERVAL values
 * @throws RangeError for a value that is not above 0, which has no ratio
 */
export function ratioOfSamples(
  a: readonly number[],
  b: readonly number[],
): TestedRatio | undefined {
  if (![...a, ...b].every((value) => value > 0)) {
    throw new RangeError('a ratio needs values above 0');
  }
  if (Math.min(a.length, b.length) < LEAST_FOR_INTERVAL) return undefined;
  const before = Float64Array.from(a, Math.log).sort();
  const after = Float64Array.from(b, Math.log).sort();
  const differences = {
    count: before.length * after.length,
    least: after[0]! - before.at(-1)!,
    most: after.at(-1)! - before[0]!,
    upTo: (limit: number) => differencesUpTo(limit, before, after),
    power: 1,
  };
  return testedRatio(differences, untiedP(a.length, b.length));
}

/**
 * Counts the differences between a value of `after` and one of `before` that are not above a limit;
 * both are sorted ascending.
 */
function differencesUpTo(limit: number, before: Float64Array, after: Float64Array): number {
  let count = 0;
  let upper = 0;
  for (const value of before) {
    while (upper < after.length && after[upper]! - value <= limit) upper++;
    count += upper;
  }
  return count;
}
