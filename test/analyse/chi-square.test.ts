import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chiSquareQuantile, chiSquareTail } from '../../src/analyse/chi-square.ts';
import { askR, vector, withoutR } from './r.ts';

const FREEDOMS = [1, 2, 3, 4, 5, 9, 10, 29, 30];

describe('a chi-square variable with whole degrees of freedom', () => {
  it.skipIf(withoutR)(`has the same probabilities as in R ${withoutR}`, () => {
    const found = askR(`for (f in ${vector(FREEDOMS)}) out(pchisq(3, f, lower.tail = FALSE),
      qchisq(0.025, f), qchisq(0.975, f))`);
    const ours = FREEDOMS.flatMap((f) => [
      ...[chiSquareTail(3, f), chiSquareQuantile(0.025, f), chiSquareQuantile(0.975, f)],
    ]);
    expect(ours).toHaveLength(found.length);
    ours.forEach((value, at) => {
      expect(Math.abs(value / found[at]! - 1)).toBeLessThan(1e-12);
    });
  });

  it('is certainly above anything that is not above 0', () => {
    for (const freedom of [1, 2, 3]) {
      expect([chiSquareTail(-1, freedom), chiSquareTail(0, freedom)]).toEqual([1, 1]);
    }
  });

  it('has quantiles that agree with its own probabilities', () => {
    const freedom = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(freedom, fc.double({ min: 0.001, max: 0.999, noNaN: true }), (f, p) => {
        expect(1 - chiSquareTail(chiSquareQuantile(p, f), f)).toBeCloseTo(p, 11);
      }),
    );
  });
});
