import { expect, describe as group, it } from 'vitest';
import { describe, median, quantile } from '../../src/analyse/statistics.ts';

group('the numbers that describe a sample', () => {
  it('are its quartiles, its ends and its size, whatever its order', () => {
    expect(describe([10, 2, 30, 4, 7])).toEqual({
      ...{ n: 5, median: 7, q1: 4, q3: 10, min: 2, max: 30 },
    });
    expect(describe([3])).toEqual({ n: 1, median: 3, q1: 3, q3: 3, min: 3, max: 3 });
  });

  it('do not exist for an empty sample', () => {
    expect(describe([])).toBeUndefined();
    expect(() => median([])).toThrow(RangeError);
    expect(() => quantile([], 0)).toThrow(RangeError);
  });
});
