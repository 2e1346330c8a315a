import { describe, expect, it } from 'vitest';
import { acceleration, bca } from '../../src/analyse/bca.ts';
import { askR, vector, withoutR } from './r.ts';

/** 0, 1, ..., 1000: the quantile at a level is the level, in thousandths. */
const thousand = Float64Array.from({ length: 1001 }, (_, at) => at);
const interval = (estimate: number, accelerated = 0, confidence = 0.95) =>
  bca({ estimate, replicates: thousand, acceleration: accelerated, confidence });

describe('a BCa interval', () => {
  it('is that of the quantiles where there is nothing to correct', () => {
    expect(interval(500)).toEqual({
      low: expect.closeTo(25, 9),
      high: expect.closeTo(975, 9),
      level: 0.95,
    });
  });

  it('takes the quantiles of the published formula', () => {
    // Phi(2 z0 + z) without acceleration, z0 = qnorm(299.5 / 1001) for an estimate of 299.
    const { low, high } = interval(299);
    expect(low).toBeCloseTo(1.3, 1);
    expect(high).toBeCloseTo(818, 0);
    // And with one of 0.1: Phi(z0 + (z0 + z) / (1 - 0.1 (z0 + z))).
    const accelerated = interval(500, 0.1);
    expect(accelerated.low).toBeCloseTo(50.65, 1);
    expect(accelerated.high).toBeCloseTo(992.6, 1);
  });

  it('counts replicates that equal the estimate half as below it', () => {
    const replicates = Float64Array.from([1, 2, 2, 2, 2, 3]);
    const { low, high } = bca({ estimate: 2, replicates, acceleration: 0, confidence: 0.6 });
    expect([low, high]).toEqual([expect.closeTo(2, 9), expect.closeTo(2, 9)]);
    const all = bca({ estimate: 2, replicates, acceleration: 0, confidence: 0.95 });
    expect(all.low - 1).toBeCloseTo(3 - all.high, 9);
  });

  it('ends at the last replicates when the estimate lies outside all of them', () => {
    expect(interval(-1)).toMatchObject({ low: expect.closeTo(0, 3) });
    expect(interval(-1).high).toBeLessThan(1);
    // Kept off 0, the share still has a finite quantile: there is some width left.
    expect(interval(-1).high).toBeGreaterThan(interval(-1).low);
    expect(interval(1001).low).toBeGreaterThan(999);
    expect(interval(1001).high).toBeCloseTo(1000, 3);
  });

  it('ends at the last replicate when the acceleration leaves no room', () => {
    // z0 + z = 2 z with z = 3.29: times a sixth that is more than 1.
    expect(interval(1001, 1 / 6, 0.9999).high).toBe(1000);
    expect(interval(-1, -1 / 6, 0.9999).low).toBe(0);
  });
});

describe('the acceleration', () => {
  it('is 0 for estimates that are all the same or lie evenly', () => {
    expect(acceleration([[5, 5, 5]])).toBe(0);
    expect(
      acceleration([
        [1, 2, 3],
        [7, 9],
      ]),
    ).toBeCloseTo(0, 12);
  });

  it('stays within a sixth', () => {
    const far = acceleration([[0, ...Array<number>(999).fill(1)]]);
    expect(Math.abs(far)).toBeGreaterThan(0.16);
    expect(Math.abs(far)).toBeLessThanOrEqual(1 / 6);
  });

  it('weighs samples of different sizes as R computes it', () => {
    expect(
      acceleration([
        [1, 2, 4, 8, 16],
        [3, 3, 5],
      ]),
    ).toBeCloseTo(-0.0651403945491, 12);
  });
});

describe.skipIf(withoutR)(`R ${withoutR}`, () => {
  it('finds the same acceleration and levels', () => {
    const lists = [
      [1, 2, 4, 8, 16],
      [3, 3, 5],
    ] as const;
    const theirs = askR(`l <- list(${lists.map(vector).join(', ')})
u <- unlist(lapply(l, function(t) (length(t) - 1) / length(t) * (mean(t) - t)))
a <- sum(u^3) / (6 * sum(u^2)^1.5)
z0 <- qnorm(299.5 / 1001)
z <- z0 + qnorm(c(0.025, 0.975))
out(a, 1000 * pnorm(z0 + z / (1 - a * z)))`);
    const a = acceleration(lists);
    const { low, high } = interval(299, a);
    [a, low, high].forEach((value, at) => {
      expect(value).toBeCloseTo(theirs[at]!, 8);
    });
  });
});
