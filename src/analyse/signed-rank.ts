import { normalCdf } from './normal.ts';

/** With fewer pairs than this, p is exact. R uses the same limit. */
const EXACT_BELOW = 50;

/**
 * The two-sided p of Wilcoxon's (1945) signed-rank test of `n` pairs without ties, as a function of
 * the rank sum of the pairs that go against the direction of the majority: from 0 to half of all
 * ranks, rounded down. It rises with that sum. It is exact for fewer than EXACT_BELOW pairs,
 * otherwise the normal approximation with continuity correction, as in R.
 */
export function signedRankP(n: number): (sum: number) => number {
  if (n >= EXACT_BELOW) {
    const mean = (n * (n + 1)) / 4;
    const deviation = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24);
    return (sum) => Math.min(1, 2 * normalCdf(-Math.max(0, mean - sum - 0.5) / deviation));
  }
  let total = 0;
  const ps = rankSums(n).map((chance) => {
    total += chance;
    return Math.min(1, 2 * total);
  });
  return (sum) => ps[sum]!;
}

/**
 * The probabilities of the sums 0, 1, ... when each of the ranks from 1 to `n` is counted or not by
 * a coin toss.
 */
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
