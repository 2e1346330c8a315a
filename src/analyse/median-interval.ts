import { LEAST_FOR_INTERVAL } from '../experiment/limits.ts';
import { CONFIDENCE, type Interval } from './interval.ts';

/**
 * Confidence interval of the median: two order statistics, each interpolated with the next one
 * towards the middle so that the level is 95 % (Hettmansperger and Sheather 1986). The result
 * depends only on the values.
 *
 * From 6 values on the level is 0.95. The interpolation is exact for a Laplace distribution and
 * close for others; `npm run bench:coverage` prints how close. Five values get the whole range,
 * whose level is exactly 0.9375 for every continuous distribution. Ties (rounded values) only make
 * an interval contain the median more often than its level says.
 * @returns undefined for fewer than LEAST_FOR_INTERVAL values
 */
export function medianInterval(values: readonly number[]): Interval | undefined {
  const n = values.length;
  if (n < LEAST_FOR_INTERVAL) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const { depth, weight } = endsOf(n);
  if (depth === 0) return { low: sorted[0]!, high: sorted[n - 1]!, level: 1 - 2 ** (1 - n) };
  const between = (from: number, to: number) => from + weight * (to - from);
  return {
    low: between(sorted[depth - 1]!, sorted[depth]!),
    high: between(sorted[n - depth]!, sorted[n - depth - 1]!),
    level: CONFIDENCE,
  };
}

/**
 * The positions of the ends: between the `depth`-th value and the next one, counted from either
 * side, moved by `weight` of the way towards the next one. A depth of 0 means that even the whole
 * range has a level below 95 %.
 */
function endsOf(n: number): { readonly depth: number; readonly weight: number } {
  const chances = coinTosses(n);
  const tail = (1 - CONFIDENCE) / 2;
  // The median lies below the depth-th value with the probability of fewer than `depth` heads.
  let depth = 0;
  let below = 0;
  while (below + chances[depth]! <= tail) below += chances[depth++]!;
  const part = (tail - below) / chances[depth]!;
  return { depth, weight: ((n - depth) * part) / (depth + (n - 2 * depth) * part) };
}

/** The probabilities of 0, 1, ..., floor(n / 2) heads in `n` tosses of a fair coin. */
function coinTosses(n: number): Float64Array {
  const middle = Math.floor(n / 2);
  // Relative to the middle one: starting from the outside, the first ones would be too small to
  // represent.
  const chances = new Float64Array(middle + 1);
  chances[middle] = 1;
  let sum = 1;
  for (let heads = middle; heads > 0; heads--) {
    chances[heads - 1] = (chances[heads]! * heads) / (n - heads + 1);
    sum += chances[heads - 1]!;
  }
  const total = n % 2 === 0 ? 2 * sum - 1 : 2 * sum;
  return chances.map((chance) => chance / total);
}
