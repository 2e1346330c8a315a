import { LEAST_FOR_INTERVAL } from '../experiment/trials.ts';
import { acceleration, bca } from './bca.ts';
import { CONFIDENCE, type Interval } from './interval.ts';
import { type Draw, seededRandom } from './random.ts';
import { quantile } from './statistics.ts';

export interface BootstrapOptions {
  /** A whole number; the same seed gives the same interval. */
  readonly seed: number;
  /** 0.95 unless told otherwise. */
  readonly confidence?: number;
  readonly resamples?: number;
}

const RESAMPLES = 2000;

/** What a change from one sample to another did to the median. */
export interface Ratio extends Interval {
  /** Median of `b` over median of `a`. */
  readonly ratio: number;
}

/**
 * Ratio of two medians with its confidence interval: the two-sample BCa bootstrap, each sample
 * resampled on its own, the acceleration from the jackknife over both (Davison and Hinkley 1997,
 * chapter 5).
 * @param a the base, all values above 0
 * @param b what is compared with it, all values above 0
 * @returns undefined when a sample has fewer than LEAST_FOR_INTERVAL values
 * @throws RangeError for a value that is not above 0, of which there is no ratio
 */
export function ratioOfMedians(
  a: readonly number[],
  b: readonly number[],
  { seed, confidence = CONFIDENCE, resamples = RESAMPLES }: BootstrapOptions,
): Ratio | undefined {
  if (Math.min(a.length, b.length) < LEAST_FOR_INTERVAL) return undefined;
  const sortedA = ascending(a);
  const sortedB = ascending(b);
  if (!(sortedA[0]! > 0 && sortedB[0]! > 0)) {
    throw new RangeError('a ratio of medians needs values above 0');
  }
  const medianA = quantile(sortedA, 0.5);
  const medianB = quantile(sortedB, 0.5);
  const draw = seededRandom(seed);
  const resampledA = medianOfResample(sortedA, draw);
  const resampledB = medianOfResample(sortedB, draw);
  const ratio = medianB / medianA;
  const interval = bca({
    estimate: ratio,
    replicates: new Float64Array(resamples).map(() => resampledB() / resampledA()).sort(),
    acceleration: acceleration([
      mediansWithoutOne(sortedA).map((left) => medianB / left),
      mediansWithoutOne(sortedB).map((left) => left / medianA),
    ]),
    confidence,
  });
  return { ratio, ...interval };
}

function ascending(values: readonly number[]): readonly number[] {
  return [...values].sort((a, b) => a - b);
}

/** Draws as many values as the sample has, with replacement, and counts up to the middle. */
function medianOfResample(sorted: readonly number[], draw: Draw): () => number {
  const n = sorted.length;
  const lower = Math.floor((n - 1) / 2);
  const upper = Math.floor(n / 2);
  const times = new Uint32Array(n);
  return () => {
    times.fill(0);
    for (let drawn = 0; drawn < n; drawn++) times[draw(n)]!++;
    let at = 0;
    let passed = times[0]!;
    while (passed <= lower) passed += times[++at]!;
    const low = sorted[at]!;
    while (passed <= upper) passed += times[++at]!;
    return (low + sorted[at]!) / 2;
  };
}

function mediansWithoutOne(sorted: readonly number[]): readonly number[] {
  return sorted.map((_, out) => quantile(sorted.toSpliced(out, 1), 0.5));
}
