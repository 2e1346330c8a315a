import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cliffsDelta, leastP, mannWhitney } from '../../src/analyse/mann-whitney.ts';
import { askR, BANDWIDTHS, samples, vector, withoutR } from './r.ts';

const { eleven, twelve, tied } = BANDWIDTHS;

/** From few values, so that there are ties. */
const few = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 6 });

const higher = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, x) => sum + b.reduce((own, y) => own + (x > y ? 1 : x === y ? 0.5 : 0), 0), 0);

/** Twice the smaller tail over every way to choose which of the values are `a`. */
function enumerated(a: readonly number[], b: readonly number[]): number {
  const all = [...a, ...b];
  const observed = higher(a, b);
  let [total, below, above] = [0, 0, 0];
  for (let choice = 0; choice < 2 ** all.length; choice++) {
    const chosen = all.filter((_, at) => (choice >> at) & 1);
    if (chosen.length !== a.length) continue;
    const u = higher(
      chosen,
      all.filter((_, at) => !((choice >> at) & 1)),
    );
    total++;
    if (u <= observed) below++;
    if (u >= observed) above++;
  }
  return Math.min(1, (2 * Math.min(below, above)) / total);
}

describe('the Mann-Whitney test', () => {
  it('agrees with the published critical values', () => {
    // Two-sided 5 %: n = 5 and 5: U <= 2; n = 10 and 10: U <= 23; n = 20 and 20: U <= 127.
    for (const [n, critical] of [
      [5, 2],
      [10, 23],
      [20, 127],
    ] as const) {
      const [within, outside] = [critical, critical + 1].map((u) => {
        // One sample is 1, 2, ..., n; the other starts above it and has u pairs the wrong way.
        const b = Array.from({ length: n }, (_, at) => at + 1);
        const a = Array.from({ length: n }, (_, at) => {
          const beaten = Math.min(n, Math.max(0, u - n * at));
          return beaten + 0.5 - at / 1000;
        });
        const result = mannWhitney(a, b);
        expect(result.u).toBe(u);
        return result.p;
      });
      expect(within).toBeLessThanOrEqual(0.05);
      expect(outside).toBeGreaterThan(0.05);
    }
  });

  it('agrees with R for small samples, and with all choices for ties', () => {
    expect(mannWhitney(eleven, twelve)).toEqual({
      u: 8,
      p: expect.closeTo(0.000099106708340791, 15),
      method: 'exact',
    });
    expect(mannWhitney([1, 2, 3], [4, 5, 6])).toEqual({ u: 0, p: 0.1, method: 'exact' });
    expect(mannWhitney([1, 1, 1, 1], [1, 1])).toEqual({ u: 4, p: 1, method: 'exact' });
    // The sum is below the middle, and still 13 of 28 samples have one that is at least as high.
    expect(mannWhitney([0, 1, 1, 1, 1, 1], [0, 2]).p).toBeCloseTo(13 / 14, 12);
    expect(mannWhitney(tied, [900, 900, 910]).p).toBeCloseTo(enumerated(tied, [900, 900, 910]), 12);
  });

  it('equals the enumeration of all choices, with and without ties', () => {
    fc.assert(
      fc.property(few, few, (a, b) => {
        const { u, p } = mannWhitney(a, b);
        expect(u).toBe(higher(a, b));
        expect(p).toBeCloseTo(enumerated(a, b), 12);
      }),
    );
  });

  it('gives the same result when the samples are swapped or mirrored', () => {
    const values = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(values, values, (a, b) => {
        const { u, p, method } = mannWhitney(a, b);
        const swapped = mannWhitney(b, a);
        expect(swapped.u).toBe(a.length * b.length - u);
        expect(swapped.p).toBeCloseTo(p, 12);
        const negative = (some: number[]) => some.map((value) => -value);
        expect(mannWhitney(negative(a), negative(b)).p).toBeCloseTo(p, 12);
        expect(method).toBe(Math.max(a.length, b.length) < 50 ? 'exact' : 'normal');
        expect(cliffsDelta(b, a)).toBeCloseTo(-cliffsDelta(a, b), 12);
      }),
      { numRuns: 50 },
    );
  });

  it('knows the smallest p that a set of values can have, however they are divided', () => {
    fc.assert(
      fc.property(few, few, (a, b) => {
        const all = [...a, ...b];
        const ps = Array.from({ length: 2 ** all.length }, (_, choice) =>
          all.filter((_, at) => (choice >> at) & 1),
        ).flatMap((chosen, choice) =>
          chosen.length === a.length
            ? [
                mannWhitney(
                  chosen,
                  all.filter((_, at) => !((choice >> at) & 1)),
                ).p,
              ]
            : [],
        );
        expect(leastP(a, b)).toBeCloseTo(Math.min(...ps), 12);
      }),
      { numRuns: 40 },
    );
  });

  it('hardly changes where the exact test gives way to the normal one', () => {
    const [a = [], b = []] = samples(2, [49, 50]);
    const exact = mannWhitney(a, b.slice(1));
    const normal = mannWhitney(a, [...b.slice(1), b[1]!]);
    expect([exact.method, normal.method]).toEqual(['exact', 'normal']);
    expect(Math.abs(exact.p - normal.p)).toBeLessThan(0.05);
  });

  it('has a p of 1 where all values are the same, however many there are', () => {
    expect(mannWhitney(Array(60).fill(7), Array(60).fill(7)).p).toBe(1);
  });

  it('refuses an empty sample', () => {
    expect(() => mannWhitney([], [1])).toThrow(RangeError);
    expect(() => cliffsDelta([1], [])).toThrow(RangeError);
  });
});

describe("Cliff's delta", () => {
  it('is the share of pairs that rise minus the share that fall', () => {
    expect(cliffsDelta([1, 2], [3, 4])).toBe(1);
    expect(cliffsDelta([3, 4], [1, 2])).toBe(-1);
    expect(cliffsDelta([1, 2, 3], [2])).toBe(0);
    fc.assert(
      fc.property(few, few, (a, b) => {
        const pairs = a.flatMap((x) => b.map((y): number => Math.sign(y - x)));
        const sum = pairs.reduce((total, sign) => total + sign, 0);
        expect(cliffsDelta(a, b)).toBeCloseTo(sum / pairs.length, 12);
      }),
    );
  });
});

describe.skipIf(withoutR)(`R ${withoutR}`, () => {
  const agrees = (pairs: (readonly [readonly number[], readonly number[]])[], more = '') => {
    const theirs = askR(
      pairs
        .map(
          ([a, b]) => `w <- wilcox.test(${vector(a)}, ${vector(b)}${more})
out(w$statistic, w$p.value)`,
        )
        .join('\n'),
    );
    pairs.forEach(([a, b], at) => {
      const { u, p } = mannWhitney(a, b);
      expect(u).toBe(theirs[2 * at]);
      expect(Math.abs(p / theirs[2 * at + 1]! - 1)).toBeLessThan(1e-10);
    });
  };
  const pairsOf = (all: number[][]) =>
    all.slice(1).map((b, at) => [all[at]!, b.map((value) => value + (at % 5))] as const);

  it('gives the same exact p without ties', () => {
    const pairs = [[eleven, twelve] as const, ...pairsOf(samples(30, [1, 5, 11, 30, 49, 7], 8))];
    agrees(pairs);
    agrees(pairs.map(([a, b]) => [b, a]));
  });

  it('gives the same normal p from 50 values on, with ties and without', () => {
    agrees(pairsOf(samples(12, [50, 60, 120], 8)), ', exact = FALSE');
    agrees(
      pairsOf(samples(12, [50, 60, 5, 120, 77], 1)).filter((pair) =>
        pair.some((v) => v.length >= 50),
      ),
      ', exact = FALSE',
    );
  });
});
