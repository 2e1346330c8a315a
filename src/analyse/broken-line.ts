import { betaCdf, studentQuantile } from './beta-distribution.ts';
import { bisected } from './bisected.ts';
import { dot, type LeastSquares, leastSquares } from './least-squares.ts';

/** One size of a curve: how long a call took on average for a buffer of so many bytes. */
export interface TimedSize {
  readonly bytes: number;
  /** Seconds. */
  readonly time: number;
}

/** Sizes that must lie on either side of a break; one at the break counts for both. */
const SIDE = 3;
/** Fewer sizes than this have no room for a break. */
export const LEAST_FOR_BREAK = 2 * SIDE;
/** Steps of the search for an interval's ends, between two neighbouring sizes. */
const STEPS = 24;

/** A line through times per call, and what is left of each: 0.02 where a size is 2 % above it. */
export interface BrokenLine {
  /** Bytes. */
  readonly at: number;
  readonly fit: LeastSquares;
}

/**
 * Least squares of the relative residuals, as R's `lm(time ~ bytes + pmax(bytes - at, 0), weights =
 * 1 / time^2)`.
 * @param at where the slope changes; without one the line is straight
 * @returns the coefficients are seconds, seconds per byte, and the change of the latter
 */
export function relativeLine(sizes: readonly TimedSize[], at?: number): LeastSquares | undefined {
  const columns = [
    sizes.map(({ time }) => 1 / time),
    sizes.map(({ bytes, time }) => bytes / time),
    ...(at === undefined ? [] : [excess(sizes, at)]),
  ];
  return leastSquares(
    columns,
    sizes.map(() => 1),
  );
}

function excess(sizes: readonly TimedSize[], at: number): readonly number[] {
  return sizes.map(({ bytes, time }) => Math.max(0, bytes - at) / time);
}

/**
 * The continuous line of two straight pieces that leaves least, wherever it breaks. It is exact, as
 * Hudson (1966) has shown: between two neighbouring sizes the best break is where the lines through
 * the sizes on either side meet; if they do not meet there, it is one of the two sizes. Muggeo's
 * iteration (2003) ends at the same place when it ends at the best one.
 * @param sizes rising, at least {@link LEAST_FOR_BREAK}
 * @returns undefined when no place gives a line
 */
export function bestBreak(sizes: readonly TimedSize[]): BrokenLine | undefined {
  let best: BrokenLine | undefined;
  for (const at of [...knots(sizes), ...meetings(sizes)]) {
    const fit = relativeLine(sizes, at);
    if (fit && (!best || fit.rest < best.fit.rest)) best = { at, fit };
  }
  return best;
}

/** Sizes with as many others on either side as a break needs. */
function knots(sizes: readonly TimedSize[]): readonly number[] {
  return sizes.slice(SIDE - 1, sizes.length - SIDE + 1).map(({ bytes }) => bytes);
}

function meetings(sizes: readonly TimedSize[]): readonly number[] {
  const found: number[] = [];
  for (let left = SIDE; left <= sizes.length - SIDE; left++) {
    const below = relativeLine(sizes.slice(0, left))?.coefficients;
    const above = relativeLine(sizes.slice(left))?.coefficients;
    if (!below || !above) continue;
    const meeting = (above[0]! - below[0]!) / (below[1]! - above[1]!);
    if (sizes[left - 1]!.bytes < meeting && meeting < sizes[left]!.bytes) found.push(meeting);
  }
  return found;
}

/**
 * The chance that the best break takes this much off the residuals of a straight line when there is
 * none, for normal residuals of unknown variance. With a break at a given place the share of the
 * residual squares that it takes off has a beta distribution. The place being free, the sum of the
 * squares is compared along a curve on a sphere, and the chance is at most the volume of a tube around it:
 * Hotelling (1939), for broken lines Knowles and Siegmund (1989). It holds for few sizes, too.
 * @returns from 0 to 1, never too small
 */
export function chanceOfBreak(
  sizes: readonly TimedSize[],
  straight: LeastSquares,
  { fit }: BrokenLine,
): number {
  const dimensions = sizes.length - 2;
  const share = Math.min(1, Math.max(0, 1 - fit.rest / straight.rest));
  const directions = knots(sizes).flatMap((at) => {
    const own = residualDirection(sizes, at);
    return own ? [own] : [];
  });
  // From one size to the next the direction goes along a great circle.
  const length = directions
    .slice(1)
    .reduce((sum, direction, at) => sum + angle(directions[at]!, direction), 0);
  const ends = betaCdf(1 - share, (dimensions - 1) / 2, 0.5);
  return Math.min(1, ends + (length / Math.PI) * (1 - share) ** (dimensions / 2 - 1));
}

/** What a break adds to a straight line, as a unit vector. */
function residualDirection(sizes: readonly TimedSize[], at: number): readonly number[] | undefined {
  const columns = [sizes.map(({ time }) => 1 / time), sizes.map(({ bytes, time }) => bytes / time)];
  const own = leastSquares(columns, excess(sizes, at));
  if (!own || own.rest === 0) return undefined;
  return own.residuals.map((value) => value / Math.sqrt(own.rest));
}

function angle(a: readonly number[], b: readonly number[]): number {
  const apart = a.map((value, at) => value - b[at]!);
  return 2 * Math.asin(Math.min(1, Math.sqrt(dot(apart, apart)) / 2));
}

/** Of a break: an end that the sizes do not show is undefined. */
export interface OpenInterval {
  readonly low: number | undefined;
  readonly high: number | undefined;
}

/**
 * From the lowest to the highest break whose residual squares do not exceed the least by more than
 * an F quantile allows: an interval by the profile of the likelihood. The usual one from a standard
 * error is too short here, as the squares are no parabola at the sizes.
 */
export function breakInterval(
  sizes: readonly TimedSize[],
  best: BrokenLine,
  alpha: number,
): OpenInterval {
  const degrees = sizes.length - 4;
  const limit = best.fit.rest * (1 + studentQuantile(alpha, degrees) ** 2 / degrees);
  const allowed = (at: number) => (relativeLine(sizes, at)?.rest ?? Infinity) <= limit;
  // Beyond the second size from an end a break cannot be placed.
  const places = [...placesBetween(sizes.slice(1, -1)), best.at].sort((a, b) => a - b);
  const inside = places.map((at) => at === best.at || allowed(at));
  const first = inside.indexOf(true);
  const last = inside.lastIndexOf(true);
  return {
    low: first === 0 ? undefined : bisected(places[first]!, places[first - 1]!, allowed),
    high:
      last === places.length - 1 ? undefined : bisected(places[last]!, places[last + 1]!, allowed),
  };
}

function placesBetween(sizes: readonly TimedSize[]): readonly number[] {
  return sizes.flatMap(({ bytes }, at) => {
    const next = sizes[at + 1]?.bytes;
    if (next === undefined) return [bytes];
    return Array.from({ length: STEPS }, (_, step) => bytes * (next / bytes) ** (step / STEPS));
  });
}
