import type { Operator, Quantity } from './quantity.ts';
import { parseSize } from './sizes.ts';

/** A unit as it is written in an expectation: `GB/s`, `%`, or empty for a bare number. */
export interface Unit {
  readonly suffix: string;
  /** The value of one of it. */
  readonly size: number;
}

/** The value that a quantity is compared with, and the unit in which it was written. */
export interface ExpectedValue {
  readonly value: number;
  readonly unit: Unit;
}

const ONE: Unit = { suffix: '', size: 1 };
export const PERCENT: Unit = { suffix: '%', size: 0.01 };

/** The values that a quantity can have, and how they are written. */
interface Domain {
  /** Completes "expected ...". */
  readonly expected: string;
  /** @returns undefined for a text that is not such a value */
  readonly read: (text: string) => ExpectedValue | undefined;
  /** The greatest value that the quantity can have; infinite if there is no limit. */
  readonly most: number;
}

const RATE: Domain = {
  expected: 'a bandwidth with its unit, such as 500MiB/s or 500000B/s',
  read(text) {
    const [, digits, unit] = /^(\d{1,15}(?:\.\d{1,9})?) ?([A-Za-z]{1,3})\/s$/.exec(text) ?? [];
    const size = unit === undefined ? undefined : parseSize(`1${unit}`);
    if (size === undefined) return undefined;
    return { value: Number(digits) * size, unit: { suffix: `${unit}/s`, size } };
  },
  most: Number.POSITIVE_INFINITY,
};

/** @param most the greatest share that may be written */
function share(expected: string, most: number): Omit<Domain, 'most'> {
  return {
    expected,
    read(text) {
      const [, digits, percent] = /^(\d{1,9}(?:\.\d{1,9})?)( ?%)?$/.exec(text) ?? [];
      const value = digits === undefined ? undefined : Number(digits) / (percent ? 100 : 1);
      if (value === undefined || value > most) return undefined;
      return { value, unit: percent ? PERCENT : ONE };
    },
  };
}

/** A share of the calls at one end of a pipe. */
const PART: Domain = { ...share('a share from 0 to 100%, such as 30% or 0.3', 1), most: 1 };
/** A share of a median: it may be wider than that, but nobody expects it to be. */
const SPREAD: Domain = {
  ...share('a share of the median, such as 10% or 0.1, and at most 100%', 1),
  most: Number.POSITIVE_INFINITY,
};
const RATIO: Domain = {
  ...share('a ratio such as 50% or 0.5, and at most 200%', 2),
  most: Number.POSITIVE_INFINITY,
};
const RUNS: Domain = {
  expected: 'a whole number of runs',
  read: (text) => (/^\d{1,15}$/.test(text) ? { value: Number(text), unit: ONE } : undefined),
  most: Number.POSITIVE_INFINITY,
};
const CALLS: Domain = {
  expected: 'a number of calls',
  read: (text) =>
    /^\d{1,15}(\.\d{1,9})?$/.test(text) ? { value: Number(text), unit: ONE } : undefined,
  most: Number.POSITIVE_INFINITY,
};

function domainOf(quantity: Quantity): Domain {
  switch (quantity.kind) {
    case 'bandwidth':
      if (quantity.field === 'n') return RUNS;
      return quantity.field === 'cv' || quantity.field === 'relative_ci' ? SPREAD : RATE;
    case 'runs':
      return RUNS;
    case 'probe-effect':
      return RATIO;
    case 'state-share':
      return PART;
    case 'syscalls':
      return CALLS;
  }
}

/**
 * Reads the value that a quantity is compared with; bandwidths in bytes per second, shares from 0
 * to 1.
 * @returns a text that completes "expected ..." if the text cannot mean such a value, or if the
 *     comparison says nothing because every value of the quantity, or none, fulfils it
 */
export function readExpectedValue(
  quantity: Quantity,
  operator: Operator,
  text: string,
): ExpectedValue | string {
  const { expected, read, most } = domainOf(quantity);
  const written = read(text);
  if (written === undefined) return `${expected} after ${operator}`;
  const { value } = written;
  const always = (operator === '>=' && value === 0) || (operator === '<=' && value === most);
  const never = (operator === '<' && value === 0) || (operator === '>' && value === most);
  if (always || never) {
    return `a comparison that can fail and hold: ${always ? 'every value fulfils' : 'no value fulfils'} this one`;
  }
  return written;
}
