import { describe, expect, it } from 'vitest';
import { seededRandom } from './seeded-random.ts';

const numbers = (seed: number, stream?: number) => {
  const draw = seededRandom(seed, stream);
  return Array.from({ length: 8 }, () => draw(1000)).join(' ');
};

describe('seeded numbers', () => {
  it('are the same only for the same seed and stream', () => {
    expect(numbers(1, 2)).toBe(numbers(1, 2));
    const seeds = Array.from({ length: 50 }, (_, seed) => numbers(seed));
    const streams = Array.from({ length: 50 }, (_, stream) => numbers(7, stream + 1));
    expect(new Set([...seeds, ...streams]).size).toBe(100);
  });

  it('are known, so that a report of an earlier version can be made again', () => {
    expect(numbers(1)).toBe('929 782 129 536 770 514 666 596');
  });

  it('are equally frequent, and so are pairs of them', () => {
    // The 99.99 % point of chi-square with 120 degrees of freedom.
    for (const seed of [0, 1, 2, 4294967295]) {
      const draw = seededRandom(seed);
      const times = new Array(121).fill(0);
      for (let pair = 0; pair < 60_500; pair++) times[11 * draw(11) + draw(11)]++;
      const chiSquare = times.reduce((sum, seen) => sum + (seen - 500) ** 2 / 500, 0);
      expect(chiSquare).toBeLessThan(184.8);
    }
  });
});
