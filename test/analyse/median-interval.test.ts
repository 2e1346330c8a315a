import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { relativeHalfWidth } from '../../src/analyse/interval.ts';
import { medianInterval } from '../../src/analyse/median-interval.ts';
import { normalQuantile } from '../../src/analyse/normal.ts';
import { median } from '../../src/analyse/statistics.ts';
import { LEAST_FOR_INTERVAL } from '../../src/experiment/limits.ts';
import { seededRandom } from '../seeded-random.ts';
import { askR, BANDWIDTHS, samples, vector, withoutR } from './r.ts';

const { eleven, twelve, tied } = BANDWIDTHS;
const sample = fc.array(fc.integer({ min: 1, max: 2000 }), {
  minLength: LEAST_FOR_INTERVAL,
  maxLength: 60,
});

describe("a median's interval", () => {
  it('has the ends and the level that R computes from the same definition', () => {
    const found = medianInterval(eleven)!;
    expect(found.low).toBeCloseTo(902.22872008324669, 9);
    expect(found.high).toBeCloseTo(922.06305931321538, 9);
    expect(found.level).toBe(0.95);
  });

  it('does not exist for fewer than five values', () => {
    expect(medianInterval([])).toBeUndefined();
    expect(medianInterval([1, 2, 3, 4])).toBeUndefined();
  });

  it('is the whole range of five values, with a level of 93.75 %', () => {
    expect(medianInterval([3, 1, 5, 2, 4])).toEqual({ low: 1, high: 5, level: 0.9375 });
  });

  it('lies inside the range of six values, because the whole range would hold more than 95 %', () => {
    const { low, high, level } = medianInterval([1, 2, 3, 4, 5, 6])!;
    expect(low).toBeCloseTo(1 + 5 / 14, 12);
    expect(high).toBeCloseTo(6 - 5 / 14, 12);
    expect(level).toBe(0.95);
  });

  it('has no width when all values are the same', () => {
    expect(medianInterval(Array<number>(9).fill(514))).toEqual({
      low: 514,
      high: 514,
      level: 0.95,
    });
  });

  it('stays in the sample, around the median, and does not depend on the order', () => {
    fc.assert(
      fc.property(sample, (values) => {
        const interval = medianInterval(values)!;
        expect(interval.low).toBeGreaterThanOrEqual(Math.min(...values));
        expect(interval.low).toBeLessThanOrEqual(median(values));
        expect(interval.high).toBeGreaterThanOrEqual(median(values));
        expect(interval.high).toBeLessThanOrEqual(Math.max(...values));
        expect(medianInterval(values.toReversed())).toEqual(interval);
      }),
    );
  });

  it('treats both directions alike', () => {
    fc.assert(
      fc.property(sample, (values) => {
        const interval = medianInterval(values)!;
        const mirrored = medianInterval(values.map((value) => -value))!;
        expect(mirrored.low).toBeCloseTo(-interval.high, 9);
        expect(mirrored.high).toBeCloseTo(-interval.low, 9);
      }),
    );
  });

  it('lies between two order statistics whose levels are around 95 %', () => {
    fc.assert(
      fc.property(fc.integer({ min: 6, max: 3000 }), (n) => {
        const ranks = Array.from({ length: n }, (_, at) => at + 1);
        const { low } = medianInterval(ranks)!;
        // The normal approximation of the binomial distribution is right to one rank.
        const expected = (n + 1 - 1.96 * Math.sqrt(n)) / 2;
        expect(Math.abs(low - expected)).toBeLessThan(1);
      }),
    );
  });

  it('holds the true median as often as its level says', () => {
    for (const [stream, n] of [5, 6, 7, 8, 13, 30].entries()) {
      const draw = seededRandom(13, stream);
      const uniform = () => (draw(2 ** 32) + 0.5) / 2 ** 32;
      // Skewed, with the median 1.
      const value = () => Math.exp(normalQuantile(uniform()));
      const found = Array.from(
        { length: 4000 },
        () => medianInterval(Array.from({ length: n }, value))!,
      );
      const held = found.filter(({ low, high }) => low <= 1 && 1 <= high).length / found.length;
      // Three standard errors are one point; the interpolation itself is right to about one.
      expect(Math.abs(held - found[0]!.level), `n = ${n}: held ${held}`).toBeLessThan(0.018);
    }
  });

  it('has a half-width that is a share of the median', () => {
    expect(relativeHalfWidth(100, { low: 98, high: 102 })).toBeCloseTo(0.02, 12);
    expect(relativeHalfWidth(514, { low: 514, high: 514 })).toBe(0);
    expect(relativeHalfWidth(0, { low: 0, high: 0 })).toBe(0);
    expect(relativeHalfWidth(0, { low: -1, high: 1 })).toBe(Infinity);
  });
});

/** The formula of Hettmansperger and Sheather (1986) written for R's binomial distribution. */
const PROGRAM = `interval <- function(x, level = 0.95) {
  n <- length(x); s <- sort(x)
  d <- qbinom((1 - level) / 2, n, 0.5)
  held <- function(d) pbinom(n - d, n, 0.5) - pbinom(d - 1, n, 0.5)
  if (d == 0) return(c(s[1], s[n], held(1)))
  part <- (held(d) - level) / (held(d) - held(d + 1))
  weight <- (n - d) * part / (d + (n - 2 * d) * part)
  c((1 - weight) * s[d] + weight * s[d + 1], (1 - weight) * s[n - d + 1] + weight * s[n - d], level)
}
`;

describe.skipIf(withoutR)(`R ${withoutR}`, () => {
  it('finds the same ends and level to 14 digits, for every size up to 60 and some large ones', () => {
    const sizes = [...Array(56).keys()].map((at) => at + 5);
    const all = [
      [...eleven],
      [...twelve],
      [...tied],
      ...samples(sizes.length, sizes),
      ...samples(3, [500, 2000, 3001]),
    ];
    const theirs = askR(
      `${PROGRAM}${all.map((values) => `out(interval(${vector(values)}))`).join('\n')}`,
    );
    expect(theirs).toHaveLength(3 * all.length);
    all.forEach((values, at) => {
      const { low, high, level } = medianInterval(values)!;
      [low, high, level].forEach((own, part) => {
        const other = theirs[3 * at + part]!;
        expect(Math.abs(own / other - 1), `${values.length}: ${part}`).toBeLessThan(1e-14);
      });
    });
  });
});
