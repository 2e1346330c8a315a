import { describe, expect, it } from 'vitest';
import { leastSquares } from '../../src/analyse/least-squares.ts';

const ONES = [1, 1, 1, 1];
const RISING = [1, 2, 3, 4];

describe('a line by least squares', () => {
  it('agrees with a worked example', () => {
    // Means 2.5 and 5, sums of squares and products about them 5 and 9: the slope is 9 / 5.
    const found = leastSquares([ONES, RISING], [2, 5, 5, 8])!;
    expect(found.coefficients).toEqual([expect.closeTo(0.5, 12), expect.closeTo(1.8, 12)]);
    expect(found.residuals).toEqual([-0.3, 0.9, -0.9, 0.3].map((it) => expect.closeTo(it, 12)));
    expect(found.rest).toBeCloseTo(1.8, 12);
    // The inverse of 4 10, 10 30.
    expect(found.covariance).toEqual([
      [expect.closeTo(1.5, 12), expect.closeTo(-0.5, 12)],
      [expect.closeTo(-0.5, 12), expect.closeTo(0.2, 12)],
    ]);
  });

  it('has no coefficients where one column follows from the others, or is all zeros', () => {
    expect(leastSquares([ONES, RISING, [3, 5, 7, 9]], [1, 0, 2, 1])).toBeUndefined();
    expect(leastSquares([[0, 0, 0, 0]], RISING)).toBeUndefined();
  });

  it('has them whatever the units of two columns that differ by a millionth', () => {
    for (const unit of [1e-12, 1, 1e12]) {
      const columns = [ONES, [1, 1, 1, 1 + 1e-6]].map((column) => column.map((it) => unit * it));
      const { coefficients } = leastSquares(columns, [2, 2, 2, 5])!;
      // The last value alone tells the columns apart: 3 more for a millionth more.
      expect((coefficients[1]! * unit) / 3e6).toBeCloseTo(1, 6);
    }
  });
});
