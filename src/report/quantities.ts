import { greatest, least } from '../extremes.ts';

/** How figures format numbers. */

export const MIB = 1024 * 1024;

/** Converts bytes per second to MiB/s with three significant digits, such as `1230` or `0.123`. */
export function mebibytes(bytesPerS: number): string {
  return significant(bytesPerS / MIB);
}

/** Formats calls and the like: whole numbers without decimals. */
export function countText(value: number): string {
  return Number.isInteger(value) ? String(value) : significant(value);
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

/** Nanoseconds in the largest unit in which they are at least 1: `256 ns`, `4.1 µs`. */
export function nanoseconds(ns: number): string {
  const units = ['ns', 'µs', 'ms', 's'];
  const power = ns < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(ns) / 3));
  return `${significant(ns / 1000 ** power)} ${units[power]}`;
}

/** `12 %`, `0.4 %`; shows 0 or 100 only if the share is exactly that. */
export function percent(share: number): string {
  const value = share * 100;
  if (share > 0 && value < 0.1) return '< 0.1 %';
  if (share < 1 && value > 99.9) return '> 99.9 %';
  return `${value < 10 || value > 99 ? Number(value.toFixed(1)) : Math.round(value)} %`;
}

/** The whole number of percent, used where a sign beside each would be too much. */
export function percentFigure(share: number): string {
  return String(Math.round(share * 100));
}

/** `one run`, `7 runs`, `5 to 7 runs`: the number of something in several places. */
export function countRange(counts: readonly number[], one: string, many = `${one}s`): string {
  const fewest = least(counts);
  const most = greatest(counts);
  if (fewest !== most) return `${fewest} to ${most} ${many}`;
  return most === 1 ? `one ${one}` : `${most} ${many}`;
}
