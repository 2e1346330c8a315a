import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { medianInterval, ratioOfMedians } from '../../src/analyse/bootstrap.ts';
import { relativeHalfWidth } from '../../src/analyse/interval.ts';
import { median } from '../../src/analyse/statistics.ts';
import { LEAST_FOR_INTERVAL } from '../../src/experiment/trials.ts';
import { askR, BANDWIDTHS, samples, vector, withoutR } from './r.ts';

const { eleven, twelve } = BANDWIDTHS;
const same = Array<number>(9).fill(514);
const sample = fc.array(fc.integer({ min: 1, max: 2000 }), {
  minLength: LEAST_FOR_INTERVAL,
  maxLength: 40,
});
const seeds = fc.integer({ min: 0, max: 4294967295 });

describe("a median's interval", () => {
  it('has the ends that R computes from the same definitions', () => {
    // Of order statistics, so that they are exact for eleven; see the last test for R's program.
    expect(medianInterval(eleven, { seed: 1 })).toMatchObject({ low: 902.5, high: 921.8 });
    const { low, high } = medianInterval(twelve, { seed: 1, resamples: 40_000 })!;
    expect([low, high]).toEqual([expect.closeTo(928.65, 9), 944]);
  });

  it('is not there for fewer than five values', () => {
    expect(medianInterval([], { seed: 1 })).toBeUndefined();
    expect(medianInterval([1, 2, 3, 4], { seed: 1 })).toBeUndefined();
    expect(medianInterval([1, 2, 3, 4, 5], { seed: 1 })).toMatchObject({ low: 1, high: 5 });
  });

  it('has no width when all values are the same', () => {
    expect(medianInterval(same, { seed: 1 })).toMatchObject({ low: 514, high: 514 });
  });

  it('has no width when leaving out any value leaves the median as it is, and few are others', () => {
    expect(medianInterval([1, 5, 5, 5, 5, 5, 9], { seed: 1 })).toMatchObject({ low: 5, high: 5 });
  });

  it('stays in the sample, around the median, and does not depend on the order', () => {
    fc.assert(
      fc.property(sample, seeds, (values, seed) => {
        const interval = medianInterval(values, { seed, resamples: 400 })!;
        expect(interval.low).toBeGreaterThanOrEqual(Math.min(...values));
        expect(interval.low).toBeLessThanOrEqual(median(values));
        expect(interval.high).toBeGreaterThanOrEqual(median(values));
        expect(interval.high).toBeLessThanOrEqual(Math.max(...values));
        const sorted = values.toSorted((a, b) => a - b);
        expect(medianInterval(sorted, { seed, resamples: 400 })).toEqual(interval);
      }),
    );
  });

  it('is wider with more confidence, and its own for every seed', () => {
    fc.assert(
      fc.property(sample, seeds, (values, seed) => {
        const ask = (confidence: number) =>
          medianInterval(values, { seed, confidence, resamples: 400 })!;
        expect(ask(0.99).low).toBeLessThanOrEqual(ask(0.8).low);
        expect(ask(0.99).high).toBeGreaterThanOrEqual(ask(0.8).high);
      }),
    );
    const [thirty = []] = samples(1, [30]);
    const all = Array.from({ length: 20 }, (_, seed) => medianInterval(thirty, { seed })!.low);
    expect(new Set(all).size).toBeGreaterThan(1);
  });

  it('moves and stretches with its values', () => {
    fc.assert(
      fc.property(sample, fc.constantFrom(2, 1024), (values, unit) => {
        const interval = medianInterval(values, { seed: 3, resamples: 400 })!;
        const scaled = medianInterval(
          values.map((value) => value * unit),
          { seed: 3, resamples: 400 },
        )!;
        expect(scaled.low).toBeCloseTo(interval.low * unit, 6);
        expect(scaled.high).toBeCloseTo(interval.high * unit, 6);
      }),
    );
  });

  it('has a half-width that is a share of the median', () => {
    expect(relativeHalfWidth(100, { low: 98, high: 102 })).toBeCloseTo(0.02, 12);
    expect(relativeHalfWidth(514, { low: 514, high: 514 })).toBe(0);
    expect(relativeHalfWidth(0, { low: 0, high: 0 })).toBe(0);
    expect(relativeHalfWidth(0, { low: -1, high: 1 })).toBe(Infinity);
  });
});

describe('a ratio of medians', () => {
  it('has the ends that R computes from the same definitions', () => {
    const { ratio, low, high } = ratioOfMedians(eleven, twelve, { seed: 1, resamples: 40_000 })!;
    expect(ratio).toBeCloseTo(935.05 / 912.4, 12);
    expect(Math.abs(low - 1.010611)).toBeLessThan(0.0005);
    expect(Math.abs(high - 1.039554)).toBeLessThan(0.0005);
  });

  it('is not there for fewer than five values in either sample', () => {
    expect(ratioOfMedians(eleven, [1, 2, 3, 4], { seed: 1 })).toBeUndefined();
    expect(ratioOfMedians([1, 2, 3, 4], eleven, { seed: 1 })).toBeUndefined();
  });

  it('refuses values of which there is no ratio', () => {
    for (const bad of [0, -3, Number.NaN]) {
      expect(() => ratioOfMedians([bad, ...same], eleven, { seed: 1 })).toThrow(RangeError);
      expect(() => ratioOfMedians(eleven, [bad, ...same], { seed: 1 })).toThrow(RangeError);
    }
  });

  it('has no width when both samples have none', () => {
    const twice = same.map((value) => 2 * value);
    expect(ratioOfMedians(same, twice, { seed: 1 })).toMatchObject({ ratio: 2, low: 2, high: 2 });
  });

  it('is the interval of the median over a constant, when the base is one', () => {
    fc.assert(
      fc.property(sample, (values) => {
        const base = Array<number>(7).fill(4);
        const { ratio, low, high } = ratioOfMedians(base, values, { seed: 5, resamples: 4000 })!;
        const interval = medianInterval(values, { seed: 6, resamples: 4000, confidence: 0.9 })!;
        expect(ratio).toBe(median(values) / 4);
        // At 95 % it holds the one at 90 %, and it stays in the sample.
        expect(low * 4).toBeLessThanOrEqual(interval.low);
        expect(high * 4).toBeGreaterThanOrEqual(interval.high);
        expect(low * 4).toBeGreaterThanOrEqual(Math.min(...values));
        expect(high * 4).toBeLessThanOrEqual(Math.max(...values));
      }),
    );
  });

  it('does not depend on the unit', () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const scaled = (values: number[]) => values.map((value) => value * 1024);
        const options = { seed: 2, resamples: 400 };
        expect(ratioOfMedians(scaled(a), scaled(b), options)).toEqual(
          ratioOfMedians(a, b, options),
        );
      }),
    );
  });
});

/** BCa written for R alone, with R's sampling, sorting and normal distribution. */
const PROGRAM = `set.seed(1); B <- 40000
medians <- function(x) {
  n <- length(x)
  drawn <- sample(x, n * B, TRUE)
  columns <- matrix(drawn[order(rep(1:B, each = n), drawn, method = 'radix')], n)
  (columns[(n + 1) %/% 2, ] + columns[n %/% 2 + 1, ]) / 2
}
influence <- function(x, f) {
  left <- sapply(seq_along(x), function(i) f(x[-i]))
  (length(x) - 1) / length(x) * (mean(left) - left)
}
bca <- function(t, t0, l) {
  w <- qnorm(mean(t < t0) + mean(t == t0) / 2)
  a <- sum(l^3) / (6 * sum(l^2)^1.5)
  z <- w + qnorm(c(0.025, 0.975))
  quantile(t, pnorm(w + z / (1 - a * z)))
}
one <- function(x) out(bca(medians(x), median(x), influence(x, median)))
two <- function(a, b) out(bca(medians(b) / medians(a), median(b) / median(a), c(
  influence(a, function(s) median(b) / median(s)), influence(b, function(s) median(s) / median(a)))))
`;

describe.skipIf(withoutR)(`R ${withoutR}`, () => {
  it('finds the same ends, to 6 % of the width with 40,000 resamples and 12 % with 2,000', () => {
    const all = [eleven, twelve, ...samples(6, [5, 11, 30, 31, 12, 50])];
    const pairs = all.slice(1).map((b, at) => [all[at]!, b] as const);
    const theirs = askR(
      `${PROGRAM}${all.map((values) => `one(${vector(values)})`).join('\n')}
${pairs.map(([a, b]) => `two(${vector(a)}, ${vector(b)})`).join('\n')}`,
    );
    for (const [resamples, share] of [
      [40_000, 0.06],
      [2000, 0.12],
    ] as const) {
      const ours = [
        ...all.map((values) => medianInterval(values, { seed: 4, resamples })!),
        ...pairs.map(([a, b]) => ratioOfMedians(a, b, { seed: 4, resamples })!),
      ];
      expect(theirs).toHaveLength(2 * ours.length);
      ours.forEach(({ low, high }, at) => {
        const [theirLow, theirHigh] = [theirs[2 * at]!, theirs[2 * at + 1]!];
        const width = theirHigh - theirLow;
        expect(Math.abs(low - theirLow) / width, `${at}: low`).toBeLessThan(share);
        expect(Math.abs(high - theirHigh) / width, `${at}: high`).toBeLessThan(share);
      });
    }
  });
});
