import { serialDependence } from './serial-dependence.ts';
import { drift } from './trend.ts';

export interface SeriesWarning {
  readonly code: 'drift' | 'autocorrelated';
  readonly message: string;
}

/** With fewer values only extreme cases would be found, and chance can look like one. */
export const LEAST_FOR_WARNINGS = 10;
/** With this level, about one cell in a sweep of a thousand is doubted wrongly, not fifty. */
export const DOUBT_P = 0.001;

/**
 * Finds doubts about values that should not depend on their order. Intervals and tests assume that
 * values are independent; if they are not, intervals are too narrow and tests too confident.
 *
 * Both tests look at the ranks, so that one or two outliers neither cause nor hide a doubt. Only
 * runs that resemble the ones before them are reported: alternating ones make intervals too wide.
 * @param values one per run, in the order of the runs
 * @returns nothing for fewer than LEAST_FOR_WARNINGS values
 */
export function seriesWarnings(values: readonly number[]): readonly SeriesWarning[] {
  if (values.length < LEAST_FOR_WARNINGS) return [];
  const warnings: SeriesWarning[] = [];
  const trend = drift(values);
  if (trend && trend.p < DOUBT_P) {
    const direction = trend.tau > 0 ? 'rise' : 'fall';
    const evidence = `tau ${trend.tau.toFixed(2)}, p ${trend.p.toExponential(0)}`;
    warnings.push({
      code: 'drift',
      message: `values ${direction} over the order of the runs (${evidence})`,
    });
  }
  const dependence = serialDependence(values);
  if (dependence && dependence.p < DOUBT_P) {
    const correlation = (1 - dependence.ratio / 2).toFixed(2);
    warnings.push({
      code: 'autocorrelated',
      message: `a run resembles the one before it (autocorrelation of ranks ${correlation}, p ${dependence.p.toExponential(0)})`,
    });
  }
  return warnings;
}
