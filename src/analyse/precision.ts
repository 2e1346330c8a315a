import { type Interval, relativeHalfWidth } from './interval.ts';

/** How far a cell's trials have got that go on until its median is known well enough. */
export interface Precision {
  /** Half the width of the median's interval as a share of the median; undefined: no interval. */
  readonly relativeHalfWidth: number | undefined;
  /** `cap`: all the trials that were allowed, and still wider; `short`: wider, with trials left. */
  readonly state: 'reached' | 'cap' | 'short';
}

/**
 * @param trialsMade counted ones, good or not: a run that failed is not made up for
 * @returns undefined for a sweep whose cells have a fixed number of trials
 */
export function precisionOf(
  bandwidth: { readonly median: number; readonly interval: Interval | undefined } | undefined,
  trialsMade: number,
  sweep: { readonly relative_ci: number | null; readonly trials_max: number },
): Precision | undefined {
  if (sweep.relative_ci === null) return undefined;
  const wide = trialsMade >= sweep.trials_max ? 'cap' : 'short';
  const interval = bandwidth?.interval;
  if (!bandwidth || !interval) return { relativeHalfWidth: undefined, state: wide };
  const width = relativeHalfWidth(bandwidth.median, interval);
  return { relativeHalfWidth: width, state: width <= sweep.relative_ci ? 'reached' : wide };
}
