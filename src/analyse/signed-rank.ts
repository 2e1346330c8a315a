import { normalCdf, normalQuantile } from './normal.ts';

/** Fewer pairs than this: exact. R takes the same limit. */
const EXACT_BELOW = 50;

/** The tail of the distribution of Wilcoxon's (1945) signed-rank sum of `n` pairs without ties. */
export interface SignedRankTail {
  /** The rank sum, at least 1, at and above which the tail no longer lies. */
  readonly rank: number;
  /** The probability of a rank sum below it. */
  readonly chance: number;
}

/**
 * The longest lower tail that is no more probable than asked for, and at least the rank sum 0, which
 * is as far as a tail can be cut.
 * @param most a probability below 0.5
 */
export function signedRankTail(n: number, most: number): SignedRankTail {
  if (n >= EXACT_BELOW) return normalTail(n, most);
  const chances = rankSums(n);
  let rank = 1;
  let chance = chances[0]!;
  while (chance + chances[rank]! <= most) chance += chances[rank++]!;
  return { rank, chance };
}

/** With continuity correction. */
function normalTail(n: number, most: number): SignedRankTail {
  const mean = (n * (n + 1)) / 4;
  const deviation = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24);
  const rank = Math.floor(mean + deviation * normalQuantile(most) + 0.5);
  return { rank, chance: normalCdf((rank - 0.5 - mean) / deviation) };
}

/** The chances of the sums 0, 1, ... when each of the ranks from 1 to `n` counts by a coin's toss. */
function rankSums(n: number): Float64Array {
  const chances = new Float64Array((n * (n + 1)) / 2 + 1);
  chances[0] = 1;
  for (let rank = 1; rank <= n; rank++) {
    for (let sum = (rank * (rank + 1)) / 2; sum >= 0; sum--) {
      const without = sum >= rank ? chances[sum - rank]! : 0;
      chances[sum] = (chances[sum]! + without) / 2;
    }
  }
  return chances;
}
