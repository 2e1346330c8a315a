import { LEAST_FOR_INTERVAL } from '../experiment/limits.ts';
import { CONFIDENCE, type Interval } from './interval.ts';
import { signedRankP } from './signed-rank.ts';
import { type TestedRatio, testedRatio } from './tested-ratio.ts';

/** Two values that were measured side by side, both above 0. */
export interface Pair {
  /** The base. */
  readonly a: number;
  readonly b: number;
}

/** The factor by which `b` differs from `a`, from the change within each pair alone. */
export interface PairedRatio extends Interval {
  readonly ratio: number;
  /** The number of pairs that it is based on. */
  readonly pairs: number;
}

/** {@link ratioOfPairs} with its 95 % interval, whose level is 93.75 % for five pairs. */
export function pairedRatio(pairs: readonly Pair[]): PairedRatio | undefined {
  const tested = ratioOfPairs(pairs);
  return tested && { ratio: tested.ratio, ...tested.interval(CONFIDENCE), pairs: pairs.length };
}

/**
 * Ratio of `b` to `a` from pairs: on the log scale the estimate of Hodges and Lehmann (1963), the
 * median of the means of every two differences and of each one with itself (Walsh averages). The
 * ends of an interval are two of these means: those between which the signed-rank test of Wilcoxon
 * (1945) does not reject. Anything that affects both values of a pair equally cancels out.
 *
 * It assumes symmetric differences, which they are when both values of a pair scatter alike.
 * Without ties this is R's `wilcox.test(conf.int = TRUE, exact = TRUE)` of the log ratios, exact
 * for fewer than 50 pairs. With ties R approximates, while the interval here is the same and has at
 * least its level (Noether 1967).
 * @returns undefined for fewer than LEAST_FOR_INTERVAL pairs
 * @throws RangeError for a value that is not above 0, which has no ratio
 */
export function ratioOfPairs(pairs: readonly Pair[]): TestedRatio | undefined {
  if (!pairs.every(({ a, b }) => a > 0 && b > 0)) {
    throw new RangeError('a ratio needs values above 0');
  }
  const n = pairs.length;
  if (n < LEAST_FOR_INTERVAL) return undefined;
  const sorted = Float64Array.from(pairs, ({ a, b }) => Math.log(b) - Math.log(a)).sort();
  const sums = {
    count: (n * (n + 1)) / 2,
    least: 2 * sorted[0]!,
    most: 2 * sorted[n - 1]!,
    upTo: (limit: number) => sumsUpTo(limit, sorted),
    power: 2,
  };
  return testedRatio(sums, signedRankP(n));
}

/** How many sums of two values, or of one with itself, are not above a limit. */
function sumsUpTo(limit: number, sorted: Float64Array): number {
  let count = 0;
  let upper = sorted.length - 1;
  for (let lower = 0; lower <= upper; lower++) {
    while (upper >= lower && sorted[lower]! + sorted[upper]! > limit) upper--;
    count += upper - lower + 1;
  }
  return count;
}
