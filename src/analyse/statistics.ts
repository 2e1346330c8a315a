/** Five numbers and a count that describe a sample. */
export interface Distribution {
  readonly n: number;
  readonly median: number;
  readonly q1: number;
  readonly q3: number;
  readonly min: number;
  readonly max: number;
}

/**
 * The p-quantile by linear interpolation between order statistics: definition 7 of Hyndman and
 * Fan (1996), the default of R and NumPy.
 * @param sorted ascending, at least one value
 * @param p from 0 to 1
 */
export function quantile(sorted: readonly number[] | Float64Array, p: number): number {
  const position = (sorted.length - 1) * p;
  const below = Math.floor(position);
  const low = sorted[below];
  const high = sorted[Math.ceil(position)];
  if (low === undefined || high === undefined) throw new RangeError('quantile of an empty sample');
  return low + (position - below) * (high - low);
}

export function median(values: readonly number[]): number {
  return quantile([...values].sort(ascending), 0.5);
}

/** @returns undefined for an empty sample */
export function describe(values: readonly number[]): Distribution | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort(ascending);
  return {
    n: sorted.length,
    median: quantile(sorted, 0.5),
    q1: quantile(sorted, 0.25),
    q3: quantile(sorted, 0.75),
    min: sorted[0]!,
    max: sorted.at(-1)!,
  };
}

function ascending(a: number, b: number): number {
  return a - b;
}
