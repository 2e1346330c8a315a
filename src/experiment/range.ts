export interface Range {
  readonly from: number;
  readonly to: number;
  /** Exactly one of these two is present. */
  readonly factor?: number | undefined;
  readonly step?: number | undefined;
}

/** @returns the values of a range in ascending order, or undefined if there are more than `most` */
export function rangeValues(range: Range, most: number): number[] | undefined {
  const { from, to, factor = 1, step = 0 } = range;
  const values: number[] = [];
  // A sum or product that is too large for an exact integer is above `to` in any case.
  for (let value = from; value <= to; value = value * factor + step) {
    if (values.length === most) return undefined;
    values.push(value);
  }
  return values;
}
