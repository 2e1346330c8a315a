import { describe, expect, it } from 'vitest';
import {
  bestBreak,
  breakInterval,
  chanceOfBreak,
  relativeLine,
  type TimedSize,
} from '../../src/analyse/broken-line.ts';
import { BENT, curveOf, doubling, STRAIGHT } from './curve-samples.ts';
import { askR, vector, withoutR } from './r.ts';

const timed = (...args: Parameters<typeof curveOf>): readonly TimedSize[] =>
  curveOf(...args).map(({ bytes, bandwidth }) => ({ bytes, time: bytes / bandwidth }));

const best = (sizes: readonly TimedSize[]) => bestBreak(sizes, relativeLine(sizes)!)!;
const intervalOf = (sizes: readonly TimedSize[], alpha: number) =>
  breakInterval(sizes, relativeLine(sizes)!, best(sizes), alpha);

function chance(sizes: readonly TimedSize[]): number {
  return chanceOfBreak(sizes, relativeLine(sizes)!, best(sizes));
}

describe('the best place of a break', () => {
  it('is the true one of a line without noise, at a size or between two', () => {
    for (const at of [8192, 100_000, 131_072]) {
      const line = { ...STRAIGHT, bend: { at, morePerByte: -0.5 / 2.4e9 } };
      const { at: found, fit } = best(timed(line, doubling(12)));
      expect(found / at).toBeCloseTo(1, 9);
      expect(fit.coefficients[0]! / STRAIGHT.call).toBeCloseTo(1, 9);
    }
  });

  it('has at least three sizes on either side', () => {
    for (let seed = 0; seed < 40; seed++) {
      const sizes = timed(STRAIGHT, doubling(6), 0.05, seed);
      const { at } = best(sizes);
      expect(at).toBeGreaterThanOrEqual(sizes[2]!.bytes);
      expect(at).toBeLessThanOrEqual(sizes[3]!.bytes);
    }
  });
});

describe('the p value of a break', () => {
  it('is below 5 % for about one line in twenty without a break', () => {
    for (const count of [6, 8, 14]) {
      const low = Array.from({ length: 400 }, (_, seed) =>
        chance(timed(STRAIGHT, doubling(count), 0.03, seed)),
      ).filter((p) => p < 0.05).length;
      expect(low).toBeGreaterThan(5);
      expect(low).toBeLessThan(34);
    }
  });

  it('is small where the line breaks', () => {
    expect(chance(timed(BENT, doubling(12), 0.03))).toBeLessThan(1e-6);
  });
});

describe('the interval of a break', () => {
  it('is open on the side on which the sizes do not show its end', () => {
    const late = { ...STRAIGHT, bend: { at: 2 ** 20, morePerByte: 1 / 2.4e9 } };
    const sizes = timed(late, doubling(13), 0.03);
    const { low, high } = intervalOf(sizes, 0.05);
    expect(low).toBeGreaterThan(2 ** 15);
    expect(high).toBeUndefined();
  });

  it('is open towards small sizes where the line breaks early', () => {
    const early = { call: 1.2e-6, perByte: 1e-9, bend: { at: 1500, morePerByte: 4e-9 } };
    const { low, high } = intervalOf(timed(early, doubling(13), 0.03), 0.05);
    expect(low).toBeUndefined();
    expect(high).toBeGreaterThan(1500);
    expect(high).toBeLessThan(2 ** 13);
  });

  it('holds the break, and is wider at a higher level', () => {
    const sizes = timed(BENT, doubling(12), 0.03);
    const { at } = best(sizes);
    const [usual, strict] = [0.05, 0.01].map((alpha) => intervalOf(sizes, alpha));
    expect(strict!.low).toBeLessThan(usual!.low!);
    expect(usual!.low).toBeLessThan(at);
    expect(at).toBeLessThan(usual!.high!);
    expect(usual!.high).toBeLessThan(strict!.high!);
  });
});

const NOISY = [1, 2, 3, 4, 5, 6].map((seed) =>
  timed(seed % 2 === 0 ? BENT : STRAIGHT, doubling(8 + seed), 0.03, seed),
);
const dataOf = (sizes: readonly TimedSize[]) =>
  `b <- ${vector(sizes.map(({ bytes }) => bytes))}; y <- ${vector(sizes.map(({ time }) => time))}
w <- 1 / y^2; n <- length(b)
rss <- function(at) deviance(lm(y ~ b + pmax(b - at, 0), weights = w))`;

function compare(theirs: readonly number[], ours: readonly number[], digits: number): void {
  expect(theirs).toHaveLength(ours.length);
  theirs.forEach((value, at) => {
    expect(Math.abs(ours[at]! / value - 1)).toBeLessThan(10 ** -digits);
  });
}

describe.skipIf(withoutR)(`R ${withoutR}`, () => {
  it('finds the same straight lines, and the same lines with a break at the same place, to 12 digits', () => {
    const theirs = askR(
      NOISY.map(
        (sizes) => `${dataOf(sizes)}
for (m in list(lm(y ~ b, weights = w), lm(y ~ b + pmax(b - ${best(sizes).at}, 0), weights = w)))
  out(coef(m), deviance(m), sqrt(diag(vcov(m))))`,
      ).join('\n'),
    );
    const ours = NOISY.flatMap((sizes) =>
      [relativeLine(sizes)!, best(sizes).fit].flatMap(({ coefficients, rest, covariance }) => {
        const variance = rest / (sizes.length - coefficients.length);
        const errors = covariance.map((row, at) => Math.sqrt(row[at]! * variance));
        return [...coefficients, rest, ...errors];
      }),
    );
    compare(theirs, ours, 12);
  });

  it('finds no better break by refining a fine grid', () => {
    const theirs = askR(
      NOISY.map(
        (sizes) => `${dataOf(sizes)}
grid <- exp(seq(log(b[3]), log(b[n - 2]), length.out = 200))
k <- which.min(sapply(grid, rss))
o <- optimize(rss, grid[pmin(pmax(k + c(-1, 1), 1), 200)], tol = 1e-6)
out(min(o$objective, rss(grid[k])))`,
      ).join('\n'),
    );
    compare(
      theirs,
      NOISY.map((sizes) => best(sizes).fit.rest),
      8,
    );
  });

  it('puts the ends of the interval where its own residuals reach the same limit', () => {
    // The first of the bent curves, of ten sizes, leaves its upper end open.
    const bent = [NOISY[3]!, NOISY[5]!];
    const intervals = bent.map((sizes) => intervalOf(sizes, 0.05));
    const theirs = askR(
      bent
        .map((sizes, at) => {
          const limit = best(sizes).fit.rest;
          const { low, high } = intervals[at]!;
          return `${dataOf(sizes)}
limit <- ${limit} * (1 + qf(0.95, 1, n - 4) / (n - 4))
end <- function(a, b) uniroot(function(at) rss(at) - limit, c(a, b), tol = 1e-9)$root
out(end(${low} * 0.99, ${low} * 1.01), end(${high} * 0.99, ${high} * 1.01))`;
        })
        .join('\n'),
    );
    compare(
      theirs,
      intervals.flatMap(({ low, high }) => [low!, high!]),
      9,
    );
  });

  it('gets the same p value when it follows the curve of residuals in small steps', () => {
    const theirs = askR(
      NOISY.map(
        (sizes) => `${dataOf(sizes)}
grid <- unique(sort(c(b[3:(n - 2)], exp(seq(log(b[3]), log(b[n - 2]), length.out = 4000)))))
q <- qr(cbind(1, b) * sqrt(w))
u <- sapply(grid, function(at) { r <- qr.resid(q, pmax(b - at, 0) * sqrt(w)); r / sqrt(sum(r^2)) })
len <- sum(2 * asin(sqrt(colSums((u[, -1] - u[, -ncol(u)])^2)) / 2))
share <- 1 - rss(${best(sizes).at}) / deviance(lm(y ~ b, weights = w))
out(min(1, pbeta(share, 0.5, (n - 3) / 2, lower.tail = FALSE) + len / pi * (1 - share)^((n - 4) / 2)))`,
      ).join('\n'),
    );
    compare(theirs, NOISY.map(chance), 6);
  });
});
