import { describe, expect, it } from 'vitest';
import { studentQuantile } from '../../src/analyse/student.ts';
import { askR, withoutR } from './r.ts';

describe('the quantile of a Student distribution', () => {
  it('comes to that of the normal one as the degrees of freedom grow', () => {
    expect(studentQuantile(0.975, 1e9)).toBeCloseTo(1.959963984540054, 8);
    expect(studentQuantile(0.5, 4)).toBeCloseTo(0, 14);
    expect(studentQuantile(0.025, 10)).toBeCloseTo(-studentQuantile(0.975, 10), 12);
  });

  it.skipIf(withoutR)('is that of R within 0.1 %: an expansion, not the exact value', () => {
    const freedoms = [4, 5, 8, 10, 19, 49, 200];
    const theirs = askR(`out(qt(0.975, c(${freedoms.join(', ')})))`);
    freedoms.forEach((freedom, at) => {
      expect(Math.abs(studentQuantile(0.975, freedom) / theirs[at]! - 1)).toBeLessThan(1e-3);
    });
  });
});
