import { betaCdf, studentQuantile } from './beta-distribution.ts';
import { bisected } from './bisected.ts';
import { dot, type LeastSquares, leastSquares } from './least-squares.ts';

/** One size of a curve: how long a call took on average for a buffer of that many bytes. */
export interface TimedSize {
  readonly bytes: number;
  /** Seconds. */
  readonly time: number;
}

/** Sizes that must lie on either side of a break; one at the break counts for both. */
const SIDE = 3;
/** With fewer sizes than this, there is no room for a break. */
export const LEAST_FOR_BREAK = 2 * SIDE;
/** Steps of the search for an interval's ends, between two neighbouring sizes. */
const STEPS = 24;

/** The place of a break, and the line fitted with it. */
export interface BrokenLine {
  /** Bytes. */
  readonly at: number;
  readonly fit: LeastSquares;
}

/**
 * Fits a line by least squares of the relative residuals, like R's `lm(time ~ bytes + pmax(bytes -
 * at, 0), weights = 1 / time^2)`.
 * @param at where the slope changes; without it the line is straight
 * @returns the coefficients: seconds, seconds per byte, and the change of the latter
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
 * The breaks between two neighbouring sizes. A break there adds to the line `bytes - at` for the
 * sizes beyond it, which is a sum of two vectors: bytes and ones, with the straight line taken out
 * of both. So everything about any of these breaks follows from a few scalar products: of those two
 * vectors with each other, and with the residuals of the straight line.
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

/** The gaps from the first to the last size; the sums accumulate from the last one down. */
function gapsOf(sizes: readonly TimedSize[], { residuals }: LeastSquares): readonly Gap[] {
  const [ones, bytes] = straightColumns(sizes);
  const basis = orthonormal(ones, bytes);
  const vectors = [bytes, ones, residuals, ...basis];
  // The products of bytes and of ones with each of these.
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

/** Two orthogonal unit vectors in the plane of two others. */
function orthonormal(one: readonly number[], two: readonly number[]) {
  const unit = (vector: readonly number[]) => {
    const length = Math.sqrt(dot(vector, vector));
    return vector.map((value) => value / length);
  };
  const first = unit(one);
  const along = dot(first, two);
  return [first, unit(two.map((value, at) => value - along * first[at]!))];
}

/** Squared length of the part that a break in a gap adds to the line. */
function lengthOf({ bytesBytes, bytesOnes, onesOnes }: Gap, at: number): number {
  return bytesBytes - 2 * at * bytesOnes + at * at * onesOnes;
}

/** How much a break in a gap reduces the sum of squared residuals of the straight line. */
function gainOf(gap: Gap, at: number): number {
  return (gap.bytesLeft - at * gap.onesLeft) ** 2 / lengthOf(gap, at);
}

/** The place in a gap where the gain is largest. */
function bestIn(gap: Gap): number {
  const { from, to, bytesBytes, bytesOnes, onesOnes, bytesLeft, onesLeft } = gap;
  const highest =
    (bytesBytes * onesLeft - bytesOnes * bytesLeft) / (bytesOnes * onesLeft - onesOnes * bytesLeft);
  const places = from < highest && highest < to ? [from, highest, to] : [from, to];
  return places.reduce((best, at) => (gainOf(gap, at) > gainOf(gap, best) ? at : best));
}

/** Gaps with enough sizes on either side for a break. */
function inner(gaps: readonly Gap[]): readonly Gap[] {
  return gaps.slice(SIDE - 1, gaps.length - SIDE + 1);
}

/**
 * The continuous line of two straight pieces that leaves the smallest residuals, wherever it
 * breaks. It is exact, as Hudson (1966) has shown: between two neighbouring sizes the best break
 * solves a linear equation, or is one of the two sizes. Muggeo's iteration (2003) ends at the same
 * place if it ends at the best one.
 * @param sizes ascending, at least {@link LEAST_FOR_BREAK}
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
 * The probability that the best break reduces the residuals of a straight line by this much when
 * there is no break, for normal residuals of unknown variance. For a break at a given place, the
 * share of the residual squares that it takes off has a beta distribution. Because the place is
 * free, the direction of the residuals is compared with a curve on a sphere, and the probability is
 * at most the volume of a tube around that curve: Hotelling (1939), for broken lines Knowles and
 * Siegmund (1989). It also holds for few sizes.
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

/**
 * The arc of the great circle along which the direction of a break's effect moves, from one end of
 * a gap to the other.
 */
function arcOf({ from, to, bytesBytes, bytesOnes, onesOnes }: Gap): number {
  const along = bytesBytes - (from + to) * bytesOnes + from * to * onesOnes;
  const across = (to - from) * Math.sqrt(Math.max(0, bytesBytes * onesOnes - bytesOnes ** 2));
  return Math.atan2(across, along);
}

/** The interval of a break; an end that the sizes do not show is undefined. */
export interface OpenInterval {
  readonly low: number | undefined;
  readonly high: number | undefined;
}

/**
 * The interval from the lowest to the highest break whose residual squares exceed the least by no
 * more than an F quantile allows: a profile likelihood interval. The usual one from a standard
 * error is too short here, because the squares do not form a parabola at the sizes.
 */
export function breakInterval(
  sizes: readonly TimedSize[],
  straight: LeastSquares,
  best: BrokenLine,
  alpha: number,
): OpenInterval {
  const degrees = sizes.length - 4;
  const limit = best.fit.rest * (1 + studentQuantile(alpha, degrees) ** 2 / degrees);
  // A break cannot be placed beyond the second size from an end.
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
