import { doubledRanks } from './ranks.ts';
import { drift } from './trend.ts';

/**
 * Correlation of values with those `lag` places later, from -1 to 1; R's `acf`.
 * @param values in the order they came in
 * @returns undefined where it does not exist: all values the same, or none `lag` places apart
 */
export function autocorrelation(values: readonly number[], lag = 1): number | undefined {
  if (values.length <= lag) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let products = 0;
  let squares = 0;
  values.forEach((value, at) => {
    squares += (value - mean) ** 2;
    if (at >= lag) products += (value - mean) * (values[at - lag]! - mean);
  });
  return squares === 0 ? undefined : products / squares;
}

export interface SeriesWarning {
  readonly code: 'drift' | 'autocorrelated';
  readonly message: string;
}

/** In fewer values nothing but an extreme case would be found, and luck looks like one. */
export const LEAST_FOR_WARNINGS = 10;
/** Of a sweep with a thousand cells one is accused wrongly, not fifty. */
const DRIFT_P = 0.001;
/** In standard errors (1 / sqrt(n)) of the autocorrelation of unrelated values; one-sided. */
const AUTOCORRELATION_ERRORS = 3.09;

/**
 * Doubts about values that should have nothing to do with their order. Intervals and tests take
 * values as independent; where these are not, they are too narrow and too sure.
 *
 * The autocorrelation is that of the ranks, so that one or two outliers neither make nor hide it,
 * and only a positive one is reported: a negative one makes intervals too wide.
 * @param values one a run, in the order of the runs
 * @returns nothing for fewer than LEAST_FOR_WARNINGS values
 */
export function seriesWarnings(values: readonly number[]): readonly SeriesWarning[] {
  if (values.length < LEAST_FOR_WARNINGS) return [];
  const warnings: SeriesWarning[] = [];
  const trend = drift(values);
  if (trend && trend.p < DRIFT_P) {
    const direction = trend.tau > 0 ? 'rise' : 'fall';
    const evidence = `tau ${trend.tau.toFixed(2)}, p ${trend.p.toExponential(0)}`;
    warnings.push({
      code: 'drift',
      message: `values ${direction} over the order of the runs (${evidence})`,
    });
  }
  const correlation = autocorrelation(doubledRanks(values).ranks);
  if (correlation && correlation > AUTOCORRELATION_ERRORS / Math.sqrt(values.length)) {
    warnings.push({
      code: 'autocorrelated',
      message: `a run resembles the one before it (autocorrelation ${correlation.toFixed(2)})`,
    });
  }
  return warnings;
}
