import { LEAST_FOR_INTERVAL } from '../experiment/trials.ts';
import { CONFIDENCE, type Interval } from './interval.ts';
import { signedRankTail } from './signed-rank.ts';

/** Two values that were measured side by side, both above 0. */
export interface Pair {
  /** The base. */
  readonly a: number;
  readonly b: number;
}

/** By which factor `b` differs from `a`, the change within each pair alone looked at. */
export interface PairedRatio extends Interval {
  readonly ratio: number;
  /** Pairs that it is made from. */
  readonly pairs: number;
}

/**
 * Ratio of `b` to `a` from pairs: on the log scale the estimate of Hodges and Lehmann (1963), the
 * median of the means of every two differences and of each one with itself (Walsh averages). The
 * ends of the interval are two of these means: those between which the signed-rank test of Wilcoxon
 * (1945) does not reject. What moves both values of a pair alike cancels out.
 *
 * The level is the lowest that is not below 95 %, or for five pairs the highest there is, 93.75 %.
 * It takes the differences as symmetric, as they are when both values of a pair scatter alike.
 * Without ties this is R's `wilcox.test(conf.int = TRUE, exact = TRUE)` of the log ratios, exact for
 * fewer than 50 pairs. With ties R approximates, while the interval here is the same and holds at
 * least its level (Noether 1967).
 * @returns undefined for fewer than LEAST_FOR_INTERVAL pairs
 * @throws RangeError for a value that is not above 0, of which there is no ratio
 */
export function pairedRatio(pairs: readonly Pair[]): PairedRatio | undefined {
  const n = pairs.length;
  if (n < LEAST_FOR_INTERVAL) return undefined;
  if (!pairs.every(({ a, b }) => a > 0 && b > 0)) {
    throw new RangeError('a ratio needs values above 0');
  }
  const logs = Float64Array.from(pairs, ({ a, b }) => Math.log(b / a)).sort();
  const means = (n * (n + 1)) / 2;
  const { rank, chance } = signedRankTail(n, (1 - CONFIDENCE) / 2);
  const mean = (place: number) => walshAverage(logs, place);
  return {
    ratio: Math.exp((mean(Math.ceil(means / 2)) + mean(Math.floor(means / 2) + 1)) / 2),
    low: Math.exp(mean(rank)),
    high: Math.exp(mean(means + 1 - rank)),
    level: 1 - 2 * chance,
    pairs: n,
  };
}

/**
 * The Walsh average at a place, from 1 for the smallest. Found by bisection over the numbers between
 * the smallest and the largest: there are too many averages to hold them all, fifty million of
 * 10,000 values.
 * @param sorted ascending
 */
function walshAverage(sorted: Float64Array, place: number): number {
  let low = 2 * sorted[0]!;
  let high = 2 * sorted.at(-1)!;
  const resolution = Number.EPSILON * Math.max(Math.abs(low), Math.abs(high));
  if (sumsUpTo(low, sorted) >= place) return low / 2;
  while (high - low > resolution) {
    const middle = low + (high - low) / 2;
    if (middle === low || middle === high) break;
    if (sumsUpTo(middle, sorted) >= place) high = middle;
    else low = middle;
  }
  return high / 2;
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
