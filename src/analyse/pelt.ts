/** The cost of a segment: the values from index `from` up to, and without, index `to`. */
export type SegmentCost = (from: number, to: number) => number;

/** The start of a last segment that may still turn out to be the best one. */
interface Candidate {
  readonly from: number;
  /** The most that a partition ending with this segment costs; it never falls as values come. */
  bound: number;
  /** From this number of values on, it cannot be the best any more. */
  until: number;
}

/**
 * Splits a sequence into segments so that their costs and a penalty for each change are together as
 * small as possible: optimal partitioning with the pruning of PELT (Killick, Fearnhead and Eckley
 * 2012, Journal of the American Statistical Association 107). The result is the exact optimum.
 *
 * A candidate is not looked at again while what it cost last is more than the best one costs now.
 * Both this and the pruning need a cost that adds up something for each value: splitting a segment
 * must never make it dearer, and a further value never cheaper.
 * @param count the number of values
 * @param penalty what a change must be worth, above 0
 * @param least the fewest values of a segment
 * @returns the indexes at which a new segment begins, ascending; none for fewer than `least` values
 */
export function pelt(
  count: number,
  cost: SegmentCost,
  { penalty, least }: { readonly penalty: number; readonly least: number },
): readonly number[] {
  const best = new Float64Array(count + 1).fill(Number.POSITIVE_INFINITY);
  const lastChange = new Int32Array(count + 1);
  best[0] = -penalty;
  let candidates: Candidate[] = [];
  for (let to = least; to <= count; to++) {
    const from = to - least;
    if (best[from]! < Number.POSITIVE_INFINITY) {
      candidates.push({ from, bound: best[from]! + penalty, until: Number.POSITIVE_INFINITY });
    }
    // The one that was the best before is probably so again, and spares looking at the others.
    const favourite = candidates.findIndex(({ from: own }) => own === lastChange[to - 1]);
    if (favourite > 0) candidates.unshift(...candidates.splice(favourite, 1));
    for (const candidate of candidates) {
      if (candidate.bound >= best[to]!) continue;
      candidate.bound = best[candidate.from]! + penalty + cost(candidate.from, to);
      if (candidate.bound >= best[to]!) continue;
      best[to] = candidate.bound;
      lastChange[to] = candidate.from;
    }
    for (const candidate of candidates) {
      // A change here instead would cost no more, once there is room for a segment behind it.
      const isBeaten = candidate.bound - penalty >= best[to]!;
      if (isBeaten) candidate.until = Math.min(candidate.until, to + least);
    }
    candidates = candidates.filter(({ until }) => to + 1 < until);
  }
  const changes: number[] = [];
  for (let to = lastChange[count]!; to > 0; to = lastChange[to]!) changes.unshift(to);
  return changes;
}
