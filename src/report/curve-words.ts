import type { CurveBreak, FittedValue, Hockney } from '../analyse/curve-fit.ts';
import { significant } from '../rounding.ts';
import { range } from './value-text.ts';

/** Units with the value of one of each, the smallest first. */
type Units = readonly (readonly [name: string, one: number])[];

const TIMES: Units = [
  ['ns', 1e-9],
  ['µs', 1e-6],
  ['ms', 1e-3],
  ['s', 1],
];
const SIZES: Units = [
  ['B', 1],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
];
const RATES: Units = [['MiB/s', 2 ** 20]];

/**
 * `1.2 µs (1.1–1.3)`: in one unit, the largest in which the value is at least 1. @param words text
 * before the interval
 */
function withInterval({ value, interval }: FittedValue, units: Units, words = ''): string {
  const [name, one] = unitOf(value, units);
  const ends = [interval.low, interval.high].map((end) => significant(end / one));
  return `${significant(value / one)} ${name} (${words}${range(ends[0]!, ends[1]!)})`;
}

function unitOf(value: number, units: Units): Units[number] {
  return units.findLast(([, one]) => value >= one) ?? units[0]!;
}

/** Describes the cost of a call, the asymptotic bandwidth, and the size that reaches half of it. */
export function hockneyWords({ call, asymptote, half }: Hockney): string {
  return `a write and its read cost ${withInterval(call, TIMES, '95% interval ')} besides moving the bytes; bandwidth tends to ${withInterval(asymptote, RATES)}, half of which is reached with buffers of ${withInterval(half, SIZES)}`;
}

/** `bends at 64 KiB (52–80): ...`. Says so if an end of the interval is not known. */
export function bendWords({ at, interval: { low, high }, beyond }: CurveBreak): string {
  const [name, one] = unitOf(at, SIZES);
  const end = (bytes: number) => significant(bytes / one);
  const shown = (bytes: number | undefined) => (bytes === undefined ? undefined : end(bytes));
  const ends = openRange(shown(low), shown(high));
  const after = beyond
    ? `bytes beyond that move at ${withInterval(beyond, RATES)}`
    : 'bytes beyond that add no time that can be told from none';
  return `bends at ${significant(at / one)} ${name} (${ends}): ${after}`;
}

/** A range whose ends may be unknown: `52–80`, `52 or more`, `80 or less`, `anywhere`. */
export function openRange(low: string | undefined, high: string | undefined): string {
  if (low !== undefined && high !== undefined) return range(low, high);
  if (low !== undefined) return `${low} or more`;
  return high !== undefined ? `${high} or less` : 'anywhere';
}

/** `64 KiB`; also works for sizes that are not a whole number of any unit. */
export function roundedSize(bytes: number): string {
  const [name, one] = unitOf(bytes, SIZES);
  return `${significant(bytes / one)} ${name}`;
}
