import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mannWhitney } from '../../src/analyse/mann-whitney.ts';
import { ratioInterval, ratioOfSamples } from '../../src/analyse/ratio-interval.ts';
import { askR, BANDWIDTHS, samples, vector, withoutR } from './r.ts';

const { eleven, twelve } = BANDWIDTHS;

/** From few values, so that most samples have ties, within and between. */
const tied = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 5, maxLength: 15 });
/** Nearly without ties; as far apart as the last digits of any measurement. */
const untied = fc.array(
  fc.integer({ min: 1, max: 2 ** 31 }).map((value) => value / 100),
  { minLength: 5, maxLength: 60 },
);
const sample = fc.oneof(tied, untied);
const confidences = fc.double({ min: 0.5, max: 0.999, noNaN: true });

describe('the ratio of two samples', () => {
  it('has an interval that leaves 1 out exactly when the p is small, at every level', () => {
    fc.assert(
      fc.property(sample, sample, confidences, (a, b, confidence) => {
        const { p, interval, leastP } = ratioOfSamples(a, b)!;
        fc.pre(leastP < 1 - confidence);
        const { low, high, level } = interval(confidence);
        expect(low > 1 || high < 1).toBe(p < 1 - confidence);
        expect(level).toBeGreaterThanOrEqual(confidence - 1e-12);
      }),
      { numRuns: 500 },
    );
  });

  it('is the reciprocal with the sides swapped, ties or not', () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const { ratio, low, high, p, level } = ratioInterval(a, b)!;
        const swapped = ratioInterval(b, a)!;
        expect(swapped.p).toBe(p);
        expect(swapped.level).toBe(level);
        expect(swapped.ratio * ratio).toBeCloseTo(1, 12);
        expect(swapped.low * high).toBeCloseTo(1, 12);
        expect(swapped.high * low).toBeCloseTo(1, 12);
      }),
      { numRuns: 500 },
    );
  });

  it('has an interval of exactly those factors that the test does not reject', () => {
    const values = fc.array(fc.double({ min: 1, max: 1000, noNaN: true }), {
      ...{ minLength: 5, maxLength: 12 },
    });
    fc.assert(
      fc.property(values, values, fc.double({ min: 0.2, max: 5, noNaN: true }), (a, b, factor) => {
        const { low, high } = ratioInterval(a, b)!;
        const { p } = ratioInterval(
          a.map((value) => value * factor),
          b,
        )!;
        // Close to an end the product is rounded to the other side of it.
        fc.pre(Math.abs(low / factor - 1) > 1e-9 && Math.abs(high / factor - 1) > 1e-9);
        expect(low <= factor && factor <= high).toBe(p >= 0.05);
      }),
    );
  });

  it('has the p of the Mann-Whitney test where there are no ties', () => {
    fc.assert(
      fc.property(untied, untied, (a, b) => {
        fc.pre(new Set([...a, ...b]).size === a.length + b.length);
        expect(ratioInterval(a, b)!.p).toBeCloseTo(mannWhitney(a, b).p, 12);
      }),
    );
  });

  it('does not reject equal sources more often than its level when their values are rounded', () => {
    // Every way to give ten values, four of them the same, to two samples of five.
    const values = [1, 2, 2, 3, 4, 4, 4, 4, 5, 6];
    const ps: number[] = [];
    for (let choice = 0; choice < 2 ** 10; choice++) {
      const a = values.filter((_, at) => (choice >> at) & 1);
      if (a.length !== 5) continue;
      ps.push(
        ratioInterval(
          a,
          values.filter((_, at) => !((choice >> at) & 1)),
        )!.p,
      );
    }
    expect(ps).toHaveLength(252);
    for (const alpha of [0.01, 0.05, 0.1, 0.2, 0.5]) {
      expect(ps.filter((p) => p <= alpha).length / 252).toBeLessThanOrEqual(alpha);
    }
  });

  it('has an interval without width where nothing varies, and is the same at every call', () => {
    const same = Array<number>(7).fill(514);
    const twice = ratioInterval(same, Array(7).fill(1028))!;
    for (const found of [twice.ratio, twice.low, twice.high]) expect(found).toBeCloseTo(2, 12);
    expect(twice.low).toBe(twice.high);
    expect(ratioInterval(same, same)).toMatchObject({ ratio: 1, low: 1, high: 1, p: 1 });
    expect(ratioInterval(eleven, twelve)).toEqual(ratioInterval(eleven, twelve));
  });

  it('is unknown for fewer than five values, and refused for values that are not above 0', () => {
    expect(ratioInterval([1, 2, 3, 4], eleven)).toBeUndefined();
    expect(ratioInterval(eleven, [1, 2, 3, 4])).toBeUndefined();
    for (const bad of [0, -1, Number.NaN]) {
      expect(() => ratioInterval([bad, 1, 2, 3, 4], eleven)).toThrow(RangeError);
      expect(() => ratioInterval(eleven, [bad, 1, 2, 3, 4])).toThrow(RangeError);
    }
  });

  it('has the whole range as interval, with its level, where so few values could not reach the level', () => {
    const { interval, p, leastP } = ratioOfSamples([1, 2, 3, 4, 5], [11, 12, 13, 14, 15])!;
    expect(interval(0.999)).toEqual({
      ...{ low: expect.closeTo(11 / 5, 12), high: expect.closeTo(15, 12), level: 1 - 2 / 252 },
    });
    expect(p).toBe(leastP);
    expect(p).toBeCloseTo(2 / 252, 14);
  });

  it('ends at the ratios of two values, to the last bit', () => {
    const { low, high } = ratioOfSamples([1000, 1100, 1200, 1300, 1400], [1, 2, 3, 4, 5])!.interval(
      0.999,
    );
    expect(low).toBe(Math.exp(Math.log(1) - Math.log(1400)));
    expect(high).toBe(Math.exp(Math.log(5) - Math.log(1000)));
  });

  it('can be computed for ten thousand values a side', () => {
    const many = Array.from({ length: 10_000 }, (_, at) => 1000 + (at % 601) / 10);
    const { ratio, low, high } = ratioInterval(
      many,
      many.map((value) => 0.9 * value),
    )!;
    expect(ratio).toBeCloseTo(0.9, 3);
    expect(high - low).toBeLessThan(0.002);
  });
});

describe.skipIf(withoutR)(`R ${withoutR}`, () => {
  type Pair = readonly [readonly number[], readonly number[]];
  const pairs = (sizes: readonly number[]): readonly Pair[] => {
    const all = samples(25, sizes, 8);
    return all.slice(1).map((b, at) => [all[at]!, b.map((value) => value + (at % 5))] as const);
  };
  const theirs = (compared: readonly Pair[], confidence: number, exact: boolean) => {
    const numbers = askR(
      compared
        .map(
          ([a, b]) => `w <- wilcox.test(log(${vector(b)}), log(${vector(a)}), conf.int = TRUE,
  exact = ${exact ? 'TRUE' : 'FALSE'}, conf.level = ${confidence})
out(exp(w$estimate), exp(w$conf.int), w$p.value)`,
        )
        .join('\n'),
    );
    return compared.map((_, at) => numbers.slice(4 * at, 4 * at + 4));
  };

  it.each([0.8, 0.9, 0.95])('gives the same estimate, interval and p at a level of %d', (level) => {
    const compared: readonly Pair[] = [[eleven, twelve], ...pairs([11, 5, 30, 49, 7, 12])];
    theirs(compared, level, true).forEach((numbers, at) => {
      const { ratio, p, interval } = ratioOfSamples(...compared[at]!)!;
      const { low, high } = interval(level);
      [ratio, low, high, p].forEach((own, which) => {
        expect(Math.abs(own / numbers[which]! - 1)).toBeLessThan(which === 3 ? 1e-12 : 1e-14);
      });
    });
  });

  it('gives the same p from 50 values on, and an interval that differs by one rank at most', () => {
    // R solves for the end, to 1e-4, where this takes one of the ratios.
    const compared = pairs([50, 60, 120]);
    theirs(compared, 0.95, false).forEach((numbers, at) => {
      const { low, high, p } = ratioInterval(...compared[at]!)!;
      expect(Math.abs(p / numbers[3]! - 1)).toBeLessThan(1e-12);
      expect(Math.abs(low / numbers[1]! - 1)).toBeLessThan(1e-4);
      expect(Math.abs(high / numbers[2]! - 1)).toBeLessThan(1e-4);
    });
  });
});
