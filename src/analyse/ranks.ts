/** Ranks of a sample, doubled so that the midranks of ties are also whole numbers. */
export interface DoubledRanks {
  /** Ranks in the order of the values; 2 for the smallest value if no other is the same. */
  readonly ranks: readonly number[];
  /** For each value that occurs more than once, how often it occurs. */
  readonly ties: readonly number[];
}

export function doubledRanks(values: readonly number[]): DoubledRanks {
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  const ranks = new Array<number>(values.length);
  const ties: number[] = [];
  let from = 0;
  while (from < order.length) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (const at of order.slice(from, to)) ranks[at] = from + 1 + to;
    if (to - from > 1) ties.push(to - from);
    from = to;
  }
  return { ranks, ties };
}
