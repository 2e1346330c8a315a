import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { betaCdf, fisherTail, studentQuantile } from '../../src/analyse/beta-distribution.ts';
import { askR, vector, withoutR } from './r.ts';

describe('the beta distribution', () => {
  it('begins at 0, ends at 1, rises between, and mirrors itself when its parameters are swapped', () => {
    const half = fc.integer({ min: 1, max: 400 }).map((twice) => twice / 2);
    // For a smaller x, 1 - x is rounded by too much to be its mirror.
    const between = fc.double({ min: 1e-9, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(half, half, between, (a, b, x) => {
        const p = betaCdf(x, a, b);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(betaCdf(x + 0.001, a, b)).toBeGreaterThanOrEqual(p - 1e-13);
        expect(betaCdf(1 - x, b, a)).toBeCloseTo(1 - p, 10);
      }),
    );
    expect([betaCdf(0, 2, 3), betaCdf(1, 2, 3)]).toEqual([0, 1]);
  });
});

it('the beta distributions with simple formulas have their probabilities', () => {
  for (const x of [1e-6, 0.1, 0.5, 0.9, 0.999999]) {
    expect(betaCdf(x, 1, 1)).toBeCloseTo(x, 12);
    expect(betaCdf(x, 0.5, 0.5)).toBeCloseTo((2 / Math.PI) * Math.asin(Math.sqrt(x)), 12);
    expect(betaCdf(x, 3, 1)).toBeCloseTo(x ** 3, 12);
  }
});

describe.skipIf(withoutR)(`R ${withoutR}`, () => {
  it('has the same beta distribution, F tails and t quantiles to 12 digits', () => {
    const cases = [0.5, 1, 2.5, 7, 60].flatMap((a) =>
      [0.5, 1.5, 4, 33].flatMap((b) => [1e-6, 0.02, 0.3, 0.77, 0.999].map((x) => [x, a, b])),
    );
    const column = (at: number) => vector(cases.map((each) => each[at]!));
    const tails = cases.map(([x, a, b]) => [10 * x!, Math.ceil(a!), Math.ceil(b!)] as const);
    const degrees = [1, 2, 3, 4, 6, 10, 29, 120];
    const theirs = askR(`out(pbeta(${column(0)}, ${column(1)}, ${column(2)}))
out(pf(${vector(tails.map(([f]) => f))}, ${vector(tails.map(([, up]) => up))},
  ${vector(tails.map(([, , down]) => down))}, lower.tail = FALSE))
out(qt(0.975, ${vector(degrees)}), qt(0.9995, ${vector(degrees)}))`);
    const ours = [
      ...cases.map(([x, a, b]) => betaCdf(x!, a!, b!)),
      ...tails.map(([f, above, below]) => fisherTail(f, above, below)),
      ...[0.05, 0.001].flatMap((alpha) => degrees.map((count) => studentQuantile(alpha, count))),
    ];
    expect(theirs).toHaveLength(ours.length);
    theirs.forEach((value, at) => {
      expect(Math.abs(ours[at]! - value)).toBeLessThanOrEqual(1e-12 * Math.abs(value));
    });
  });
});
