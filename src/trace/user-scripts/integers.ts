/** A whole number as a tracer prints it, of up to 64 bits: a bigint where a number would round it. */
export type Integer = number | bigint;

/** What a tracer's JSON has for a number, which need not be whole. */
export function isNumber(value: unknown): value is Integer {
  return typeof value === 'bigint' || typeof value === 'number';
}

export function isInteger(value: unknown): value is Integer {
  return typeof value === 'bigint' || Number.isInteger(value);
}

/** The smaller of the two forms that holds it exactly. */
export function narrow(value: bigint): Integer {
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

/** @param digits decimal, perhaps with a sign */
export function integerOf(digits: string): Integer {
  return narrow(BigInt(digits));
}
