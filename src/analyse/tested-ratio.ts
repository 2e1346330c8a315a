import type { Interval } from './interval.ts';

/** A ratio with what a rank test says of it; all of it counts the same ratios of two values. */
export interface TestedRatio {
  readonly ratio: number;
  /** Two-sided, that the true ratio is 1. */
  readonly p: number;
  /** The smallest p that samples of these sizes can have. */
  readonly leastP: number;
  /**
   * The ratios that the test does not reject. It holds 1 exactly when p is at least 1 less the
   * confidence. Where no p of so few values is that small it is the whole range, and its level is
   * below the confidence; elsewhere it is not, as ranks are whole numbers.
   */
  readonly interval: (confidence: number) => Interval;
}

/**
 * Logarithms of ratios, which are too many to hold and can be counted. With the sides swapped they
 * are the same with the other sign, to the last bit, while quotients would be rounded differently.
 */
export interface CountedLogs {
  readonly count: number;
  readonly least: number;
  readonly most: number;
  /** How many are not above a limit. */
  readonly upTo: (limit: number) => number;
  /** 1, or 2 when what is counted are the logarithms of squares. */
  readonly power: number;
}

/**
 * Estimate, p and intervals from one count: the estimate is the median of the ratios (Hodges and
 * Lehmann 1963), the p comes from how many of them are on the wrong side of 1, and the ends of an
 * interval are those ratios that have as many on their outside as the test needs. So p and interval
 * agree at every level, and with the sides swapped all is the reciprocal.
 *
 * Ratios that are exactly 1 count against a difference, which keeps the level whatever the ties are.
 * @param pOf the two-sided p of the test when so many ratios, at most half, are on the wrong side
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

/** Logarithms that are this close to 0 are 0: in so much their sums may be rounded. */
const ROUNDING = 1e-13;

/** The logarithm at a place, from 1 for the least: the smallest number that so many are not above. */
function logAt({ least, most, upTo }: CountedLogs, place: number): number {
  if (upTo(-ROUNDING) < place && upTo(ROUNDING) >= place) return 0;
  if (upTo(least) >= place) return least;
  let [low, high] = [least, most];
  for (;;) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return high;
    if (upTo(middle) >= place) high = middle;
    else low = middle;
  }
}

/** How many of 0, 1, ..., `end - 1` come before the first for which a condition fails for good. */
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
