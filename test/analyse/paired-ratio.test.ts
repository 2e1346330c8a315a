import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalQuantile } from '../../src/analyse/normal.ts';
import { type Pair, pairedRatio, ratioOfPairs } from '../../src/analyse/paired-ratio.ts';
import { LEAST_FOR_INTERVAL } from '../../src/experiment/limits.ts';
import { seededRandom } from '../seeded-random.ts';
import { askR, BANDWIDTHS, samples, vector, withoutR } from './r.ts';

const bandwidth = fc.integer({ min: 1, max: 5000 });
const pairs = fc.array(fc.record({ a: bandwidth, b: bandwidth }), {
  minLength: LEAST_FOR_INTERVAL,
  maxLength: 40,
});
const paired = (a: readonly number[], b: readonly number[]): readonly Pair[] =>
  a.map((value, at) => ({ a: value, b: b[at]! }));

/** Every mean of two values or of one with itself, ascending: what the module avoids to make. */
function walshAverages(values: readonly number[]): readonly number[] {
  return values
    .flatMap((value, at) => values.slice(at).map((other) => (value + other) / 2))
    .sort((a, b) => a - b);
}

describe('a ratio of pairs', () => {
  it('finds a change that is the same in every pair, however much the pairs differ', () => {
    const factors = [1, 3, 0.2, 7, 40, 2];
    const found = pairedRatio(factors.map((factor) => ({ a: 500 * factor, b: 400 * factor })))!;
    expect(found.ratio).toBeCloseTo(0.8, 12);
    expect(found.low).toBeCloseTo(0.8, 12);
    expect(found.high).toBeCloseTo(0.8, 12);
    expect(found.pairs).toBe(6);
  });

  it('does not exist for fewer than five pairs', () => {
    const four = paired([1, 2, 3, 4], [2, 3, 4, 5]);
    expect(pairedRatio(four)).toBeUndefined();
    expect(pairedRatio([...four, { a: 5, b: 6 }])).toBeDefined();
  });

  it('reaches from the least to the greatest change of five pairs, with a level of 93.75 %', () => {
    const found = pairedRatio(paired([100, 100, 100, 100, 100], [80, 75, 90, 85, 70]))!;
    expect(found.low).toBeCloseTo(0.7, 12);
    expect(found.high).toBeCloseTo(0.9, 12);
    expect(found.level).toBe(0.9375);
  });

  it('ends at the changes of two pairs, to the last bit', () => {
    const some = paired([1000, 1000, 1000, 1000, 1000], [1, 2, 4, 5, 7]);
    const { low, high } = pairedRatio(some)!;
    expect(low).toBe(Math.exp(Math.log(1) - Math.log(1000)));
    expect(high).toBe(Math.exp(Math.log(7) - Math.log(1000)));
  });

  it('says which level it has: the lowest from 95 % on that ranks can give', () => {
    // 1 - 2 * psignrank(k, n) with the greatest k for which that is at least 0.95.
    const level = (n: number) =>
      pairedRatio(Array.from({ length: n }, (_, at) => ({ a: 1, b: at + 1 })))!.level;
    expect(level(6)).toBe(1 - 2 / 64);
    expect(level(7)).toBe(1 - 6 / 128);
    expect(level(11)).toBeCloseTo(0.9580078125, 12);
    for (let n = 6; n <= 120; n++) {
      expect(level(n)).toBeGreaterThanOrEqual(0.95);
      expect(level(n)).toBeLessThan(0.97);
    }
  });

  it('refuses values that have no ratio', () => {
    for (const bad of [0, -3, Number.NaN]) {
      const five = paired([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]);
      expect(() => pairedRatio([...five, { a: bad, b: 1 }])).toThrow(RangeError);
      expect(() => pairedRatio([...five, { a: 1, b: bad }])).toThrow(RangeError);
    }
  });

  it('is the reciprocal with the sides swapped', () => {
    fc.assert(
      fc.property(pairs, (some) => {
        const found = pairedRatio(some)!;
        const swapped = pairedRatio(some.map(({ a, b }) => ({ a: b, b: a })))!;
        expect(swapped.ratio * found.ratio).toBeCloseTo(1, 12);
        expect(swapped.low * found.high).toBeCloseTo(1, 12);
        expect(swapped.high * found.low).toBeCloseTo(1, 12);
      }),
    );
  });

  it('depends neither on the unit nor on the order nor on what a pair has in common', () => {
    fc.assert(
      fc.property(pairs, fc.array(bandwidth, { minLength: 40, maxLength: 40 }), (some, common) => {
        const { ratio, low, high } = pairedRatio(some)!;
        const other = pairedRatio(
          some.map(({ a, b }, at) => ({ a: a * common[at]!, b: b * common[at]! })).reverse(),
        )!;
        expect(other.ratio / ratio).toBeCloseTo(1, 12);
        expect(other.low / low).toBeCloseTo(1, 12);
        expect(other.high / high).toBeCloseTo(1, 12);
      }),
    );
  });

  it('has an estimate and ends that are Walsh averages of the log ratios', () => {
    fc.assert(
      fc.property(pairs, (some) => {
        const all = walshAverages(some.map(({ a, b }) => Math.log(b / a)));
        const found = pairedRatio(some)!;
        const near = (own: number) =>
          Math.min(...all.map((mean) => Math.abs(mean - Math.log(own))));
        expect(near(found.low)).toBeLessThan(1e-12);
        expect(near(found.high)).toBeLessThan(1e-12);
        const middle = (all[Math.floor((all.length - 1) / 2)]! + all[all.length >> 1]!) / 2;
        expect(Math.log(found.ratio)).toBeCloseTo(middle, 12);
      }),
    );
  });

  it('leaves 1 out of its interval exactly when its p is small', () => {
    const few = fc.integer({ min: 1, max: 9 });
    const six = { minLength: 6, maxLength: 30 };
    const tied = fc.array(fc.record({ a: few, b: few }), six);
    fc.assert(
      fc.property(
        fc.oneof(tied, fc.array(fc.record({ a: bandwidth, b: bandwidth }), six)),
        (some) => {
          for (const confidence of [0.8, 0.9, 0.95]) {
            const { p, interval } = ratioOfPairs(some)!;
            const { low, high } = interval(confidence);
            expect(low > 1 || high < 1).toBe(p < 1 - confidence);
          }
          expect(ratioOfPairs(some.map(({ a, b }) => ({ a: b, b: a })))!.p).toBe(
            ratioOfPairs(some)!.p,
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('holds the true effect as often as its level says, and is not wider where blocks differ', () => {
    const draw = seededRandom(14);
    const normal = () => normalQuantile((draw(2 ** 32) + 0.5) / 2 ** 32);
    const widthAndShare = (blocks: number) => {
      const found = Array.from({ length: 3000 }, () => {
        const some = Array.from({ length: 11 }, () => {
          const block = Math.exp(blocks * normal());
          return {
            a: block * Math.exp(0.03 * normal()),
            b: 0.8 * block * Math.exp(0.03 * normal()),
          };
        });
        return pairedRatio(some)!;
      });
      const held = found.filter(({ low, high }) => low <= 0.8 && 0.8 <= high).length;
      const width = found.reduce((sum, { low, high }) => sum + high - low, 0) / found.length;
      return { share: held / found.length, width };
    };
    const [alike, different] = [widthAndShare(0), widthAndShare(0.3)];
    for (const { share } of [alike, different]) {
      expect(share).toBeGreaterThan(0.945);
      expect(share).toBeLessThan(0.97);
    }
    expect(Math.abs(different.width / alike.width - 1)).toBeLessThan(0.05);
  });

  it('can be computed for ten thousand pairs', () => {
    const many = Array.from({ length: 10_000 }, (_, at) => ({ a: 1000, b: 800 + (at % 21) - 10 }));
    const { ratio, low, high } = pairedRatio(many)!;
    expect(ratio).toBeCloseTo(0.8, 3);
    expect(low).toBeGreaterThan(0.799);
    expect(high).toBeLessThan(0.801);
  });
});

describe.skipIf(withoutR)(`R ${withoutR}`, () => {
  it('finds the same estimate, interval and level', () => {
    const sizes = [...Array(45).keys()].map((at) => at + 5);
    const sides = samples(2 * sizes.length, sizes, 9);
    const all = [
      paired(BANDWIDTHS.eleven, BANDWIDTHS.twelve.slice(0, 11)),
      ...sizes.map((_, at) => paired(sides[at]!, sides[at + sizes.length]!)),
    ];
    const theirs = askR(
      `ask <- function(a, b) {
  it <- wilcox.test(log(b / a), conf.int = TRUE, exact = TRUE)
  out(exp(c(it$estimate, it$conf.int)), attr(it$conf.int, 'conf.level'))
}
achieved <- function(n) { q <- max(1, qsignrank(0.025, n)); out(1 - 2 * psignrank(q - 1, n)) }
${all
  .map(
    (some) =>
      `ask(${vector(some.map(({ a }) => a))}, ${vector(some.map(({ b }) => b))}); achieved(${some.length})`,
  )
  .join('\n')}`,
    );
    expect(theirs).toHaveLength(5 * all.length);
    all.forEach((some, at) => {
      const { ratio, low, high, level } = pairedRatio(some)!;
      const [theirRatio, theirLow, theirHigh, , theirLevel] = theirs.slice(5 * at);
      for (const [own, other] of [
        [ratio, theirRatio],
        [low, theirLow],
        [high, theirHigh],
        [level, theirLevel],
      ] as const) {
        expect(Math.abs(own / other! - 1), `${some.length} pairs`).toBeLessThan(1e-14);
      }
    });
  });

  it('finds the same p, exact for fewer than 50 pairs', () => {
    const sizes = [5, 6, 7, 11, 30, 49, 50, 80, 200];
    const sides = samples(2 * sizes.length, sizes, 9);
    const all = sizes.map((_, at) => paired(sides[at]!, sides[at + sizes.length]!));
    const theirs = askR(
      all
        .map(
          (some) =>
            `out(wilcox.test(log(${vector(some.map(({ b, a }) => b / a))}), exact = ${some.length < 50 ? 'TRUE' : 'FALSE'})$p.value)`,
        )
        .join('\n'),
    );
    all.forEach((some, at) => {
      const { p } = ratioOfPairs(some)!;
      expect(Math.abs(p / theirs[at]! - 1), `${some.length} pairs`).toBeLessThan(1e-12);
    });
  });
});
