import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serialDependence } from '../../src/analyse/serial-dependence.ts';
import { askR, BANDWIDTHS, samples, vector, withoutR } from './r.ts';

const { eleven } = BANDWIDTHS;
const byValue = (values: readonly number[]) => values.toSorted((a, b) => a - b);

describe('the serial dependence of values', () => {
  it('is a ratio of squared differences between neighbouring ranks, near 2 without dependence', () => {
    // Ranks 1, 2, 3, 4: squares of differences 1 + 1 + 1, about the mean 5.
    expect(serialDependence([1, 2, 3, 4])?.ratio).toBeCloseTo(3 / 5, 12);
    expect(serialDependence([1, 3, 2, 4])?.ratio).toBeCloseTo((4 + 1 + 4) / 5, 12);
    expect(serialDependence(eleven)?.ratio).toBeGreaterThan(2);
    expect(serialDependence(eleven)?.p).toBeGreaterThan(0.5);
  });

  it('has the exact probability for few values: two of all orders are as smooth as a sorted one', () => {
    let orders = 1;
    for (let n = 2; n <= 11; n++) {
      orders *= n;
      if (n < 7) continue;
      const rising = Array.from({ length: n }, (_, at) => at);
      expect(serialDependence(rising)?.p).toBeCloseTo(2 / orders, 15);
    }
    // Of 11! orders of six and five values that are the same, 2 * 6! * 5! have but one step.
    const step = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1];
    expect(serialDependence(step)?.p).toBeCloseTo((2 * 720 * 120) / orders, 15);
  });

  it('has the exact probability up to a ratio of 0.6, whichever values with ties came before', () => {
    // The ratio is 3 / 5: of 24 orders the two sorted ones.
    expect(serialDependence([1, 2, 3, 4])?.p).toBeCloseTo(2 / 24, 15);
    // Of the 35 orders of four and three values that are the same, two have but one step.
    expect(serialDependence([0, 0, 0, 0, 1, 1, 1])?.p).toBeCloseTo(2 / 35, 15);
    expect(serialDependence([1, 2, 3, 4, 5, 6, 7])?.p).toBeCloseTo(2 / 5040, 15);
    expect(serialDependence([5, 5, 5, 2, 2, 2, 2])?.p).toBeCloseTo(2 / 35, 15);
  });

  it("has the probability of Bartels' beta distribution above that ratio, or for more values", () => {
    // R: pbeta(ratio / 4, s, s) with s = 5n(n+1)(n-1)^2 / (2(n-2)(5n^2-2n-9)) - 1/2
    for (const [values, p] of [
      [[1, 2, 3, 5, 4], 0.0337315548397601],
      [[2, 1, 3, 4, 6, 5], 0.0188427235699743],
      [[1, 3, 2, 4], 0.405703220603969],
      [[1, 4, 2, 3], 0.839993984415939],
    ] as const) {
      expect(serialDependence(values)!.p / p).toBeCloseTo(1, 2);
    }
    const twelve = Array.from({ length: 12 }, (_, at) => at);
    expect(serialDependence(twelve)!.p / 8.05545789283276e-9).toBeCloseTo(1, 0);
  });

  it('is unknown where nothing varies or there are too few values', () => {
    expect(serialDependence([5, 5, 5, 5, 5])).toBeUndefined();
    expect(serialDependence([1, 2, 3])).toBeUndefined();
  });

  it('does not depend on the scale, or on the direction in which the values are read', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 4 }), (values) => {
        const own = serialDependence(values);
        const other = serialDependence(values.toReversed().map((value) => -(value ** 3)));
        expect(other?.ratio ?? 2).toBeCloseTo(own?.ratio ?? 2, 10);
        expect(other?.p ?? 1).toBeCloseTo(own?.p ?? 1, 10);
        const { ratio, p } = own ?? { ratio: 2, p: 1 };
        expect(ratio).toBeGreaterThan(0);
        expect(ratio).toBeLessThan(4);
        expect(p).toBeGreaterThan(0);
        expect(p).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is found in a sorted series and not in an alternating one, even in a long series', () => {
    const [hundred = []] = samples(1, [100]);
    expect(serialDependence(byValue(hundred))?.p).toBeLessThan(1e-10);
    const sorted = byValue(hundred);
    const turns = sorted.map((_, at) => sorted[at % 2 === 0 ? at / 2 : 99 - (at - 1) / 2]!);
    expect(serialDependence(turns)?.p).toBeGreaterThan(0.999);
    expect(serialDependence(hundred)?.p).toBeGreaterThan(0.05);
  });
});

describe.skipIf(withoutR)(`R ${withoutR}`, () => {
  it('counts the same share of all orders, with ties', () => {
    const smooth = [
      [1, 2, 3, 4, 6, 5, 7],
      [1, 1, 1, 2, 2, 3, 4],
      [1, 1, 2, 2, 3, 3, 4, 4],
      [2, 1, 3, 3, 5, 6, 6, 9],
      [8, 7, 5, 6, 3, 4, 2, 1],
    ];
    const theirs = askR(`
orders <- function(n) {
  if (n == 1) return(matrix(1))
  less <- orders(n - 1)
  do.call(rbind, lapply(seq_len(n), function(first) cbind(first, less + (less >= first))))
}
share <- function(values) {
  ranks <- rank(values)
  all <- apply(orders(length(values)), 1, function(at) sum(diff(ranks[at])^2))
  mean(all <= sum(diff(ranks)^2) + 1e-9)
}
${smooth.map((values) => `out(share(${vector(values)}))`).join('\n')}`);
    theirs.forEach((p, at) => {
      expect(p).toBeLessThan(0.05);
      expect(serialDependence(smooth[at]!)?.p).toBeCloseTo(p, 14);
    });
  });

  it('draws orders of 30 values that reach a ratio as often as the approximation says', () => {
    const theirs = askR(`
set.seed(1)
ratios <- replicate(100000, { r <- sample(30); sum(diff(r)^2) / sum((r - 15.5)^2) })
out(quantile(ratios, c(0.001, 0.01, 0.1), type = 1))`);
    // The values of a series with about such a ratio: mostly sorted, with a shuffled part.
    for (let swaps = 1; swaps < 25; swaps++) {
      const values = Array.from({ length: 30 }, (_, at) => (at < swaps ? (at * 7) % 30 : at));
      const { ratio, p } = serialDependence(values)!;
      if (ratio <= theirs[0]!) expect(p).toBeLessThan(0.0014);
      else expect(p).toBeGreaterThan(0.0007);
      if (ratio > theirs[1]!) expect(p).toBeGreaterThan(0.009);
      if (ratio > theirs[2]!) expect(p).toBeGreaterThan(0.09);
    }
  });
});
