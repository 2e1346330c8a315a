import type { Operator, Quantity } from './quantity.ts';
import { parseSize } from './sizes.ts';

/** The values that a quantity can have, and how they are written. */
interface Domain {
  readonly unit: 'bytes/s' | 'share' | 'count';
  /** Completes "expected ...". */
  readonly expected: string;
  /** @returns undefined for a text that is not such a value */
  readonly read: (text: string) => number | undefined;
  /** The greatest value that the quantity can have; infinite if there is no limit. */
  readonly most: number;
}

const RATE: Domain = {
  unit: 'bytes/s',
  expected: 'a bandwidth with its unit, such as 500MiB/s or 500000B/s',
  read(text) {
    const [, digits, unit] = /^(\d{1,15}(?:\.\d{1,9})?) ?([A-Za-z]{1,3})\/s$/.exec(text) ?? [];
    const bytes = unit === undefined ? undefined : parseSize(`1${unit}`);
    return bytes === undefined ? undefined : Number(digits) * bytes;
  },
  most: Number.POSITIVE_INFINITY,
};

/** @param most the greatest share that may be written */
function share(expected: string, most: number): Omit<Domain, 'most'> {
  return {
    unit: 'share',
    expected,
    read(text) {
      const [, digits, percent] = /^(\d{1,9}(?:\.\d{1,9})?)( ?%)?$/.exec(text) ?? [];
      const value = digits === undefined ? undefined : Number(digits) / (percent ? 100 : 1);
      return value === undefined || value > most ? undefined : value;
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
  unit: 'count',
  expected: 'a whole number of runs',
  read: (text) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined),
  most: Number.POSITIVE_INFINITY,
};
const CALLS: Domain = {
  unit: 'count',
  expected: 'a number of calls',
  read: (text) => (/^\d{1,15}(\.\d{1,9})?$/.test(text) ? Number(text) : undefined),
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

export function unitOf(quantity: Quantity): Domain['unit'] {
  return domainOf(quantity).unit;
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
): number | string {
  const { expected, read, most } = domainOf(quantity);
  const value = read(text);
  if (value === undefined) return `${expected} after ${operator}`;
  const always = (operator === '>=' && value === 0) || (operator === '<=' && value === most);
  const never = (operator === '<' && value === 0) || (operator === '>' && value === most);
  if (always || never) {
    return `a comparison that can fail and hold: ${always ? 'every value fulfils' : 'no value fulfils'} this one`;
  }
  return value;
}
