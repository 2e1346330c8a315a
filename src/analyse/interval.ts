/** A confidence interval. Both ends belong to it; same unit as what it is an interval of. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  /**
   * The confidence level that it has, a share from 0 to 1. It is below CONFIDENCE where there are
   * too few values for any interval of that level.
   */
  readonly level: number;
}

/** The level that every interval aims at. */
export const CONFIDENCE = 0.95;

/**
 * Half the interval's width as a share of the median: 0.02 is "± 2 %". 0 for an interval without
 * width, infinite when only the median is 0.
 */
export function relativeHalfWidth(
  centre: number,
  { low, high }: Pick<Interval, 'low' | 'high'>,
): number {
  return high === low ? 0 : (high - low) / 2 / Math.abs(centre);
}
