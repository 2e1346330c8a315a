import { median } from './statistics.ts';

/** The level that fits some values best. */
export interface BiweightFit {
  readonly level: number;
  /**
   * The sum over the values of their squared distance from the level, but never more than the square
   * of the reach for one of them.
   */
  readonly cost: number;
  /** How many values lie within reach of the level; the others do not affect it. */
  readonly within: number;
}

/**
 * Fits a constant level to parts of a sequence with the biweight cost of Fearnhead and Rigaill (2019,
 * Journal of the American Statistical Association 114): a value further away than `reach` counts as
 * one at that distance, so that a single outlier is worth no more than the square of the reach. The
 * fit is the exact optimum: the level is the mean of the values within reach of it, and all sets of
 * values that lie within reach of some level are tried.
 * @returns a function that fits the values from index `from` up to, and without, index `to`; at
 * least one value
 */
export function biweightFits(
  values: readonly number[],
  reach: number,
): (from: number, to: number) => BiweightFit {
  const order = Int32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  const sorted = Float64Array.from(order, (at) => values[at]!);
  const own = new Float64Array(values.length + 1);
  const cap = reach ** 2;
  return (from, to) => {
    let count = 0;
    for (let place = 0; place < order.length; place++) {
      own[count] = sorted[place]!;
      // Adds 1 if from <= at < to, without a branch, which could not be predicted.
      const at = order[place]!;
      count += ((from - 1 - at) & (at - to)) >>> 31;
    }
    // Sums of distances from a value in the middle lose no digits.
    const origin = own[count >> 1]!;
    let [sum, squares] = [0, 0];
    const take = (place: number, sign: 1 | -1) => {
      const distance = own[place]! - origin;
      sum += sign * distance;
      squares += sign * distance * distance;
    };
    for (let place = 0; place < count; place++) take(place, 1);
    let best = { level: origin + sum / count, cost: squares - sum ** 2 / count, within: count };
    // With more values out of reach than this, these alone would cost more.
    const mostOutside = Math.min(count - 1, Math.floor(Math.max(0, best.cost) / cap));
    for (let place = count - mostOutside; place < count; place++) take(place, -1);
    let leave = 0;
    const consider = (enter: number) => {
      const within = enter - leave;
      const cost = squares - sum ** 2 / within + cap * (count - within);
      if (cost < best.cost) best = { level: origin + sum / within, cost, within };
    };
    for (let enter = count - mostOutside; enter <= count; enter++) {
      consider(enter);
      // While the level rises until the next value comes within reach, others get out of it.
      const limit = enter < count ? own[enter]! - 2 * reach : Number.POSITIVE_INFINITY;
      while (leave < Math.min(mostOutside, enter - 1) && own[leave]! < limit) {
        take(leave++, -1);
        consider(enter);
      }
      if (enter < count) take(enter, 1);
    }
    return { ...best, cost: Math.max(0, best.cost) };
  };
}

/** How many median distances away a value has no weight any more; the usual choice. */
const TUNING = 9;

/**
 * The standard deviation of values about a level that may step now and then, from how much each value
 * differs from the one before it and from the one before that. A step and an outlier make two or
 * three large differences each, which the biweight midvariance leaves out (Mosteller and Tukey 1977;
 * Lax 1985, Journal of the American Statistical Association 80).
 * @returns 0 for fewer than two values
 */
export function deviationWithoutSteps(values: readonly number[]): number {
  const differences = [1, 2].flatMap((lag) =>
    values.slice(lag).map((value, at) => value - values[at]!),
  );
  return biweightDeviation(differences) / Math.SQRT2;
}

/** The root of the biweight midvariance about 0. */
function biweightDeviation(differences: readonly number[]): number {
  if (differences.length === 0) return 0;
  const reach = TUNING * median(differences.map(Math.abs));
  if (reach === 0) return 0;
  let [above, below] = [0, 0];
  for (const difference of differences) {
    const share = (difference / reach) ** 2;
    if (share >= 1) continue;
    above += difference ** 2 * (1 - share) ** 4;
    below += (1 - share) * (1 - 5 * share);
  }
  return Math.sqrt(differences.length * above) / Math.abs(below);
}
