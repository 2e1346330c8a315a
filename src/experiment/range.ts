export interface Range {
  readonly from: number;
  readonly to: number;
  /** Exactly one of the two is there. */
  readonly factor?: number | undefined;
  readonly step?: number | undefined;
}

/** @returns the values of a range, rising, or undefined when there are more than `most` */
export function rangeValues(range: Range, most: number): number[] | undefined {
  const { from, to, factor = 1, step = 0 } = range;
  const values: number[] = [];
  // A sum or product too large for an exact integer is above `to` all the same.
  for (let value = from; value <= to; value = value * factor + step) {
    if (values.length === most) return undefined;
    values.push(value);
  }
  return values;
}
