import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_DOTS, oneInSoMany, thinned, thinnedSentence } from '../../src/report/figures/dots.ts';

const runs = fc.array(fc.double({ noNaN: true, min: 0, max: 1e12 }), { minLength: 1 });

describe('the dots of a chart', () => {
  it('show all runs while they can be told apart, without a note', () => {
    expect(oneInSoMany(MOST_DOTS)).toBe(1);
    expect(thinned([3, 1, 2], 1, (value) => value)).toEqual([3, 1, 2]);
    expect(thinnedSentence(1)).toBe('');
  });

  it('show every n-th run beyond that number, and the caption says so', () => {
    expect(oneInSoMany(MOST_DOTS + 1)).toBe(2);
    const drawn = thinned([...Array(18_000).keys()], oneInSoMany(18_000), (value) => value);
    expect(drawn.length).toBe(MOST_DOTS + 1);
    expect(thinnedSentence(18)).toContain('One run in 18');
  });

  it('keep the lowest, the highest and the order, however many are left out', () => {
    fc.assert(
      fc.property(runs, fc.integer({ min: 1, max: 50 }), (values, oneIn) => {
        const drawn = thinned(values, oneIn, (value) => value);
        expect(Math.min(...drawn)).toBe(Math.min(...values));
        expect(Math.max(...drawn)).toBe(Math.max(...values));
        expect(drawn.length).toBeLessThanOrEqual(Math.ceil(values.length / oneIn) + 2);
        let from = 0;
        for (const value of drawn) {
          from = values.indexOf(value, from) + 1;
          expect(from).toBeGreaterThan(0);
        }
      }),
    );
  });
});
