import { expect, it } from 'vitest';
import { untiedP } from '../../src/analyse/rank-sum.ts';

it('the p of a rank sum is exact with up to 49 values in each sample, and else a normal one', () => {
  // R: 2 * pwilcox(u, m, n), and the formula of wilcox.test(exact = FALSE).
  expect(untiedP(49, 49)(1000)).toBeCloseTo(0.155936324046855, 12);
  expect(untiedP(5, 49)(60)).toBeCloseTo(0.063003120938748, 12);
  expect(untiedP(50, 50)(1000)).toBeCloseTo(0.0854309766898342, 12);
  for (const [a, b] of [
    [5, 50],
    [50, 5],
  ] as const) {
    expect(untiedP(a, b)(60)).toBeCloseTo(0.0589767464866395, 12);
  }
});

it('the p of a rank sum is 1 at half of the pairs', () => {
  expect(untiedP(6, 6)(18)).toBe(1);
  expect(untiedP(5, 5)(12)).toBeCloseTo(1, 12);
  expect(untiedP(50, 50)(1250)).toBe(1);
});
