import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chiSquareQuantile,
  chiSquareTail,
  studentWidening,
  studentWithin,
} from '../../src/analyse/distributions.ts';
import { askR, vector, withoutR } from './r.ts';

const FREEDOMS = [1, 2, 3, 4, 5, 9, 10, 29, 30];
const freedom = fc.integer({ min: 1, max: 60 });

describe('chi-square and Student variables of whole degrees of freedom', () => {
  it.skipIf(withoutR)(`are those of R ${withoutR}`, () => {
    const found = askR(`for (f in ${vector(FREEDOMS)}) out(pchisq(3, f, lower.tail = FALSE),
      qchisq(0.025, f), qchisq(0.975, f), 1 - 2 * pt(-1.5, f), qt(0.975, f) / qnorm(0.975))`);
    const ours = FREEDOMS.flatMap((f) => [
      ...[chiSquareTail(3, f), chiSquareQuantile(0.025, f), chiSquareQuantile(0.975, f)],
      ...[studentWithin(1.5, f), studentWidening(0.95, f)],
    ]);
    expect(ours).toHaveLength(found.length);
    ours.forEach((value, at) => {
      expect(Math.abs(value / found[at]! - 1)).toBeLessThan(1e-12);
    });
  });

  it('have quantiles that their own probabilities give back', () => {
    fc.assert(
      fc.property(freedom, fc.double({ min: 0.001, max: 0.999, noNaN: true }), (f, p) => {
        expect(1 - chiSquareTail(chiSquareQuantile(p, f), f)).toBeCloseTo(p, 11);
      }),
    );
  });

  it('widen an interval less, the more degrees of freedom there are', () => {
    fc.assert(
      fc.property(freedom, fc.double({ min: 0.5, max: 0.999, noNaN: true }), (f, confidence) => {
        const [wide, narrow] = [f, f + 1].map((own) => studentWidening(confidence, own));
        expect(wide).toBeGreaterThan(narrow!);
        expect(narrow).toBeGreaterThan(1);
      }),
    );
  });
});
