import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { benjaminiHochberg } from '../../src/analyse/benjamini-hochberg.ts';
import { askR, vector, withoutR } from './r.ts';

// The fifteen p values of the example in Benjamini and Hochberg (1995), section 3.2, where the
// first four are found at 5 %.
const PUBLISHED = [
  0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719,
  0.6528, 0.759, 1,
];
const probabilities = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 });

describe('corrected p values', () => {
  it('find the four differences of the published example', () => {
    const found = benjaminiHochberg(PUBLISHED).filter((p) => p <= 0.05);
    expect(found).toHaveLength(4);
    expect(benjaminiHochberg(PUBLISHED)[3]).toBeCloseTo(0.035625, 12);
  });

  it('are in the order they came in', () => {
    expect(benjaminiHochberg([0.04, 0.01, 0.03, 0.5])).toEqual([
      expect.closeTo(0.16 / 3, 12),
      0.04,
      expect.closeTo(0.16 / 3, 12),
      0.5,
    ]);
    expect(benjaminiHochberg([])).toEqual([]);
    expect(benjaminiHochberg([0.2])).toEqual([0.2]);
  });

  it('are never smaller than the p values, never above 1, and keep their order', () => {
    fc.assert(
      fc.property(probabilities, (ps) => {
        const corrected = benjaminiHochberg(ps);
        ps.forEach((p, at) => {
          expect(corrected[at]).toBeGreaterThanOrEqual(p);
          expect(corrected[at]).toBeLessThanOrEqual(1);
          ps.forEach((other, also) => {
            if (other > p) expect(corrected[also]).toBeGreaterThanOrEqual(corrected[at]!);
          });
        });
      }),
    );
  });
});

describe.skipIf(withoutR)(`R ${withoutR}`, () => {
  it('corrects in the same way', () => {
    const lists = [PUBLISHED, ...fc.sample(probabilities, { numRuns: 30, seed: 1 })].filter(
      (ps) => ps.length > 0,
    );
    const theirs = askR(
      lists.map((ps) => `out(p.adjust(${vector(ps)}, method = 'BH'))`).join('\n'),
    );
    const ours = lists.flatMap(benjaminiHochberg);
    expect(theirs).toHaveLength(ours.length);
    theirs.forEach((value, at) => {
      expect(ours[at]).toBeCloseTo(value, 12);
    });
  });
});
