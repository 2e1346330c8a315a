import { greatest, least } from '../extremes.ts';
import { percentNumber, significant } from '../rounding.ts';

/** How figures format numbers. */

/** Formats calls and the like: whole numbers without decimals. */
export function countText(value: number): string {
  return Number.isInteger(value) ? String(value) : significant(value);
}

/** Nanoseconds in the largest unit in which they are at least 1: `256 ns`, `4.1 µs`. */
export function nanoseconds(ns: number): string {
  const units = ['ns', 'µs', 'ms', 's'];
  const power = ns < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(ns) / 3));
  return `${significant(ns / 1000 ** power)} ${units[power]}`;
}

/** `12 %`, `0.4 %`; shows 0 or 100 only if the share is exactly that. */
export function percent(share: number): string {
  return `${percentNumber(share).replace(/^[<>]/, '$& ')} %`;
}

/** `2.8–9.2 %`: one sign for both ends. */
export function percentRange(low: number, high: number): string {
  const [from, to] = [percent(low), percent(high)];
  return from === to ? from : `${from.replace(/ %$/, '')}–${to}`;
}

/** The whole number of percent, for the areas of a chart; `>99` where that would be 100 and is not. */
export function percentFigure(share: number): string {
  const rounded = Math.round(share * 100);
  return rounded === 100 && share < 1 ? '>99' : String(rounded);
}

/** `one run`, `7 runs`, `5 to 7 runs`: the number of something in several places. */
export function countRange(counts: readonly number[], one: string, many = `${one}s`): string {
  const fewest = least(counts);
  const most = greatest(counts);
  if (fewest !== most) return `${fewest} to ${most} ${many}`;
  return most === 1 ? `one ${one}` : `${most} ${many}`;
}
