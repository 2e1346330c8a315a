/** A whole number of up to 64 bits as a tracer prints it: a bigint if a number would round it. */
export type Integer = number | bigint;

/** Tells whether a value in a tracer's JSON is a number, which need not be whole. */
export function isNumber(value: unknown): value is Integer {
  return typeof value === 'bigint' || typeof value === 'number';
}

export function isInteger(value: unknown): value is Integer {
  return typeof value === 'bigint' || Number.isInteger(value);
}

/** Returns the smaller of the two forms that holds the value exactly. */
export function narrow(value: bigint): Integer {
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

/** @param digits decimal, with or without a sign */
export function integerOf(digits: string): Integer {
  return narrow(BigInt(digits));
}
