import { describe, expect, it } from 'vitest';
import { normalQuantile } from '../../src/analyse/normal.ts';
import { withSessionFloor } from '../../src/analyse/session-floor.ts';
import type { TestedRatio } from '../../src/analyse/tested-ratio.ts';

/** A ratio whose logarithm has this standard error, with a p that alone would be certain. */
const tested = (ratio: number, error: number, p = 0): TestedRatio => ({
  ...{ ratio, p, leastP: 0 },
  interval: (confidence) => {
    const reach = Math.exp(normalQuantile((1 + confidence) / 2) * error);
    return { low: ratio / reach, high: ratio * reach, level: confidence };
  },
});

describe('the floor between two sessions', () => {
  it('adds to the error of a ratio as squares do, twice the variance of one session', () => {
    // sqrt(0.3^2 + 2 * 0.2^2) = 0.412311, and exp(1.959964 * 0.412311) = 2.243672.
    const { ratio, interval } = withSessionFloor(tested(2, 0.3), 0.2);
    expect(ratio).toBe(2);
    expect(interval(0.95).low).toBeCloseTo(2 / 2.243672, 6);
    expect(interval(0.95).high).toBeCloseTo(2 * 2.243672, 5);
    expect(interval(0.95).level).toBe(0.95);
  });

  it('gives the p at which such an interval just excludes 1, on either side', () => {
    // 2 * pnorm(-log(2) / sqrt(0.3^2 + 2 * 0.2^2)) in R.
    for (const ratio of [2, 0.5]) {
      expect(withSessionFloor(tested(ratio, 0.3), 0.2).p).toBeCloseTo(0.0927378903503821, 9);
    }
    expect(withSessionFloor(tested(1, 0.3), 0.2).p).toBeCloseTo(1, 9);
  });

  it('never makes a difference surer than the test has found it, or surer than seven errors', () => {
    expect(withSessionFloor(tested(2, 0.3, 0.4), 0.2).p).toBe(0.4);
    // 2 * pnorm(-7) in R.
    expect(withSessionFloor(tested(1e9, 0.3), 0.2).p / 2.559625087771673e-12).toBeCloseTo(1, 4);
  });

  it('changes nothing where sessions do not differ', () => {
    const one = tested(2, 0.3);
    expect(withSessionFloor(one, 0)).toBe(one);
  });
});
