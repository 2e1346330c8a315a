import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ratioOfMedians } from '../../src/analyse/bootstrap.ts';
import { LEAST_FOR_INTERVAL } from '../../src/experiment/trials.ts';
import { askR, BANDWIDTHS, samples, vector, withoutR } from './r.ts';

const { eleven, twelve } = BANDWIDTHS;
const same = Array<number>(9).fill(514);
const sample = fc.array(fc.integer({ min: 1, max: 2000 }), {
  minLength: LEAST_FOR_INTERVAL,
  maxLength: 40,
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
two <- function(a, b) out(bca(medians(b) / medians(a), median(b) / median(a), c(
  influence(a, function(s) median(b) / median(s)), influence(b, function(s) median(s) / median(a)))))
`;

describe.skipIf(withoutR)(`R ${withoutR}`, () => {
  it('finds the same ends, to 6 % of the width with 40,000 resamples and 12 % with 2,000', () => {
    const all = [eleven, twelve, ...samples(6, [5, 11, 30, 31, 12, 50])];
    const pairs = all.slice(1).map((b, at) => [all[at]!, b] as const);
    const theirs = askR(
      `${PROGRAM}${pairs.map(([a, b]) => `two(${vector(a)}, ${vector(b)})`).join('\n')}`,
    );
    for (const [resamples, share] of [
      [40_000, 0.06],
      [2000, 0.12],
    ] as const) {
      const ours = pairs.map(([a, b]) => ratioOfMedians(a, b, { seed: 4, resamples })!);
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
