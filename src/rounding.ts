/*
 * The one rule by which numbers are rounded for people, on the terminal, on pages and in charts:
 * three significant digits for quantities, and percentages with one decimal below ten and none above.
 * Files for programs, such as CSV and JSON, have every digit.
 */

/** Bytes in one MiB. */
export const MIB = 1024 * 1024;

/** Converts bytes per second to MiB/s with three significant digits, such as `1230` or `0.123`. */
export function mebibytes(bytesPerS: number): string {
  return significant(bytesPerS / MIB);
}

/** Formats a number with three significant digits, without an exponent. */
export function significant(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const digits = 2 - Math.floor(Math.log10(Math.abs(value)));
  const rounded = Number(value.toPrecision(3));
  return rounded
    .toFixed(Math.min(20, Math.max(0, digits)))
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
}

/**
 * Formats a share as percent, without the sign: `0.4`, `12`, `129`.
 * Shows 0 or 100 only if the share is exactly that: otherwise `<0.1` or `>99.9`.
 */
export function percentNumber(share: number): string {
  const value = share * 100;
  if (share > 0 && value < 0.1) return '<0.1';
  if (share < 1 && value > 99.9) return '>99.9';
  const nearWhole = value > 99 && value < 100;
  return String(value < 10 || nearWhole ? Number(value.toFixed(1)) : Math.round(value));
}

/** Formats a share as on a terminal: `5.7%`, `66%`. */
export function percentText(share: number): string {
  return `${percentNumber(share)}%`;
}

/** Formats a ratio of two quantities, in which small differences matter: `0.973`. */
export function ratioNumber(ratio: number): string {
  return ratio.toFixed(3);
}
