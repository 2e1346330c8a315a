import { median, quantile } from './statistics.ts';

/**
 * Median distance from the median, times 1.4826, which makes it the standard deviation of a
 * normal sample (Hampel 1974; R's `mad`). Same unit as the values.
 * @returns undefined for an empty sample
 */
export function medianAbsoluteDeviation(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const centre = median(values);
  return 1.4826 * median(values.map((value) => Math.abs(value - centre)));
}

/**
 * Standard deviation (divisor n - 1) over the mean; 0.03 is 3 %.
 * @returns undefined for fewer than two values, or a mean of 0
 */
export function coefficientOfVariation(values: readonly number[]): number | undefined {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2 || mean === 0) return undefined;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (n - 1)) / mean;
}

/** Whether every trial gave the same value; false for a single value, which says nothing. */
export function isDeterministic(values: readonly number[]): boolean {
  return values.length >= 2 && values.every((value) => value === values[0]);
}

/**
 * Finds values more than 1.5 interquartile ranges below the first or above the third quartile
 * (Tukey 1977). They should be looked at, not left out: a normal sample has some as well.
 * @returns their indexes, ascending
 */
export function tukeyOutliers(values: readonly number[]): readonly number[] {
  if (values.length === 0) return [];
  const sorted = [...values].sort((a, b) => a - b);
  const q1 = quantile(sorted, 0.25);
  const q3 = quantile(sorted, 0.75);
  const reach = 1.5 * (q3 - q1);
  return [...values.keys()].filter((at) => values[at]! < q1 - reach || values[at]! > q3 + reach);
}
