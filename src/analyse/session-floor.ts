import { bisected } from './bisected.ts';
import { normalCdf, normalQuantile } from './normal.ts';
import type { TestedRatio } from './tested-ratio.ts';

/** A p that lies beyond this many standard errors is reported as if it were at this many: 3e-12. */
const MOST_ERRORS = 7;

/**
 * Widens the interval of a ratio whose sides come from two sessions of one machine, since their
 * bandwidths differ anyway. The difference of two sessions on the log scale has a standard
 * deviation of sqrt(2) times that of one; independent errors add up as squares, so each end of an
 * interval moves out to the root of the sum of both squared distances. The p is the one at which
 * such an interval just excludes 1: interval and p still agree.
 * @param deviation standard deviation between sessions as a share of the bandwidth, such as 0.02
 */
export function withSessionFloor(tested: TestedRatio, deviation: number): TestedRatio {
  if (deviation === 0) return tested;
  const { ratio } = tested;
  const intervalWithin = (errors: number, confidence: number) => {
    const { low, high, level } = tested.interval(confidence);
    const reach = errors * Math.SQRT2 * deviation;
    const distance = (end: number) => Math.exp(Math.hypot(Math.log(end / ratio), reach));
    // Rounding must not make an interval narrower.
    return {
      low: Math.min(low, ratio / distance(low)),
      high: Math.max(high, ratio * distance(high)),
      level,
    };
  };
  const excludesOne = (errors: number) => {
    const { low, high } = intervalWithin(errors, 1 - 2 * normalCdf(-errors));
    return low > 1 || high < 1;
  };
  const errors = excludesOne(MOST_ERRORS) ? MOST_ERRORS : bisected(0, MOST_ERRORS, excludesOne);
  return {
    ...tested,
    // Few values have no interval of a high level: it ends at the whole range. An error that is added
    // never makes a difference surer than the test itself finds it.
    p: Math.max(tested.p, 2 * normalCdf(-errors)),
    interval: (confidence) => intervalWithin(normalQuantile((1 + confidence) / 2), confidence),
  };
}
