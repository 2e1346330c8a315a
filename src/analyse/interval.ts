/** A confidence interval. Both ends are included; the unit is that of the estimated quantity. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  /**
   * Its actual confidence level, a share from 0 to 1. It is below CONFIDENCE if there are too few
   * values for any interval of that level.
   */
  readonly level: number;
}

/** The level that every interval aims at. */
export const CONFIDENCE = 0.95;

/** "95%": the level in whole percent, as shown beside an interval. */
export function levelText({ level }: Pick<Interval, 'level'>): string {
  return `${Math.round(100 * level)}%`;
}

/**
 * The level that a heading can name for all the intervals below it; without intervals, the level
 * that they aim at. Undefined when levels differ: each interval then needs its own.
 */
export function sharedLevel(intervals: readonly (Interval | undefined)[]): string | undefined {
  const levels = new Set(intervals.flatMap((interval) => (interval ? [levelText(interval)] : [])));
  const [first = levelText({ level: CONFIDENCE })] = levels;
  return levels.size > 1 ? undefined : first;
}

/**
 * Half the interval's width as a share of the median: 0.02 is "± 2 %". It is 0 for an interval
 * without width, and infinite when only the median is 0.
 */
export function relativeHalfWidth(
  centre: number,
  { low, high }: Pick<Interval, 'low' | 'high'>,
): number {
  return high === low ? 0 : (high - low) / 2 / Math.abs(centre);
}
