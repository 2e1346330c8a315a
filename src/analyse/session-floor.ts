import { normalCdf, normalQuantile } from './normal.ts';
import type { TestedRatio } from './tested-ratio.ts';

/** Beyond this many standard errors a p is told as that of this many: 3e-12. */
const MOST_ERRORS = 7;

/**
 * What is left of a ratio when its sides come from two sessions of one machine, whose bandwidths
 * differ by themselves. Two sessions differ on the log scale by a standard deviation of sqrt(2)
 * times that of one; errors that have nothing to do with each other add up as squares, so each end of
 * an interval moves out to the root of the sum of both squared distances. The p is the one at which
 * such an interval just excludes 1: the two still agree.
 * @param deviation standard deviation between sessions as a share of the bandwidth, such as 0.02
 */
export function withSessionFloor(tested: TestedRatio, deviation: number): TestedRatio {
  if (deviation === 0) return tested;
  const { ratio } = tested;
  const intervalWithin = (errors: number, confidence: number) => {
    const { low, high, level } = tested.interval(confidence);
    const reach = errors * Math.SQRT2 * deviation;
    const distance = (end: number) => Math.exp(Math.hypot(Math.log(end / ratio), reach));
    // Rounding makes no interval narrower.
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
  let [from, to] = [0, MOST_ERRORS];
  for (let step = 0; step < 50; step++) {
    const middle = (from + to) / 2;
    if (excludesOne(middle)) from = middle;
    else to = middle;
  }
  return {
    ...tested,
    p: 2 * normalCdf(-from),
    interval: (confidence) => intervalWithin(normalQuantile((1 + confidence) / 2), confidence),
  };
}
