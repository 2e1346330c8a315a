import { normalCdf } from './normal.ts';
import { EXACT_BELOW, subsets, waysUntied } from './rank-sum.ts';
import { doubledRanks } from './ranks.ts';

export interface MannWhitney {
  /**
   * Pairs of a value of `a` and one of `b` in which that of `a` is higher; ties count as a half.
   */
  readonly u: number;
  /** Two-sided: the probability of a `u` this extreme if both samples came from the same source. */
  readonly p: number;
  readonly method: 'exact' | 'normal';
}

/**
 * The test of Mann and Whitney (1947), also known as Wilcoxon's rank sum test.
 *
 * With fewer than 50 values in each sample the p is exact: twice the smaller tail over all ways to
 * assign the ranks, with midranks for ties. Without ties that is what R's `wilcox.test` gives; with
 * ties R uses the normal approximation. From 50 values on, p comes from the normal approximation,
 * with continuity and tie correction as in R.
 * @throws RangeError for an empty sample
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): MannWhitney {
  const { ranks, ties, sumOfA, u } = ranked(a, b);
  // All values are the same, which is the most frequent case among calls: nothing to count.
  if (ties[0] === ranks.length) return { u, p: 1, method: 'exact' };
  return Math.max(a.length, b.length) < EXACT_BELOW
    ? { u, p: exactP(ranks, a.length, sumOfA), method: 'exact' }
    : { u, p: normalP(u, a.length, b.length, ties), method: 'normal' };
}

/**
 * The smallest p that {@link mannWhitney} could give for these values, however they were divided
 * between the samples: the p with the lowest values all in one sample and the highest in the other.
 * @throws RangeError for an empty sample
 */
export function leastP(a: readonly number[], b: readonly number[]): number {
  const all = [...a, ...b].sort((left, right) => left - right);
  return Math.min(
    mannWhitney(all.slice(0, a.length), all.slice(a.length)).p,
    mannWhitney(all.slice(b.length), all.slice(0, b.length)).p,
  );
}

/**
 * Cliff's (1993) delta: the share of pairs in which the value of `b` is higher, minus the share in
 * which that of `a` is higher. From -1 (all of `b` below all of `a`) to 1; 0 for no tendency.
 * @throws RangeError for an empty sample
 */
export function cliffsDelta(a: readonly number[], b: readonly number[]): number {
  return 1 - (2 * ranked(a, b).u) / (a.length * b.length);
}

function ranked(a: readonly number[], b: readonly number[]) {
  if (a.length === 0 || b.length === 0) throw new RangeError('ranks of an empty sample');
  const { ranks, ties } = doubledRanks([...a, ...b]);
  const sumOfA = ranks.slice(0, a.length).reduce((sum, rank) => sum + rank, 0);
  return { ranks, ties, sumOfA, u: sumOfA / 2 - (a.length * (a.length + 1)) / 2 };
}

function normalP(u: number, nA: number, nB: number, ties: readonly number[]): number {
  const n = nA + nB;
  const tied = ties.reduce((sum, times) => sum + times ** 3 - times, 0);
  const variance = ((nA * nB) / 12) * (n + 1 - tied / (n * (n - 1)));
  const distance = Math.abs(u - (nA * nB) / 2);
  return Math.min(1, 2 * normalCdf(-Math.max(0, distance - 0.5) / Math.sqrt(variance)));
}

/** Twice the smaller tail of the sum of `size` ranks, if they were drawn from all the ranks. */
function exactP(ranks: readonly number[], size: number, observed: number): number {
  const n = ranks.length;
  // Mirrored if needed, so that the observed sum is not above the middle: a small tail is then a
  // sum of few small numbers, and not 1 minus a sum of many.
  const mirrored = observed > size * (n + 1);
  const own = mirrored ? ranks.map((rank) => 2 * (n + 1) - rank) : ranks;
  const sum = mirrored ? 2 * size * (n + 1) - observed : observed;
  const whole = own.every((rank) => rank % 2 === 0);
  const limit = whole ? sum / 2 : sum;
  const isUntied = whole && new Set(own).size === n;
  const least = (size * (size + 1)) / 2;
  const ways = isUntied
    ? waysUntied(size, n - size, limit - least)
    : waysToSum(whole ? own.map((rank) => rank / 2) : own, size, limit);
  const notAbove = ways.reduce((total, some) => total + some, 0) / subsets(n, size);
  const equal = ways.at(-1)! / subsets(n, size);
  return Math.min(1, 2 * Math.min(notAbove, 1 - notAbove + equal));
}

/** How many subsets of `size` of the numbers sum to 0, 1, ..., `limit`. */
function waysToSum(numbers: readonly number[], size: number, limit: number): Float64Array {
  const ways = Array.from({ length: size + 1 }, () => new Float64Array(limit + 1));
  ways[0]![0] = 1;
  numbers
    .toSorted((a, b) => a - b)
    .forEach((number, seen) => {
      for (let taken = Math.min(seen + 1, size); taken >= 1; taken--) {
        const into = ways[taken]!;
        const from = ways[taken - 1]!;
        // The numbers still to be taken are not smaller: a higher sum would end up above the limit.
        const most = limit - (size - taken) * number;
        for (let sum = number; sum <= most; sum++) into[sum]! += from[sum - number]!;
      }
    });
  return ways[size]!;
}
