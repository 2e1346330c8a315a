import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  coefficientOfVariation,
  isDeterministic,
  medianAbsoluteDeviation,
  tukeyOutliers,
} from '../../src/analyse/spread.ts';
import { median, quantile } from '../../src/analyse/statistics.ts';
import { askR, BANDWIDTHS, samples, vector, withoutR } from './r.ts';

const { eleven, twelve, tied } = BANDWIDTHS;

describe('the spread of a sample', () => {
  it('is known for three samples', () => {
    expect(medianAbsoluteDeviation(eleven)).toBeCloseTo(13.93644, 9);
    expect(medianAbsoluteDeviation(twelve)).toBeCloseTo(11.04537, 9);
    expect(medianAbsoluteDeviation(tied)).toBeCloseTo(14.826, 9);
    expect(coefficientOfVariation(eleven)).toBeCloseTo(0.01763648168, 9);
    expect(coefficientOfVariation(twelve)).toBeCloseTo(0.08382805004, 9);
    expect(tukeyOutliers(twelve)).toEqual([9]);
    expect(tukeyOutliers(eleven)).toEqual([6]);
    expect(tukeyOutliers(tied)).toEqual([]);
  });

  it('counts as an outlier only what is beyond one and a half interquartile ranges', () => {
    // Quartiles of 10 and 20: from -5 to 35.
    expect(tukeyOutliers([-5, 10, 15, 20, 35])).toEqual([]);
    expect(tukeyOutliers([35.1, 10, 15, 20, -5.1])).toEqual([0, 4]);
  });

  it('is unknown where there are too few values, or a mean of 0', () => {
    expect(medianAbsoluteDeviation([])).toBeUndefined();
    expect(medianAbsoluteDeviation([3])).toBe(0);
    expect(coefficientOfVariation([3])).toBeUndefined();
    expect(coefficientOfVariation([-1, 1])).toBeUndefined();
    expect(tukeyOutliers([])).toEqual([]);
    expect(tukeyOutliers([7])).toEqual([]);
  });

  it('does not depend on the unit', () => {
    const values = fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(values, fc.constantFrom(0.5, 8, 1024), (some, unit) => {
        const scaled = some.map((value) => value * unit);
        expect(coefficientOfVariation(scaled)).toBeCloseTo(coefficientOfVariation(some)!, 9);
        expect(medianAbsoluteDeviation(scaled)).toBeCloseTo(
          medianAbsoluteDeviation(some)! * unit,
          6,
        );
        expect(tukeyOutliers(scaled)).toEqual(tukeyOutliers(some));
      }),
    );
  });

  it('calls a count deterministic when at least two trials gave it and none another', () => {
    expect(isDeterministic([514, 514, 514])).toBe(true);
    expect(isDeterministic([0, 0])).toBe(true);
    expect(isDeterministic([514, 514, 515])).toBe(false);
    expect(isDeterministic([514])).toBe(false);
    expect(isDeterministic([])).toBe(false);
  });
});

describe.skipIf(withoutR)(`R ${withoutR}`, () => {
  it('gives the same quantiles, deviations and outliers', () => {
    const all = [eleven, twelve, tied, ...samples(40, [2, 3, 4, 5, 11, 30, 101], 1)];
    const program = all.map(
      (values) => `x <- ${vector(values)}
q <- quantile(x, c(0.25, 0.75), type = 7); w <- 1.5 * (q[2] - q[1])
out(median(x), quantile(x, c(0.025, 0.25, 0.9), type = 7), mad(x), sd(x) / mean(x))
out(which(x < q[1] - w | x > q[2] + w) - 1, -1)`,
    );
    const ours = all.flatMap((values) => {
      const sorted = values.toSorted((a, b) => a - b);
      return [
        median(values),
        ...[0.025, 0.25, 0.9].map((p) => quantile(sorted, p)),
        medianAbsoluteDeviation(values)!,
        coefficientOfVariation(values)!,
        ...tukeyOutliers(values),
        -1,
      ];
    });
    const theirs = askR(program.join('\n'));
    expect(theirs).toHaveLength(ours.length);
    theirs.forEach((value, at) => {
      expect(ours[at]).toBeCloseTo(value, 9);
    });
  });
});
