import { describe, expect, it } from 'vitest';
import { normalCdf, normalQuantile } from '../../src/analyse/normal.ts';
import { askR, vector, withoutR } from './r.ts';

const near = (value: number, expected: number) =>
  expect(Math.abs(value / expected - 1)).toBeLessThan(1e-12);

describe('the normal distribution', () => {
  it('has the published probabilities and quantiles', () => {
    near(normalCdf(1), 0.841344746068543);
    near(normalCdf(-1.96), 0.0249978951482204);
    near(normalCdf(-6), 9.86587645037698e-10);
    near(normalQuantile(0.975), 1.959963984540054);
    near(normalQuantile(0.001), -3.090232306167814);
    expect(normalCdf(0)).toBe(0.5);
    expect(normalQuantile(0.5)).toBeCloseTo(0, 15);
  });

  it('has limits at its ends, and refuses what is not a probability', () => {
    expect([normalCdf(-50), normalCdf(50)]).toEqual([0, 1]);
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity]);
    expect(normalCdf(Number.NaN)).toBeNaN();
    expect(() => normalQuantile(1.1)).toThrow(RangeError);
    expect(() => normalQuantile(-0.1)).toThrow(RangeError);
    expect(() => normalQuantile(Number.NaN)).toThrow(RangeError);
  });
});

describe.skipIf(withoutR)(`R ${withoutR}`, () => {
  it('agrees on the normal distribution, far into the tail', () => {
    const points = Array.from({ length: 181 }, (_, at) => at / 5 - 28);
    const levels = [1e-300, 1e-20, 1e-9, 0.001, 0.024, 0.31, 0.4999, 0.6, 0.95, 0.99999, 1 - 1e-9];
    const theirs = askR(`out(pnorm(${vector(points)}), qnorm(${vector(levels)}))`);
    const ours = [...points.map(normalCdf), ...levels.map(normalQuantile)];
    theirs.forEach((value, at) => {
      expect(Math.abs(ours[at]! / value - 1), `${at}: ${ours[at]} ${value}`).toBeLessThan(1e-11);
    });
  });
});
