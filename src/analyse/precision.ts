import type { Interval } from './bca.ts';

/** How far a cell's trials have got that go on until its median is known well enough. */
export interface Precision {
  /** Half the width of the median's interval as a share of the median; undefined: no interval. */
  readonly relativeHalfWidth: number | undefined;
  /** `cap`: all the trials that were allowed, and still wider; `short`: wider, with trials left. */
  readonly state: 'reached' | 'cap' | 'short';
}

/** @returns undefined for a sweep whose cells have a fixed number of trials */
export function precisionOf(
  bandwidth:
    | { readonly n: number; readonly median: number; readonly interval: Interval | undefined }
    | undefined,
  sweep: { readonly relative_ci: number | null; readonly trials_max: number },
): Precision | undefined {
  if (sweep.relative_ci === null) return undefined;
  const interval = bandwidth?.interval;
  if (!bandwidth || !interval) return { relativeHalfWidth: undefined, state: 'short' };
  const relativeHalfWidth = (interval.high - interval.low) / 2 / bandwidth.median;
  if (relativeHalfWidth <= sweep.relative_ci) return { relativeHalfWidth, state: 'reached' };
  return { relativeHalfWidth, state: bandwidth.n >= sweep.trials_max ? 'cap' : 'short' };
}
