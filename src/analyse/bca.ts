import type { Interval } from './interval.ts';
import { normalCdf, normalQuantile } from './normal.ts';
import { quantile } from './statistics.ts';

/**
 * The acceleration, a sixth of the skewness of the influence values (Davison and Hinkley 1997,
 * chapter 5); from -1/6 to 1/6. The jackknife is no good for the variance of a median, but all
 * that is taken here is a skewness, which is close to 0: the estimates are one value in half of
 * the cases and another in the other half.
 * @param samples the leave-one-out estimates of each sample
 * @returns 0 when they are all the same
 */
export function acceleration(samples: readonly (readonly number[])[]): number {
  let cubes = 0;
  let squares = 0;
  for (const estimates of samples) {
    const n = estimates.length;
    const mean = estimates.reduce((sum, estimate) => sum + estimate, 0) / n;
    for (const estimate of estimates) {
      const influence = ((n - 1) * (mean - estimate)) / n;
      cubes += influence ** 3;
      squares += influence ** 2;
    }
  }
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
}

export interface Bootstrapped {
  readonly estimate: number;
  /** Ascending. */
  readonly replicates: Float64Array;
  readonly acceleration: number;
  readonly confidence: number;
}

/**
 * The BCa interval. Replicates that equal the estimate count half as below it: a median has many
 * of them (a quarter for n = 11), and to count none would move both ends down without a reason.
 * The share is kept off 0 and 1, where its normal quantile is infinite.
 */
export function bca({ estimate, replicates, acceleration, confidence }: Bootstrapped): Interval {
  const count = replicates.length;
  const below = countWhile(replicates, (replicate) => replicate < estimate);
  const notAbove = countWhile(replicates, (replicate) => replicate <= estimate);
  const share = (below + notAbove) / 2 / count;
  const edge = 1 / (count + 1);
  const bias = normalQuantile(Math.min(Math.max(share, edge), 1 - edge));
  const end = (p: number) => {
    const shifted = bias + normalQuantile(p);
    const room = 1 - acceleration * shifted;
    // Without room the correction has run past the last replicate.
    const level = room > 0 ? normalCdf(bias + shifted / room) : Number(shifted > 0);
    return quantile(replicates, level);
  };
  return {
    low: end((1 - confidence) / 2),
    high: end((1 + confidence) / 2),
    level: confidence,
  };
}

/** How many at the start of an ascending list fulfil a condition that the rest does not. */
function countWhile(ascending: Float64Array, holds: (value: number) => boolean): number {
  let from = 0;
  let to = ascending.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (holds(ascending[middle]!)) from = middle + 1;
    else to = middle;
  }
  return from;
}
