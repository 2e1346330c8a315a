import { describe, expect, it } from 'vitest';
import { type TestedRatio, testedRatio } from '../../src/analyse/tested-ratio.ts';

/** The p of each number of ratios on the wrong side of 1. */
const PS = [0.02, 0.05, 0.125, 0.5, 1];

function tested(logs: readonly number[], ps: readonly number[] = PS): TestedRatio {
  const counted = {
    ...{ count: logs.length, least: Math.min(...logs), most: Math.max(...logs), power: 1 },
    upTo: (limit: number) => logs.filter((log) => log <= limit).length,
  };
  return testedRatio(counted, (wrong) => ps[wrong]!);
}

describe('a ratio with its test', () => {
  it('is the median of the ratios: the middle one, or the mean of the two in the middle', () => {
    expect(tested([-1, 2, 3, 4, 7]).ratio).toBeCloseTo(Math.exp(3), 12);
    expect(tested([-1, 2, 4, 7]).ratio).toBeCloseTo(Math.exp(3), 12);
  });

  it('has the p of the ratios that are on the wrong side of 1, where those of 1 count, too', () => {
    expect(tested([1, 2, 3, 4, 5, 6, 7, 8])).toMatchObject({ p: 0.02, leastP: 0.02 });
    expect(tested([-1, 2, 3, 4, 5, 6, 7, 8]).p).toBe(0.05);
    expect(tested([-8, -7, -6, -5, -4, -3, -2, 1]).p).toBe(0.05);
    expect(tested([-1, 0, 3, 4, 5, 6, 7, 8]).p).toBe(0.125);
    expect(tested([-8, -7, -6, -5, -4, -3, 0, 1]).p).toBe(0.125);
    // Rounding errors are not a side.
    expect(tested([-1, 1e-16, 3, 4, 5, 6, 7, 8]).p).toBe(0.125);
    expect(tested([0, 0, 0, 0, 0, 0, 0, 8]).p).toBe(1);
  });

  it('has an interval from the ratios that the test does not reject, up to a p of exactly the limit', () => {
    const { interval } = tested([-8, -7, 1, 2, 3, 4, 5, 6]);
    const ends = (confidence: number) => {
      const { low, high, level } = interval(confidence);
      return [Math.log(low), Math.log(high), level].map((it) => Number(it.toFixed(9)));
    };
    expect(ends(0.99)).toEqual([-8, 6, 0.98]);
    expect(ends(0.97)).toEqual([-8, 6, 0.98]);
    expect(ends(0.9)).toEqual([-7, 5, 0.95]);
    // 1 - 0.875 is 0.125 to the last bit: the third ratio is not rejected.
    expect(ends(0.875)).toEqual([-7, 5, 0.95]);
    expect(ends(0.87)).toEqual([1, 4, 0.875]);
    expect(ends(0.4)).toEqual([2, 3, 0.5]);
  });

  it('has ends that are ratios to the last bit, and exactly 1 where that is one of them', () => {
    const { low, high } = tested([-2, -1, 0.5, 1, 2, 3, 4, 5]).interval(0.99);
    expect([low, high]).toEqual([Math.exp(-2), Math.exp(5)]);
    expect(tested([-3, -2, -1, 1e-15, 2, 3, 4]).ratio).toBe(1);
    expect(tested([-3, -2, -1, -1, -1e-15, 2, 3, 4]).interval(0.4).high).toBe(1);
    expect(tested([-3, -2, -1, 1e-15, 1, 2, 3, 4]).interval(0.4).low).toBe(1);
    const below = tested([-3, -2, -1, -0.5, 0, 2, 3, 4]).interval(0.4);
    expect([Math.log(below.low), below.high]).toEqual([expect.closeTo(-0.5, 12), 1]);
  });
});
