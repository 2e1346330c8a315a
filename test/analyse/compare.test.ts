import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { benjaminiHochberg } from '../../src/analyse/benjamini-hochberg.ts';
import { compareCells, compareSamples, standardError } from '../../src/analyse/compare.ts';
import { mannWhitney } from '../../src/analyse/mann-whitney.ts';
import { normalCdf, normalQuantile } from '../../src/analyse/normal.ts';
import { ratioOfPairs } from '../../src/analyse/paired-ratio.ts';
import { BANDWIDTHS, samples } from './r.ts';

const { eleven, twelve } = BANDWIDTHS;
const raised = (values: readonly number[], factor: number) => values.map((value) => value * factor);
const [one = [], two = [], three = []] = samples(3, [30]);
const blocksOf = (a: readonly number[], b: readonly number[]) =>
  a.map((value, at) => ({ a: value, b: b[at]! }));

describe('two samples', () => {
  it('are compared from the first to the second', () => {
    const up = compareSamples({ a: eleven, b: twelve })!;
    expect(up).toMatchObject({ method: 'unpaired', nA: 11, nB: 12, pairs: undefined, floor: 0 });
    expect(up.low).toBeGreaterThan(1);
    expect(up.high).toBeGreaterThan(up.ratio);
    expect(up.bounds.low).toBeGreaterThanOrEqual(up.low);
    expect(up.bounds.high).toBeLessThanOrEqual(up.high);
    expect(up.cliffsDelta).toBeCloseTo(1 - 16 / 132, 12);
    expect(up.p).toBeCloseTo(mannWhitney(eleven, twelve).p, 12);
  });

  it('are not compared with fewer than five values', () => {
    expect(compareSamples({ a: [1, 2, 3, 4], b: eleven })).toBeUndefined();
  });

  it('are compared block by block where they were made in turns', () => {
    // Blocks that differ by far more than the sides do.
    const slow = [1, 3, 0.5, 2, 1.4, 0.7];
    const a = slow.map((factor, at) => factor * (1000 + at));
    const b = slow.map((factor, at) => factor * (901 + at));
    const blocks = blocksOf(a, b);
    const paired = compareSamples({ a, b, blocks })!;
    expect(paired).toMatchObject({ method: 'paired', pairs: 6, p: ratioOfPairs(blocks)!.p });
    expect(paired.high).toBeLessThan(0.91);
    expect(compareSamples({ a, b })!.high).toBeGreaterThan(1);
    // Five pairs could never be significant, all values of five runs a side can.
    const few = blocks.slice(0, 5);
    expect(compareSamples({ a, b, blocks: few })).toMatchObject({ method: 'unpaired' });
  });

  it('of two sessions are no more certain than the sessions of the machine are alike', () => {
    const pair = { a: one, b: raised(two, 1.02) };
    const within = compareSamples(pair)!;
    const between = compareSamples(pair, { floor: 0.02 })!;
    expect(within.p).toBeLessThan(0.001);
    expect(between.p).toBeGreaterThan(0.05);
    expect(between).toMatchObject({ ratio: within.ratio, floor: 0.02 });
    // Errors that have nothing to do with each other add up as squares.
    const reach = Math.hypot(
      Math.log(within.high / within.ratio),
      1.959963984540054 * Math.SQRT2 * 0.02,
    );
    expect(Math.log(between.high / between.ratio)).toBeCloseTo(reach, 12);
    const blocks = blocksOf(pair.a, pair.b);
    const [inTurns, alone] = [0.02, 0].map((floor) =>
      compareSamples({ ...pair, blocks }, { floor }),
    );
    expect(inTurns).toEqual(alone);
  });

  it('never become more certain by a deviation between sessions, even where their values do not overlap', () => {
    const [low, high] = [
      [1, 2, 3, 4, 5],
      [11, 12, 13, 14, 15],
    ];
    const { p } = compareSamples({ a: low, b: high })!;
    for (const floor of [1e-6, 1e-3, 0.01, 0.02, 0.05, 0.5]) {
      expect(compareSamples({ a: low, b: high }, { floor })!.p).toBeGreaterThanOrEqual(p);
    }
  });

  it('have a p and an interval that agree, whatever the deviation between sessions', () => {
    const values = fc.array(fc.integer({ min: 900, max: 1000 }), { minLength: 5, maxLength: 20 });
    fc.assert(
      fc.property(values, values, fc.double({ min: 0, max: 0.1, noNaN: true }), (a, b, floor) => {
        const { p, low, high } = compareSamples({ a, b }, { floor })!;
        expect(low > 1 || high < 1).toBe(p < 0.05);
        expect(p).toBeGreaterThanOrEqual(compareSamples({ a, b })!.p * (1 - 1e-9));
      }),
    );
  });
});

describe('the cells of two sweeps', () => {
  it('are called faster, slower, inconclusive or too few, in their order', () => {
    const verdicts = compareCells([
      { a: one, b: raised(one, 1.1) },
      { a: one.slice(0, 4), b: two },
      { a: two, b: raised(three, 0.9) },
      { a: one, b: two },
      { a: one, b: [] },
    ]);
    expect(verdicts.map(({ verdict }) => verdict)).toEqual([
      'faster',
      'too few',
      'slower',
      'inconclusive',
      'too few',
    ]);
    expect(verdicts[1]).toEqual({ verdict: 'too few', nA: 4, nB: 30 });
  });

  it('are equivalent when neither can be slower by the margin, even if a small difference is certain', () => {
    const pairs = [
      { a: one, b: two },
      { a: one, b: raised(two, 1.003) },
      { a: one, b: raised(two, 1.05) },
    ];
    const said = (equivalent?: number) =>
      compareCells(pairs, { equivalent }).map(({ verdict }) => verdict);
    expect(said()).toEqual(['inconclusive', 'faster', 'faster']);
    expect(said(0.02)).toEqual(['equivalent', 'equivalent', 'faster']);
    expect(said(0.0001)).toEqual(['inconclusive', 'faster', 'faster']);
  });

  it('are not equivalent where one is slower by exactly the margin', () => {
    const [once, twice] = [Array(7).fill(1), Array(7).fill(2)];
    const said = (equivalent: number) =>
      compareCells(
        [
          { a: twice, b: once },
          { a: once, b: twice },
        ],
        { equivalent },
      ).map(({ verdict }) => verdict);
    expect(said(0.5)).toEqual(['slower', 'faster']);
    expect(said(0.51)).toEqual(['equivalent', 'equivalent']);
  });

  it('are corrected only for the number of cells that can be compared', () => {
    const pairs = [
      { a: one, b: two },
      { a: two, b: [1, 2] },
      { a: two, b: three },
      { a: eleven, b: twelve },
    ];
    const verdicts = compareCells(pairs).filter((cell) => cell.verdict !== 'too few');
    expect(verdicts.map(({ correctedP }) => correctedP)).toEqual(
      benjaminiHochberg(verdicts.map(({ p }) => p)),
    );
    expect(verdicts).toHaveLength(3);
  });

  it('have the same ratio beside any other cells', () => {
    const pair = { a: one, b: two };
    const [, third] = compareCells([{ a: eleven, b: twelve }, pair]);
    expect(third).toMatchObject(compareSamples(pair)!);
  });

  it('get the opposite verdict and the reciprocal ratio when the sides are swapped', () => {
    const opposite = { faster: 'slower', slower: 'faster' } as Record<string, string>;
    const values = fc.array(fc.integer({ min: 950, max: 1050 }), { minLength: 3, maxLength: 14 });
    const cell = fc.record({ a: values, b: values, inTurns: fc.boolean() });
    const cells = fc.array(cell, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(cells, fc.constantFrom(undefined, 0.02, 0.05), (some, equivalent) => {
        const pairs = some.map(({ a, b, inTurns }) => ({
          ...{ a, b },
          blocks: inTurns ? blocksOf(a.slice(0, b.length), b) : undefined,
        }));
        const turned = pairs.map(({ a, b, blocks }) => ({
          ...{ a: b, b: a },
          blocks: blocks?.map((block) => ({ a: block.b, b: block.a })),
        }));
        const there = compareCells(pairs, { equivalent });
        const back = compareCells(turned, { equivalent });
        there.forEach((own, at) => {
          const other = back[at]!;
          expect(other.verdict).toBe(opposite[own.verdict] ?? own.verdict);
          if (own.verdict === 'too few' || other.verdict === 'too few') return;
          expect(other.correctedP).toBe(own.correctedP);
          expect(other.ratio * own.ratio).toBeCloseTo(1, 12);
          expect(other.low * own.high).toBeCloseTo(1, 12);
          expect(other.detectable ?? -1).toBeCloseTo(own.detectable ?? -1, 9);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('say which slowdown so many runs could have found, if any', () => {
    const found = (n: number, cells: number) => {
      const pair = { a: one.slice(0, n), b: two.slice(0, n) };
      const [first] = compareCells(Array.from({ length: cells }, () => pair));
      return first!.verdict === 'too few' ? undefined : first!.detectable;
    };
    expect(found(30, 1)).toBeLessThan(found(11, 1)!);
    expect(found(30, 1)).toBeLessThan(found(30, 10)!);
    // The smallest p of five runs a side is 1 / 126: among seven cells one alone cannot be called.
    expect(found(5, 6)).toBeDefined();
    expect(found(5, 7)).toBeUndefined();
  });

  it('would find that slowdown in four of five comparisons', () => {
    for (const cells of [1, 10]) {
      const [first] = compareCells(Array.from({ length: cells }, () => ({ a: one, b: two })));
      if (first?.verdict === 'too few') throw new Error('there are enough runs');
      const error = standardError(first!);
      const critical = normalQuantile(1 - 0.05 / cells / 2);
      const shift = -Math.log(1 - first!.detectable!);
      expect(normalCdf(shift / error - critical)).toBeCloseTo(0.8, 9);
    }
  });

  it('have a standard error that makes their interval as wide as it is', () => {
    const [low, high] = [-1, 1].map((side) => 1.02 * Math.exp(side * 1.959963984540054 * 0.03));
    expect(standardError({ low: low!, high: high!, level: 0.95 })).toBeCloseTo(0.03, 12);
  });
});
