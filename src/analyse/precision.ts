import { type Interval, levelText, relativeHalfWidth } from './interval.ts';

/** How far a cell has got whose trials go on until its median is known precisely enough. */
export interface Precision {
  /** Half the width of the median's interval as a share of the median; undefined without one. */
  readonly relativeHalfWidth: number | undefined;
  /**
   * `reached`: no wider than asked for. With the others it is wider, or there is no interval: for
   * `cap` all allowed trials have been made, for `missed` all those that the values called for, and
   * for `short` some are left.
   */
  readonly state: 'reached' | 'cap' | 'missed' | 'short';
}

export const PRECISION_STATES = [
  'reached',
  'cap',
  'missed',
  'short',
] as const satisfies readonly Precision['state'][];

/** Why the level of an interval is nominal in a sweep whose cells have a {@link Precision}. */
export const WHY_NOMINAL = 'the values decided how many trials there are';

/** "95%", or "nominal 95%": the level of a cell's interval, as it is quoted. */
export function quotedLevel(
  interval: Interval,
  { precision }: { readonly precision: Precision | undefined },
): string {
  return `${precision ? 'nominal ' : ''}${levelText(interval)}`;
}

/**
 * @param trialsMade counted ones, good or not: a failed run is not replaced
 * @param trialsCalledFor how many trials the cell's values call for; only called if needed
 * @returns undefined for a sweep whose cells have a fixed number of trials
 */
export function precisionOf(
  bandwidth: { readonly median: number; readonly interval: Interval | undefined } | undefined,
  trialsMade: number,
  sweep: { readonly relative_ci: number | null; readonly trials_max: number },
  trialsCalledFor: () => number,
): Precision | undefined {
  if (sweep.relative_ci === null) return undefined;
  const interval = bandwidth?.interval;
  const width = bandwidth && interval && relativeHalfWidth(bandwidth.median, interval);
  if (width !== undefined && width <= sweep.relative_ci) {
    return { relativeHalfWidth: width, state: 'reached' };
  }
  if (trialsMade >= sweep.trials_max) return { relativeHalfWidth: width, state: 'cap' };
  const state = trialsMade >= trialsCalledFor() ? 'missed' : 'short';
  return { relativeHalfWidth: width, state };
}
