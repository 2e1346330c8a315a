import { normalCdf } from './normal.ts';
import { doubledRanks } from './ranks.ts';

export interface Trend {
  /**
   * Kendall's tau-b of the values against their order: 1 if always rising, -1 if always falling.
   */
  readonly tau: number;
  /** Two-sided: the probability of a tau this far from 0 if the order meant nothing. */
  readonly p: number;
}

/** With fewer values than this, and without ties, p is exact. R uses the same limit. */
const EXACT_BELOW = 50;

/**
 * Tests whether values rise or fall over the order in which they were measured: Kendall's rank
 * correlation with the order, which is the test of Mann (1945). Any monotone drift counts, not only
 * a linear one. Like R's `cor.test(method = 'kendall')`: exact for fewer than 50 values without
 * ties, otherwise normal with the variance corrected for ties.
 * @returns undefined for fewer than three values, or when all are the same
 */
export function drift(values: readonly number[]): Trend | undefined {
  const n = values.length;
  const { ties } = doubledRanks(values);
  const pairs = (n * (n - 1)) / 2;
  const tiedPairs = ties.reduce((sum, times) => sum + (times * (times - 1)) / 2, 0);
  if (n < 3 || tiedPairs === pairs) return undefined;
  const score = risingLessFalling(values);
  const tau = score / Math.sqrt(pairs * (pairs - tiedPairs));
  if (n < EXACT_BELOW && ties.length === 0) return { tau, p: exactP(n, (pairs + score) / 2) };
  const spread = (times: number) => times * (times - 1) * (2 * times + 5);
  const variance = (spread(n) - ties.reduce((sum, times) => sum + spread(times), 0)) / 18;
  return { tau, p: Math.min(1, 2 * normalCdf(-Math.abs(score) / Math.sqrt(variance))) };
}

function risingLessFalling(values: readonly number[]): number {
  let score = 0;
  for (let later = 1; later < values.length; later++) {
    for (let earlier = 0; earlier < later; earlier++) {
      score += Math.sign(values[later]! - values[earlier]!);
    }
  }
  return score;
}

/** Twice the smaller tail of the number of rising pairs in a random order of `n` values. */
function exactP(n: number, rising: number): number {
  // chances[k] is the probability of k rising pairs among the values so far. One more value of
  // random rank adds between 0 and the number of previous values, each equally likely.
  let chances = [1];
  for (let size = 2; size <= n; size++) {
    const next = new Array<number>(chances.length + size - 1).fill(0);
    chances.forEach((chance, count) => {
      for (let more = 0; more < size; more++) next[count + more]! += chance / size;
    });
    chances = next;
  }
  const fewer = Math.min(rising, (n * (n - 1)) / 2 - rising);
  const tail = chances.slice(0, fewer + 1).reduce((sum, chance) => sum + chance, 0);
  return Math.min(1, 2 * tail);
}
