import type { BandwidthRow } from '../store/cell-data.ts';
import { bandwidthsByCell, bandwidthsOf, quotedRuns, runMedians } from './bandwidths.ts';
import { studentQuantile } from './beta-distribution.ts';
import { CONFIDENCE, relativeHalfWidth } from './interval.ts';
import { medianInterval } from './median-interval.ts';
import { coefficientOfVariation } from './spread.ts';
import { median } from './statistics.ts';

/** How many trials a cell needs, judging by its values. */
export interface CalledFor {
  /** The total number of counted trials; never fewer than the pilot has. */
  readonly trials: number;
  /** Half the interval's width over the median at the last look; undefined without either. */
  readonly relativeHalfWidth: number | undefined;
}

/**
 * One look after the pilot, and one after the trials that it called for. Each look costs coverage.
 */
const LOOKS = 2;
/** Fewer values say too little about their spread to decide the number of trials. */
const LEAST_CALLED_FOR = 11;
/**
 * Aims at an interval narrower than asked for by this factor; otherwise half of them would miss.
 */
const SAFETY = 1.1;
/** An outlier makes a standard deviation large, but does not make a median uncertain. */
const MOST_OVER_INTERVAL = 1.5;
/** Standard error of a normal sample's median over that of its mean: sqrt(pi / 2). */
const MEDIAN_OVER_MEAN = Math.sqrt(Math.PI / 2);

/**
 * Two-stage sampling after Stein (1945), for the interval of a median: the trials of the pilot
 * determine how many are needed; after these have been made, there is one more look.
 * @param rowsBefore the bandwidths of a cell's trials before a given one, all of which were made
 * @param made the number of counted trials that have been made
 */
export function trialsCalledFor(
  rowsBefore: (trial: number) => Iterable<BandwidthRow>,
  cell: number,
  sweep: {
    readonly controls: number;
    readonly warmup: number;
    readonly trials_min: number;
    readonly relative_ci: number;
  },
  made: number,
): CalledFor {
  let trials = sweep.trials_min;
  let width: number | undefined;
  for (let look = 0; look < LOOKS && trials <= made; look++) {
    const cells = bandwidthsByCell(rowsBefore(sweep.warmup + trials + 1));
    const values = runMedians(quotedRuns(bandwidthsOf(cells, cell), sweep));
    const interval = medianInterval(values);
    width = interval && relativeHalfWidth(median(values), interval);
    const more = valuesCalledFor(values, sweep.relative_ci) - values.length;
    if (more === 0) break;
    trials += more;
  }
  return { trials, relativeHalfWidth: width };
}

/**
 * How many values in total should make the median's interval as narrow as asked for: its width
 * falls with the square root of their number. It is judged by the interval of the existing values
 * and by their standard deviation, whichever is wider: the interval alone is too narrow by chance
 * too often, and then too few values are called for.
 * @param relativeCi half the requested width, as a share of the median
 * @returns at least the number of existing values; exactly that if they are too few for an
 * interval, or all the same
 */
export function valuesCalledFor(values: readonly number[], relativeCi: number): number {
  const n = values.length;
  const interval = medianInterval(values);
  const variation = Math.abs(coefficientOfVariation(values) ?? 0);
  if (!interval || variation === 0) return n;
  const found = relativeHalfWidth(median(values), interval);
  const normal =
    (studentQuantile(1 - CONFIDENCE, n - 1) * MEDIAN_OVER_MEAN * variation) / Math.sqrt(n);
  const width = Math.max(found, Math.min(normal, MOST_OVER_INTERVAL * found));
  return Math.max(n, LEAST_CALLED_FOR, Math.ceil(n * ((SAFETY * width) / relativeCi) ** 2));
}
