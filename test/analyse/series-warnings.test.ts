import { describe, expect, it } from 'vitest';
import { LEAST_FOR_WARNINGS, seriesWarnings } from '../../src/analyse/series-warnings.ts';
import { BANDWIDTHS, samples } from './r.ts';

const { eleven } = BANDWIDTHS;
const codes = (values: readonly number[]) => seriesWarnings(values).map(({ code }) => code);
const [thirty = []] = samples(1, [30]);

describe('warnings about a series', () => {
  it('are not given for values that do not depend on their order', () => {
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
    expect(seriesWarnings(waves)[0]?.message).toMatch(
      /autocorrelation of ranks 0\.\d\d, p \de-\d+\)$/,
    );
    // Up and down in turn is not that.
    expect(codes(thirty.map((value, at) => value + 20 * (at % 2)))).toEqual([]);
  });

  it('name runs that resemble the runs before them, even among eleven', () => {
    const upAndDown = [1, 3, 5, 7, 9, 11, 10, 8, 6, 4, 2];
    expect(codes(upAndDown)).toEqual(['autocorrelated']);
    // Nine differences of 2 and one of 1, squared, over 110: 1 less half of 0.336.
    expect(seriesWarnings(upAndDown)[0]?.message).toContain('autocorrelation of ranks 0.83,');
  });

  it('are not given for two outliers side by side', () => {
    const [hundred = []] = samples(1, [100]);
    const outliers = hundred.map((value, at) => (at === 14 || at === 15 ? value + 500 : value));
    expect(codes(outliers)).toEqual([]);
  });

  it('are not given for too few values', () => {
    const rising = Array.from({ length: LEAST_FOR_WARNINGS }, (_, at) => at);
    expect(codes(rising)).toContain('drift');
    expect(codes(rising.slice(1))).toEqual([]);
  });
});
