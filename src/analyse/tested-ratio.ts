import { bisected } from './bisected.ts';
import type { Interval } from './interval.ts';

/** A ratio with the result of a rank test; everything is based on the same ratios of two values. */
export interface TestedRatio {
  readonly ratio: number;
  /** Two-sided p for a true ratio of 1. */
  readonly p: number;
  /** The smallest p that samples of these sizes can have. */
  readonly leastP: number;
  /**
   * The ratios that the test does not reject. The interval contains 1 exactly when p is at least 1
   * minus the confidence. If no p of so few values can be that small, it is the whole range, and
   * its level is below the confidence; otherwise the level is not below it, because ranks are whole
   * numbers.
   */
  readonly interval: (confidence: number) => Interval;
}

/**
 * Logarithms of ratios, which are too many to keep in memory but can be counted. With the sides
 * swapped they are the same with the opposite sign, to the last bit, while quotients would be
 * rounded differently.
 */
export interface CountedLogs {
  readonly count: number;
  readonly least: number;
  readonly most: number;
  /** Counts those that are not above a limit. */
  readonly upTo: (limit: number) => number;
  /** 1, or 2 if the counted values are logarithms of squares. */
  readonly power: number;
}

/**
 * Estimate, p and intervals from one count: the estimate is the median of the ratios (Hodges and
 * Lehmann 1963), the p comes from how many of them are on the wrong side of 1, and the ends of an
 * interval are the ratios that have as many outside of them as the test needs. So p and interval
 * agree at every level, and with the sides swapped everything becomes its reciprocal.
 *
 * Ratios of exactly 1 count against a difference, which preserves the level whatever the ties are.
 * @param pOf the two-sided p of the test for a number of ratios, at most half, on the wrong side
 */
export function testedRatio(logs: CountedLogs, pOf: (wrong: number) => number): TestedRatio {
  const { count, upTo, power } = logs;
  const half = Math.floor(count / 2);
  const at = (place: number) => logAt(logs, place) / power;
  const wrong = Math.min(upTo(ROUNDING), count - upTo(-ROUNDING));
  return {
    ratio: Math.exp((at(Math.ceil(count / 2)) + at(half + 1)) / 2),
    p: wrong > half ? 1 : pOf(wrong),
    leastP: pOf(0),
    interval: (confidence) => {
      const rejected = countWhile(half + 1, (few) => pOf(few) < 1 - confidence);
      const place = Math.max(1, rejected);
      const [low, high] = [Math.exp(at(place)), Math.exp(at(count + 1 - place))];
      return { low, high, level: 1 - pOf(place - 1) };
    },
  };
}

/**
 * Logarithms this close to 0 count as 0, because their sums may be off by that much from rounding.
 */
const ROUNDING = 1e-13;

/**
 * The logarithm at a position, counted from 1 for the smallest: the smallest number with that many
 * values not above it.
 */
function logAt({ least, most, upTo }: CountedLogs, place: number): number {
  if (upTo(-ROUNDING) < place && upTo(ROUNDING) >= place) return 0;
  if (upTo(least) >= place) return least;
  return bisected(most, least, (log) => upTo(log) >= place);
}

/** Counts how many of 0, 1, ..., `end - 1` come before a condition first fails, for good. */
function countWhile(end: number, holds: (at: number) => boolean): number {
  let from = 0;
  let to = end;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (holds(middle)) from = middle + 1;
    else to = middle;
  }
  return from;
}
