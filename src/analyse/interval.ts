/** A confidence interval. Both ends belong to it; same unit as what it is an interval of. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Half the interval's width as a share of the median: 0.02 is "± 2 %". 0 for an interval without
 * width, infinite when only the median is 0.
 */
export function relativeHalfWidth(centre: number, { low, high }: Interval): number {
  return high === low ? 0 : (high - low) / 2 / Math.abs(centre);
}
