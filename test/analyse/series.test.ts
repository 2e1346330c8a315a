import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { autocorrelation, LEAST_FOR_WARNINGS, seriesWarnings } from '../../src/analyse/series.ts';
import { askR, BANDWIDTHS, samples, vector, withoutR } from './r.ts';

const { eleven } = BANDWIDTHS;
const codes = (values: readonly number[]) => seriesWarnings(values).map(({ code }) => code);
const [thirty = []] = samples(1, [30]);

describe('autocorrelation', () => {
  it('is known for two series', () => {
    expect(autocorrelation(eleven)).toBeCloseTo(-0.462699367457, 11);
    expect(autocorrelation(eleven, 2)).toBeCloseTo(0.0625247390275, 11);
    expect(autocorrelation([1, -1, 1, -1])).toBeCloseTo(-0.75, 12);
  });

  it('is not there where nothing varies or nothing is that far apart', () => {
    expect(autocorrelation([5, 5, 5])).toBeUndefined();
    expect(autocorrelation([1, 2], 2)).toBeUndefined();
    expect(autocorrelation([])).toBeUndefined();
  });

  it('lies between -1 and 1', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 2 }),
        fc.integer({ min: 1, max: 3 }),
        (values, lag) => {
          expect(Math.abs(autocorrelation(values, lag) ?? 0)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

describe('warnings about a series', () => {
  it('do not come for values that have nothing to do with their order', () => {
    expect(codes(thirty)).toEqual([]);
    expect(codes(eleven)).toEqual([]);
    expect(codes(Array(30).fill(514))).toEqual([]);
  });

  it('name a drift, its direction and its evidence', () => {
    const falling = thirty.map((value, at) => value - at / 3);
    const [warning] = seriesWarnings(falling);
    expect(warning?.code).toBe('drift');
    expect(warning?.message).toMatch(
      /^values fall over the order of the runs \(tau -0\.\d\d, p \de-\d+\)$/,
    );
    expect(seriesWarnings(falling.toReversed())[0]?.message).toContain('rise');
  });

  it('name runs that resemble the ones before them, without a drift', () => {
    const waves = thirty.map((value, at) => value + 20 * Math.sin(at / 2));
    expect(codes(waves)).toEqual(['autocorrelated']);
    expect(seriesWarnings(waves)[0]?.message).toMatch(/autocorrelation 0\.\d\d/);
    // Up and down in turn is not that.
    expect(codes(thirty.map((value, at) => value + 20 * (at % 2)))).toEqual([]);
  });

  it('do not come from two outliers side by side', () => {
    const [hundred = []] = samples(1, [100]);
    const outliers = hundred.map((value, at) => (at === 14 || at === 15 ? value + 500 : value));
    expect(autocorrelation(outliers)).toBeGreaterThan(0.4);
    expect(codes(outliers)).toEqual([]);
  });

  it('do not come for too few values', () => {
    const rising = Array.from({ length: LEAST_FOR_WARNINGS }, (_, at) => at);
    expect(codes(rising)).toContain('drift');
    expect(codes(rising.slice(1))).toEqual([]);
  });
});

describe.skipIf(withoutR)(`R ${withoutR}`, () => {
  it('finds the same autocorrelation', () => {
    const all = [eleven, ...samples(20, [5, 11, 30, 101])];
    const theirs = askR(
      all
        .map((values) => `out(acf(${vector(values)}, plot = FALSE, lag.max = 3)$acf[2:4])`)
        .join('\n'),
    );
    const ours = all.flatMap((values) => [1, 2, 3].map((lag) => autocorrelation(values, lag)!));
    expect(theirs).toHaveLength(ours.length);
    theirs.forEach((value, at) => {
      expect(ours[at]).toBeCloseTo(value, 10);
    });
  });
});
