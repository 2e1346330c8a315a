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
  return leastSquares(
    [...straightColumns(sizes), ...(at === undefined ? [] : [excess(sizes, at)])],
    sizes.map(() => 1),
  );
}

function straightColumns(sizes: readonly TimedSize[]): readonly [number[], number[]] {
  return [sizes.map(({ time }) => 1 / time), sizes.map(({ bytes, time }) => bytes / time)];
}

function excess(sizes: readonly TimedSize[], at: number): readonly number[] {
  return sizes.map(({ bytes, time }) => Math.max(0, bytes - at) / time);
}

/**
 * The breaks between two neighbouring sizes. There what a break adds to the line is `bytes - at` of the
 * sizes beyond, a sum of two vectors, so that all there is to know of any of these breaks are scalar
 * products: of those two, bytes and ones, with the straight line taken out of both, and with its residuals.
 */
interface Gap {
  readonly from: number;
  readonly to: number;
  readonly bytesBytes: number;
  readonly bytesOnes: number;
  readonly onesOnes: number;
  readonly bytesLeft: number;
  readonly onesLeft: number;
}

/** From the first to the last size, with sums that grow from the last one on. */
function gapsOf(sizes: readonly TimedSize[], { residuals }: LeastSquares): readonly Gap[] {
  const [ones, bytes] = straightColumns(sizes);
  const basis = orthonormal(ones, bytes);
  const vectors = [bytes, ones, residuals, ...basis];
  // Products of bytes and of ones, each with all of these.
  const sums = [bytes, ones].map(() => vectors.map(() => 0));
  const gaps: Gap[] = [];
  for (let at = sizes.length - 1; at > 0; at--) {
    [bytes, ones].forEach((own, one) => {
      vectors.forEach((other, two) => {
        sums[one]![two]! += own[at]! * other[at]!;
      });
    });
    const [ofBytes, ofOnes] = sums as [number[], number[]];
    const without = (one: number[], two: number[], whole: number) =>
      whole - one[3]! * two[3]! - one[4]! * two[4]!;
    gaps.push({
      from: sizes[at - 1]!.bytes,
      to: sizes[at]!.bytes,
      bytesBytes: without(ofBytes, ofBytes, ofBytes[0]!),
      bytesOnes: without(ofBytes, ofOnes, ofBytes[1]!),
      onesOnes: without(ofOnes, ofOnes, ofOnes[1]!),
      bytesLeft: ofBytes[2]!,
      onesLeft: ofOnes[2]!,
    });
  }
  return gaps.reverse();
}

/** Two unit vectors at right angles in the plane of two others. */
function orthonormal(one: readonly number[], two: readonly number[]) {
  const unit = (vector: readonly number[]) => {
    const length = Math.sqrt(dot(vector, vector));
    return vector.map((value) => value / length);
  };
  const first = unit(one);
  const along = dot(first, two);
  return [first, unit(two.map((value, at) => value - along * first[at]!))];
}

/** Squared length of what a break in a gap adds to the line. */
function lengthOf({ bytesBytes, bytesOnes, onesOnes }: Gap, at: number): number {
  return bytesBytes - 2 * at * bytesOnes + at * at * onesOnes;
}

/** What a break in a gap takes off the residual squares of the straight line. */
function gainOf(gap: Gap, at: number): number {
  return (gap.bytesLeft - at * gap.onesLeft) ** 2 / lengthOf(gap, at);
}

/** Where in a gap the gain is largest. */
function bestIn(gap: Gap): number {
  const { from, to, bytesBytes, bytesOnes, onesOnes, bytesLeft, onesLeft } = gap;
  const highest =
    (bytesBytes * onesLeft - bytesOnes * bytesLeft) / (bytesOnes * onesLeft - onesOnes * bytesLeft);
  const places = from < highest && highest < to ? [from, highest, to] : [from, to];
  return places.reduce((best, at) => (gainOf(gap, at) > gainOf(gap, best) ? at : best));
}

/** Gaps with sizes enough on either side for a break. */
function inner(gaps: readonly Gap[]): readonly Gap[] {
  return gaps.slice(SIDE - 1, gaps.length - SIDE + 1);
}

/**
 * The continuous line of two straight pieces that leaves least, wherever it breaks. It is exact, as
 * Hudson (1966) has shown: between two neighbouring sizes the best break solves a linear equation, or is
 * one of the two. Muggeo's iteration (2003) ends at the same place when it ends at the best one.
 * @param sizes rising, at least {@link LEAST_FOR_BREAK}
 * @returns undefined when no place gives a line
 */
export function bestBreak(
  sizes: readonly TimedSize[],
  straight: LeastSquares,
): BrokenLine | undefined {
  const places = inner(gapsOf(sizes, straight)).map((gap) => {
    const at = bestIn(gap);
    return { at, gain: gainOf(gap, at) };
  });
  const { at } = places.reduce((best, each) => (each.gain > best.gain ? each : best));
  const fit = relativeLine(sizes, at);
  return fit && { at, fit };
}

/**
 * The chance that the best break takes this much off the residuals of a straight line when there is
 * none, for normal residuals of unknown variance. With a break at a given place the share of the
 * residual squares that it takes off has a beta distribution. The place being free, the direction of the
 * residuals is compared with a curve on a sphere, and the chance is at most the volume of a tube around it:
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
  const length = inner(gapsOf(sizes, straight)).reduce((sum, gap) => sum + arcOf(gap), 0);
  const ends = betaCdf(1 - share, (dimensions - 1) / 2, 0.5);
  return Math.min(1, ends + (length / Math.PI) * (1 - share) ** (dimensions / 2 - 1));
}

/** From one end of a gap to the other the direction of what a break adds goes along a great circle. */
function arcOf({ from, to, bytesBytes, bytesOnes, onesOnes }: Gap): number {
  const along = bytesBytes - (from + to) * bytesOnes + from * to * onesOnes;
  const across = (to - from) * Math.sqrt(Math.max(0, bytesBytes * onesOnes - bytesOnes ** 2));
  return Math.atan2(across, along);
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
  straight: LeastSquares,
  best: BrokenLine,
  alpha: number,
): OpenInterval {
  const degrees = sizes.length - 4;
  const limit = best.fit.rest * (1 + studentQuantile(alpha, degrees) ** 2 / degrees);
  // Beyond the second size from an end a break cannot be placed.
  const gaps = gapsOf(sizes, straight).slice(1, -1);
  const allowed = (at: number) => {
    const gap = gaps.find(({ to }) => at <= to)!;
    return at === best.at || straight.rest - gainOf(gap, at) <= limit;
  };
  const places = [...gaps.flatMap(placesIn), gaps.at(-1)!.to, best.at].sort((a, b) => a - b);
  const inside = places.map(allowed);
  const first = inside.indexOf(true);
  const last = inside.lastIndexOf(true);
  return {
    low: first === 0 ? undefined : bisected(places[first]!, places[first - 1]!, allowed),
    high:
      last === places.length - 1 ? undefined : bisected(places[last]!, places[last + 1]!, allowed),
  };
}

function placesIn({ from, to }: Gap): readonly number[] {
  return Array.from({ length: STEPS }, (_, step) => from * (to / from) ** (step / STEPS));
}
