import { greatest } from '../extremes.ts';
import { fisherTail, studentQuantile } from './beta-distribution.ts';
import {
  type BrokenLine,
  bestBreak,
  breakInterval,
  chanceOfBreak,
  LEAST_FOR_BREAK,
  type OpenInterval,
  relativeLine,
  type TimedSize,
} from './broken-line.ts';
import { CONFIDENCE, type Interval } from './interval.ts';
import type { LeastSquares } from './least-squares.ts';

/** A cell of a curve. */
export interface CurvePoint {
  readonly bytes: number;
  /** Median over the runs, bytes per second, above 0. */
  readonly bandwidth: number;
  readonly runs: number;
  /** Coefficient of variation of the runs; undefined where it is not known, as for a single run. */
  readonly cv: number | undefined;
}

export interface FittedValue {
  readonly value: number;
  readonly interval: Interval;
}

/** A place where a curve leaves the line that it follows for smaller buffers. */
export interface CurveBreak {
  /** Bytes. */
  readonly at: number;
  readonly interval: OpenInterval;
  /** An upper bound of the probability of such a bend in a curve without one. */
  readonly p: number;
  /** Bytes per second beyond the break; undefined if more bytes take no more time. */
  readonly beyond: FittedValue | undefined;
}

/** The law of a curve: time of a call = call + bytes / asymptote, up to a break if there is one. */
export interface Hockney {
  /** Seconds that a call takes besides moving bytes. */
  readonly call: FittedValue;
  /** Bytes per second that larger and larger buffers approach. */
  readonly asymptote: FittedValue;
  /** Bytes of a buffer that reaches half of the asymptote. */
  readonly half: FittedValue;
  readonly bend: CurveBreak | undefined;
}

/** Seconds of a call for a number of bytes: call + bytes * perByte, and more beyond the bend. */
export interface Line {
  readonly call: number;
  readonly perByte: number;
  readonly bend: { readonly at: number; readonly morePerByte: number } | undefined;
}

export function bandwidthOnLine(line: Line, bytes: number): number {
  return bytes / timeOnLine(line, bytes);
}

function timeOnLine({ call, perByte, bend }: Line, bytes: number): number {
  const straight = call + bytes * perByte;
  return bend ? straight + Math.max(0, bytes - bend.at) * bend.morePerByte : straight;
}

export interface CurveFit {
  /**
   * `does-not-follow`: some cell is too far off. `undetermined`: the cost of a call or the
   * asymptote could just as well be 0 or infinite, for example when all buffers are large, or all
   * small; or runs vary so much that a median may lie anywhere.
   */
  readonly state: 'fitted' | 'does-not-follow' | 'undetermined';
  /** Only set when the curve is fitted. */
  readonly hockney: Hockney | undefined;
  readonly line: Line;
  /** The line is fitted to this many points, from the first on; beyond them it is extrapolated. */
  readonly used: number;
  /**
   * For each point: how far its bandwidth is above the line, as a share of the line's bandwidth.
   */
  readonly residuals: readonly number[];
  /** The largest absolute residual among the points used. */
  readonly worst: number;
  /**
   * The probability of residuals like these from the variation between runs alone; undefined if no
   * cell has two runs.
   */
  readonly lackOfFit: number | undefined;
}

/** With fewer sizes, too little is known to judge a curve. */
const LEAST_SIZES = 4;
/**
 * How far off a point may be before the line is given up, unless the runs' variation explains it.
 */
const FAR_OFF = 0.1;
/** Beyond this, no variation of the runs is an excuse: such medians say little. */
const TOO_FAR = 0.25;
/** A bend is reported if its probability is below this. */
const BEND_CHANCE = 0.01;
/** Below this probability of a misfit, the runs' variation does not explain it. */
const MISFIT_CHANCE = 0.05;
const ALPHA = 1 - CONFIDENCE;
/** Shares of a time below this are rounding errors. */
const ROUNDING = 1e-9;
/** Variance of a median divided by that of a mean, for normal values. */
const MEDIAN_VARIANCE = Math.PI / 2;

/**
 * Fits Hockney's line (1994) to a curve: 1 / bandwidth = 1 / asymptote + call / bytes, by least
 * squares of the relative residuals. Each cell is one observation, whatever its number of runs,
 * because a cell is off the line by more than its runs vary, and equally in all its runs. So the
 * intervals come from how far the cells are off.
 *
 * If there are enough sizes, a bend is looked for; the estimates are those of the line up to it. If
 * the sizes beyond the bend do not form a line, only those up to it are fitted.
 * @param points by ascending size, each size once
 * @returns undefined for fewer than {@link LEAST_SIZES} points
 */
export function fitCurve(points: readonly CurvePoint[]): CurveFit | undefined {
  if (points.length < LEAST_SIZES) return undefined;
  const sizes = points.map(({ bytes, bandwidth }) => ({ bytes, time: bytes / bandwidth }));
  const straight = relativeLine(sizes);
  if (!straight) return undefined;
  const broken = credibleBreak(sizes, straight);
  const whole = judged(points, sizes, broken?.line.fit ?? straight, broken);
  if (!broken || whole.state !== 'does-not-follow') return whole;
  const before = sizes.filter(({ bytes }) => bytes <= broken.line.at);
  const line = before.length < LEAST_SIZES ? undefined : relativeLine(before);
  const part = line && judged(points, before, line, undefined);
  return part?.state === 'fitted' ? part : whole;
}

/** @param sizes the sizes of the first points, to which the line was fitted */
function judged(
  points: readonly CurvePoint[],
  sizes: readonly TimedSize[],
  fit: LeastSquares,
  broken: CredibleBreak | undefined,
): CurveFit {
  const [call, perByte, morePerByte] = fit.coefficients as [number, number, number];
  const line: Line = { call, perByte, bend: broken && { at: broken.line.at, morePerByte } };
  const residuals = points.map(
    ({ bytes, bandwidth }) => (bandwidth / bytes) * timeOnLine(line, bytes) - 1,
  );
  const own = residuals.slice(0, sizes.length);
  const worst = greatest(own.map(Math.abs));
  const lackOfFit = lackOfFitChance(points, own, broken ? 4 : 2);
  const common = { line, used: sizes.length, residuals, worst, lackOfFit };
  const explained = worst <= FAR_OFF || (lackOfFit !== undefined && lackOfFit >= MISFIT_CHANCE);
  if (!explained) return { state: 'does-not-follow', hockney: undefined, ...common };
  const hockney = worst <= TOO_FAR ? estimates(sizes, fit, broken) : undefined;
  return { state: hockney ? 'fitted' : 'undetermined', hockney, ...common };
}

interface CredibleBreak {
  /** The line without a break. */
  readonly straight: LeastSquares;
  readonly line: BrokenLine;
  readonly p: number;
}

function credibleBreak(
  sizes: readonly TimedSize[],
  straight: LeastSquares,
): CredibleBreak | undefined {
  if (sizes.length < LEAST_FOR_BREAK || straight.rest <= ROUNDING ** 2 * sizes.length)
    return undefined;
  const line = bestBreak(sizes, straight);
  if (!line) return undefined;
  const p = chanceOfBreak(sizes, straight, line);
  return p < BEND_CHANCE ? { straight, line, p } : undefined;
}

/**
 * The p of the F test for lack of fit: whether the cells are off the line by more than their runs
 * vary, with the variance that a median of normal values has.
 * @param residuals those of the first points
 * @param parameters the number of parameters of the line
 */
function lackOfFitChance(
  points: readonly CurvePoint[],
  residuals: readonly number[],
  parameters: number,
): number | undefined {
  const own = points.slice(0, residuals.length);
  const spread = own.flatMap(({ runs, cv }) => (cv === undefined ? [] : [{ more: runs - 1, cv }]));
  const degrees = spread.reduce((sum, { more }) => sum + more, 0);
  if (degrees === 0) return undefined;
  const pure = spread.reduce((sum, { more, cv }) => sum + more * cv * cv, 0) / degrees;
  const squares = residuals.reduce((sum, value, at) => sum + points[at]!.runs * value * value, 0);
  if (pure === 0) return squares <= ROUNDING ** 2 * own.length ? 1 : 0;
  const above = own.length - parameters;
  return fisherTail(squares / above / (MEDIAN_VARIANCE * pure), above, degrees);
}

/** @returns undefined when an interval has no end, or reaches 0 */
function estimates(
  sizes: readonly TimedSize[],
  fit: LeastSquares,
  broken: CredibleBreak | undefined,
): Hockney | undefined {
  const degrees = sizes.length - (broken ? 4 : 2);
  const allowance = studentQuantile(ALPHA, degrees) ** 2 * (fit.rest / degrees);
  // Since the break is not known exactly, only the sizes up to it say where the line lies.
  const below = broken ? relativeLine(sizes.filter(({ bytes }) => bytes <= broken.line.at)) : fit;
  if (!below) return undefined;
  const [call, perByte] = fit.coefficients as [number, number];
  const [[ofCall, both], [, ofPerByte]] = below.covariance as [[number, number], [number, number]];
  const [smallest, largest] = [sizes[0]!, sizes.at(-1)!];
  // Without any noise, a rounding error would count as different from 0.
  if (call < ROUNDING * smallest.time || perByte * largest.bytes < ROUNDING * largest.time) {
    return undefined;
  }
  const callTime = estimate(call, ofCall * allowance);
  const asymptote = reciprocal(perByte, ofPerByte * allowance);
  if (callTime.interval.low <= 0 || !asymptote) return undefined;
  return {
    call: callTime,
    asymptote,
    half: {
      value: call / perByte,
      interval: ratioInterval([call, perByte], {
        above: ofCall * allowance,
        both: both * allowance,
        below: ofPerByte * allowance,
      }),
    },
    bend: broken && bendOf(sizes, broken, allowance),
  };
}

function bendOf(
  sizes: readonly TimedSize[],
  { straight, line, p }: CredibleBreak,
  allowance: number,
): CurveBreak {
  const { at, fit } = line;
  const above = relativeLine(sizes.filter(({ bytes }) => bytes >= at));
  const [, perByte, more] = fit.coefficients as [number, number, number];
  return {
    at,
    interval: breakInterval(sizes, straight, line, ALPHA),
    p,
    beyond: above && reciprocal(perByte + more, above.covariance[1]![1]! * allowance),
  };
}

/** @param allowed the square of half the interval's width */
function estimate(value: number, allowed: number): FittedValue {
  const reach = Math.sqrt(allowed);
  return { value, interval: { low: value - reach, high: value + reach, level: CONFIDENCE } };
}

/** @returns undefined when the number's interval reaches 0 */
function reciprocal(value: number, allowed: number): FittedValue | undefined {
  const { low, high } = estimate(value, allowed).interval;
  if (low <= 0) return undefined;
  return { value: 1 / value, interval: { low: 1 / high, high: 1 / low, level: CONFIDENCE } };
}

/**
 * The interval of a ratio of two normal estimates, after Fieller (1954): all ratios r for which
 * above - r below may be 0. It is an interval if that of `below` does not reach 0.
 * @param squares the squares of the estimates' half widths, and their covariance in the same scale
 */
function ratioInterval(
  [above, below]: readonly [number, number],
  squares: { readonly above: number; readonly both: number; readonly below: number },
): Interval {
  const a = below ** 2 - squares.below;
  const b = above * below - squares.both;
  const c = above ** 2 - squares.above;
  const reach = Math.sqrt(Math.max(0, b * b - a * c));
  return { low: (b - reach) / a, high: (b + reach) / a, level: CONFIDENCE };
}
