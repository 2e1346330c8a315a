import { type SeriesWarning, seriesWarnings } from './series-warnings.ts';
import { type ValueWarning, valueWarnings } from './value-warnings.ts';

export type CellWarning = SeriesWarning | ValueWarning;

/**
 * Every doubt that the values of a cell raise, by their order and by themselves.
 * @param bandwidths one a run, in bytes per second, in the order of the runs
 * @param totalBytes what one sample transfers
 */
export function cellWarnings(
  bandwidths: readonly number[],
  totalBytes: number,
): readonly CellWarning[] {
  return [...seriesWarnings(bandwidths), ...valueWarnings(bandwidths, totalBytes)];
}
