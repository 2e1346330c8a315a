import { describe, expect, it } from 'vitest';
import { benjaminiHochberg } from '../../src/analyse/benjamini-hochberg.ts';
import { compareCells, compareSamples } from '../../src/analyse/compare.ts';
import { mannWhitney } from '../../src/analyse/mann-whitney.ts';
import { BANDWIDTHS, samples } from './r.ts';

const { eleven, twelve } = BANDWIDTHS;
const raised = (values: readonly number[], factor: number) => values.map((value) => value * factor);
const [one = [], two = [], three = []] = samples(3, [30]);

describe('two samples', () => {
  it('are compared from the first to the second', () => {
    const up = compareSamples(eleven, twelve, { seed: 1 })!;
    expect(up).toMatchObject({ nA: 11, nB: 12 });
    expect(up.ratio).toBeCloseTo(1.02482, 5);
    expect(up.low).toBeGreaterThan(1);
    expect(up.high).toBeGreaterThan(up.ratio);
    expect(up.cliffsDelta).toBeCloseTo(1 - 16 / 132, 12);
    expect(up.p).toBeLessThan(0.001);
    const down = compareSamples(twelve, eleven, { seed: 1 })!;
    expect(down.ratio).toBeCloseTo(1 / up.ratio, 12);
    expect(down.high).toBeLessThan(1);
    expect(down.cliffsDelta).toBeCloseTo(-up.cliffsDelta, 12);
    expect(down.p).toBeCloseTo(up.p, 12);
  });

  it('are not compared with fewer than five values', () => {
    expect(compareSamples([1, 2, 3, 4], eleven, { seed: 1 })).toBeUndefined();
  });
});

describe('the cells of two sweeps', () => {
  it('are faster, slower, without evidence or too few, in their order', () => {
    const verdicts = compareCells(
      [
        { a: one, b: raised(one, 1.1) },
        { a: one.slice(0, 4), b: two },
        { a: two, b: raised(three, 0.9) },
        { a: one, b: two },
        { a: one, b: [] },
      ],
      { seed: 1 },
    );
    expect(verdicts.map(({ verdict }) => verdict)).toEqual([
      'faster',
      'too few',
      'slower',
      'no evidence',
      'too few',
    ]);
    expect(verdicts[1]).toEqual({ verdict: 'too few', nA: 4, nB: 30 });
  });

  it('are corrected for the number of those that can be compared, and no others', () => {
    const pairs = [
      { a: one, b: two },
      { a: two, b: [1, 2] },
      { a: two, b: three },
      { a: eleven, b: twelve },
    ];
    const verdicts = compareCells(pairs, { seed: 1 }).filter((cell) => cell.verdict !== 'too few');
    expect(verdicts.map(({ correctedP }) => correctedP)).toEqual(
      benjaminiHochberg(verdicts.map(({ p }) => p)),
    );
    expect(verdicts).toHaveLength(3);
  });

  it('have the same ratio in whatever company', () => {
    const pair = { a: one, b: two };
    const alone = compareSamples(one, two, { seed: 9 })!;
    const [, third] = compareCells([{ a: eleven, b: twelve }, pair], { seed: 9 });
    expect(third).toMatchObject(alone);
  });

  it('need both a small p and an interval that excludes 1', () => {
    // The same median, but one sample is far wider upwards: the ranks differ, the medians do not.
    const a = Array.from({ length: 21 }, (_, at) => 1000 + at);
    const b = a.map((value, at) => (at < 8 ? value : at < 12 ? 1010 : value + 100));
    const [cell] = compareCells([{ a, b }], { seed: 1, alpha: 0.5 });
    expect(cell).toMatchObject({ verdict: 'no evidence' });
    expect(mannWhitney(a, b).p).toBeLessThan(0.5);
    // A real difference, but alpha is smaller than any p can be.
    const strict = compareCells([{ a: eleven, b: twelve }], { seed: 1, alpha: 1e-12 });
    expect(strict[0]).toMatchObject({ verdict: 'no evidence', ratio: expect.any(Number) });
  });
});
