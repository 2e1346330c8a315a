import type { CsvOptions } from '../../../export/csv.ts';
import type { ComparisonRequest } from './comparison.ts';

/** Without sides nothing is compared, and only `repeat` has an effect. */
export interface CompareArguments extends CsvOptions, Omit<ComparisonRequest, 'over'> {
  /** The name of an axis, as it was written. */
  readonly over: string | undefined;
  readonly results: string;
  readonly db: string | undefined;
  readonly json: boolean;
  readonly markdown: boolean;
  readonly out: string | undefined;
  readonly plot: string | undefined;
  readonly html: string | undefined;
}
