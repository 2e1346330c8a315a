import { normalCdf } from './normal.ts';

/** With fewer values than this in both samples, p is exact. R uses the same limit. */
export const EXACT_BELOW = 50;

/**
 * Counts the ways to order `nA` values among `nB` others, without ties, that have 0, 1, ..., `most`
 * pairs in which the value of `a` is higher. These are the coefficients of a Gaussian binomial,
 * multiplied out factor by factor; up to 49 values they agree with integer arithmetic to 15 digits.
 */
export function waysUntied(nA: number, nB: number, most: number): Float64Array {
  const ways = new Float64Array(most + 1);
  ways[0] = 1;
  for (let factor = 1; factor <= nA; factor++) {
    for (let u = most; u >= nB + factor; u--) ways[u]! -= ways[u - nB - factor]!;
    for (let u = factor; u <= most; u++) ways[u]! += ways[u - factor]!;
  }
  return ways;
}

/** The number of subsets of `size` in a set of `n`. */
export function subsets(n: number, size: number): number {
  let count = 1;
  for (let taken = 1; taken <= size; taken++) count = (count * (n - size + taken)) / taken;
  return count;
}

/**
 * The two-sided p of the Mann-Whitney test without ties, as a function of the number `u` of pairs
 * that go against the direction in which most pairs point: from 0 to half the pairs, rounded down.
 * It rises with `u`. Exact with fewer than EXACT_BELOW values in each sample, otherwise the normal
 * approximation with continuity correction, as in R.
 */
export function untiedP(nA: number, nB: number): (u: number) => number {
  const half = (nA * nB) / 2;
  if (Math.max(nA, nB) >= EXACT_BELOW) {
    const deviation = Math.sqrt((nA * nB * (nA + nB + 1)) / 12);
    return (u) => Math.min(1, 2 * normalCdf(-Math.max(0, half - u - 0.5) / deviation));
  }
  const all = subsets(nA + nB, nA);
  let sum = 0;
  const ps = waysUntied(nA, nB, Math.floor(half)).map((ways) => {
    sum += ways;
    return Math.min(1, (2 * sum) / all);
  });
  return (u) => ps[u]!;
}
