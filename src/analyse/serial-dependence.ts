import { normalCdf } from './normal.ts';
import { doubledRanks } from './ranks.ts';

export interface SerialDependence {
  /**
   * Sum of squared differences between neighbouring ranks divided by the sum of squares about their
   * mean: near 2 if the order means nothing, near 0 if a value resembles the one before it, up to 4
   * if values alternate.
   */
  readonly ratio: number;
  /** Probability of a ratio this small or smaller if every order were equally likely. */
  readonly p: number;
}

/** Orders are counted for up to this many values. */
const EXACT_UP_TO = 11;
/**
 * Orders are counted up to this ratio; p is then about 0.003 for 11 values. Above it, nobody needs
 * more digits.
 */
const COUNTED_RATIO = 0.6;

/**
 * Tests whether values resemble the ones before them: the rank version of von Neumann's ratio
 * (Bartels 1982), one-sided. Its p is that of the permutation distribution: for at most 11 values
 * and a ratio up to 0.6 it is exact, ties included; otherwise it comes from Bartels' approximation
 * by a beta distribution.
 * @param values in the order in which they were measured
 * @returns undefined for fewer than 4 values, or when all are the same
 */
export function serialDependence(values: readonly number[]): SerialDependence | undefined {
  const n = values.length;
  const { ranks, ties } = doubledRanks(values);
  const squares = ranks.reduce((sum, rank) => sum + (rank - n - 1) ** 2, 0);
  if (n < 4 || squares === 0) return undefined;
  const differences = ranks
    .slice(1)
    .reduce((sum, rank, before) => sum + (rank - ranks[before]!) ** 2, 0);
  const ratio = differences / squares;
  const exact = n <= EXACT_UP_TO && ratio <= COUNTED_RATIO;
  return { ratio, p: exact ? exactP(ranks, ties, differences) : approximateP(n, ratio) };
}

/**
 * A quarter of the ratio is approximately beta distributed, symmetrically, with the variance that
 * the ratio has over all orders (Bartels 1982). A symmetric beta variable can be transformed to a
 * Student t, whose tail is computed after Wallace (1959, Annals of Mathematical Statistics 30).
 */
function approximateP(n: number, ratio: number): number {
  const shape = (5 * n * (n + 1) * (n - 1) ** 2) / (2 * (n - 2) * (5 * n ** 2 - 2 * n - 9)) - 1 / 2;
  const freedom = 2 * shape;
  const r = (ratio - 2) / 2;
  const squared = (freedom * r ** 2) / (1 - r ** 2);
  const normal =
    (Math.sqrt(freedom * Math.log1p(squared / freedom)) * (8 * freedom + 1)) / (8 * freedom + 3);
  return normalCdf(Math.sign(r) * normal);
}

/** For each number of different values, how many orders have which sum of squared differences. */
const withoutTies = new Map<number, ReadonlyMap<number, number>>();

/** The share of all orders of the ranks whose squared differences add up to at most `most`. */
function exactP(ranks: readonly number[], ties: readonly number[], most: number): number {
  let sums = ties.length === 0 ? withoutTies.get(ranks.length) : undefined;
  if (sums === undefined) {
    const squares = ranks.reduce((sum, rank) => sum + (rank - ranks.length - 1) ** 2, 0);
    sums = ordersBySum(ranks, COUNTED_RATIO * squares);
    if (ties.length === 0) withoutTies.set(ranks.length, sums);
  }
  let found = 0;
  for (const [sum, count] of sums) if (sum <= most) found += count;
  return ranks.reduce((share, _, at) => share / (at + 1), found);
}

/**
 * Counts how many orders of the ranks have which sum of squared differences, up to `most`. Orders
 * grow rank by rank; those with the same members, last rank and sum are counted together.
 */
function ordersBySum(ranks: readonly number[], most: number): ReadonlyMap<number, number> {
  const n = ranks.length;
  const all = 2 ** n - 1;
  /** For a set of members (as bits) and the last of them: how many orders have which sum. */
  const orders = new Map<number, Map<number, number>>();
  for (let last = 0; last < n; last++) orders.set(2 ** last * n + last, new Map([[0, 1]]));
  for (let members = 1; members < all; members++) {
    for (let last = 0; last < n; last++) {
      const sums = orders.get(members * n + last);
      if (sums === undefined) continue;
      orders.delete(members * n + last);
      for (let next = 0; next < n; next++) {
        if ((members >> next) & 1) continue;
        const more = (ranks[next]! - ranks[last]!) ** 2;
        const key = (members | (1 << next)) * n + next;
        for (const [sum, count] of sums) {
          if (sum + more > most) continue;
          const own = orders.get(key) ?? new Map<number, number>();
          orders.set(key, own.set(sum + more, (own.get(sum + more) ?? 0) + count));
        }
      }
    }
  }
  const whole = new Map<number, number>();
  for (const sums of orders.values()) {
    for (const [sum, count] of sums) whole.set(sum, (whole.get(sum) ?? 0) + count);
  }
  return whole;
}
