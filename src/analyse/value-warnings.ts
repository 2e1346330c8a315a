import { LEAST_FOR_INTERVAL } from '../experiment/limits.ts';
import { percentText } from '../rounding.ts';
import { coefficientOfVariation } from './spread.ts';
import { median } from './statistics.ts';

export interface ValueWarning {
  readonly code: 'short-samples' | 'noisy';
  readonly message: string;
}

/**
 * A timer tick, an interrupt or a wake-up takes a noticeable part of a shorter transfer than this.
 */
const SHORT_SECONDS = 1e-3;
const NOISY_VARIATION = 0.1;

/**
 * Doubts raised by the values of a cell in whatever order they came: transfers so short that the
 * clock and the scheduler have a noticeable effect, and runs that differ widely.
 * @param bandwidths one per run, in bytes per second
 * @param totalBytes how many bytes one sample transfers
 */
export function valueWarnings(
  bandwidths: readonly number[],
  totalBytes: number,
): readonly ValueWarning[] {
  const warnings: ValueWarning[] = [];
  if (bandwidths.length === 0) return warnings;
  const seconds = totalBytes / median(bandwidths);
  if (seconds < SHORT_SECONDS) {
    warnings.push({
      code: 'short-samples',
      message: `a sample lasts ${(1e3 * seconds).toPrecision(2)} ms, so that the clock and the scheduler weigh in it; a larger total_size makes it longer`,
    });
  }
  const variation = coefficientOfVariation(bandwidths) ?? 0;
  if (bandwidths.length >= LEAST_FOR_INTERVAL && variation > NOISY_VARIATION) {
    warnings.push({
      code: 'noisy',
      message: `runs vary by ${percentText(variation)} (coefficient of variation)`,
    });
  }
  return warnings;
}
