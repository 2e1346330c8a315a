import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandwidthOnLine, type CurvePoint, fitCurve } from '../../src/analyse/curve-fit.ts';
import { BENT, curveOf, doubling, STRAIGHT } from './curve-samples.ts';
import { askR, vector, withoutR } from './r.ts';

const lines = fc.record({
  call: fc.double({ min: 1e-8, max: 1e-4, noNaN: true }),
  half: fc.double({ min: 1000, max: 200_000, noNaN: true }),
});

describe('the fit of a curve', () => {
  it('is exact for an exact curve: cost of a call, asymptote, half, and no bend', () => {
    fc.assert(
      fc.property(lines, ({ call, half }) => {
        const { state, hockney, worst } = fitCurve(
          curveOf({ call, perByte: call / half }, doubling(12)),
        )!;
        expect(state).toBe('fitted');
        expect(hockney!.call.value / call).toBeCloseTo(1, 9);
        expect(hockney!.asymptote.value / (half / call)).toBeCloseTo(1, 9);
        expect(hockney!.half.value / half).toBeCloseTo(1, 9);
        expect(hockney!.bend).toBeUndefined();
        expect(worst).toBeLessThan(1e-12);
      }),
    );
  });

  it('finds the bend of an exact curve, and the lines before and beyond it', () => {
    const { hockney, line } = fitCurve(curveOf(BENT, doubling(12)))!;
    expect(hockney!.bend!.at / 100_000).toBeCloseTo(1, 9);
    expect(hockney!.call.value / 1.2e-6).toBeCloseTo(1, 9);
    expect(hockney!.bend!.beyond!.value / 1.2e9).toBeCloseTo(1, 9);
    expect(bandwidthOnLine(line, 200_000)).toBeCloseTo(200_000 / (1.2e-6 + 300_000 / 2.4e9), 0);
  });

  it('does not depend on the units of time and of bytes', () => {
    const factor = fc.constantFrom(2, 1024, 1 / 64);
    fc.assert(
      fc.property(factor, factor, fc.integer({ min: 0, max: 99 }), (longer, slower, seed) => {
        const points = curveOf(seed % 2 === 0 ? BENT : STRAIGHT, doubling(11), 0.03, seed);
        const own = fitCurve(points)!;
        const scaled = fitCurve(
          points.map((point) => ({
            ...point,
            bytes: point.bytes * longer,
            bandwidth: (point.bandwidth * longer) / slower,
          })),
        )!;
        expect(scaled.state).toBe(own.state);
        scaled.residuals.forEach((value, at) => {
          expect(value).toBeCloseTo(own.residuals[at]!, 9);
        });
        if (!own.hockney) return;
        const { call, half, bend } = scaled.hockney!;
        expect(call.interval.low / own.hockney.call.interval.low / slower).toBeCloseTo(1, 8);
        expect(half.interval.high / own.hockney.half.interval.high / longer).toBeCloseTo(1, 8);
        expect(bend === undefined).toBe(own.hockney.bend === undefined);
        if (bend) expect(bend.at / own.hockney.bend!.at / longer).toBeCloseTo(1, 8);
      }),
    );
  });

  it('has residuals that say by how much the bandwidth is above the line', () => {
    const points = curveOf(STRAIGHT, doubling(8), 0.02);
    const { residuals, line, worst } = fitCurve(points)!;
    expect(residuals).toEqual(
      points.map(({ bytes, bandwidth }) =>
        expect.closeTo(bandwidth / bandwidthOnLine(line, bytes) - 1, 12),
      ),
    );
    expect(worst).toBe(Math.max(...residuals.map(Math.abs)));
  });

  it('needs four sizes', () => {
    expect(fitCurve(curveOf(STRAIGHT, doubling(3)))).toBeUndefined();
    expect(fitCurve(curveOf(STRAIGHT, doubling(4)))).toBeDefined();
  });

  it('gives no estimates for a curve that is not a line', () => {
    const root = doubling(10).map((bytes) => ({
      ...{ bytes, bandwidth: 1e7 * Math.sqrt(bytes), runs: 11, cv: 0.03 },
    }));
    const { state, hockney, lackOfFit, worst } = fitCurve(root)!;
    expect([state, hockney]).toEqual(['does-not-follow', undefined]);
    expect(worst).toBeGreaterThan(0.1);
    expect(lackOfFit).toBeLessThan(0.001);
  });

  it('allows a cell to be far off only where its runs vary as much', () => {
    const off = (change: Partial<CurvePoint>, by = 1.15) =>
      fitCurve(
        curveOf(STRAIGHT, doubling(8)).map((point, at) => ({
          ...point,
          bandwidth: point.bandwidth * (at === 3 ? by : 1),
          ...change,
        })),
      )!;
    expect(off({ cv: 0.4 })).toMatchObject({ state: 'fitted' });
    expect(off({ cv: 0.02 })).toMatchObject({ state: 'does-not-follow' });
    expect(off({ cv: 0.9 }, 1.6)).toMatchObject({ state: 'undetermined', hockney: undefined });
    expect(off({ runs: 1, cv: undefined })).toMatchObject({
      ...{ state: 'does-not-follow', lackOfFit: undefined },
    });
  });

  it('does not estimate the cost of a call from large buffers alone', () => {
    const large = [20, 21, 22, 23, 24].map((power) => 2 ** power);
    const { state, hockney } = fitCurve(curveOf(STRAIGHT, large, 0.03))!;
    expect([state, hockney]).toEqual(['undetermined', undefined]);
  });

  it('takes no rounding error for a cost, where bandwidth or time is the same at every size', () => {
    const sizes = [9, 12, 13, 14, 16, 20].map((power) => 2 ** power);
    for (let rate = 1e6; rate < 3e8; rate += 1e6) {
      for (const power of [0, 1]) {
        const points = sizes.map((bytes): CurvePoint => {
          return { bytes, bandwidth: rate * bytes ** power, runs: 1, cv: undefined };
        });
        expect(fitCurve(points)).toMatchObject({ state: 'undetermined', hockney: undefined });
      }
    }
  });

  it('fits the sizes before a step, and says how far the others are off', () => {
    const step = curveOf(STRAIGHT, doubling(14)).map((point, at) =>
      point.bytes < 2 ** 20 ? point : { ...point, bandwidth: point.bandwidth / (at % 2 ? 2 : 3) },
    );
    const { state, used, hockney, residuals } = fitCurve(step)!;
    expect([state, used]).toEqual(['fitted', 10]);
    expect(hockney!.call.value / 1.2e-6).toBeCloseTo(1, 9);
    expect(hockney!.bend).toBeUndefined();
    expect(residuals[11]).toBeCloseTo(1 / 2 - 1, 9);
    expect(residuals[12]).toBeCloseTo(1 / 3 - 1, 9);
  });
});

describe.skipIf(withoutR)(`R ${withoutR}`, () => {
  it('has the same estimates, intervals and lack of fit to 11 digits', () => {
    const curves = [5, 8, 9, 12].map((count) => curveOf(STRAIGHT, doubling(count), 0.03, count));
    const theirs = askR(
      curves
        .map(
          (points) => `b <- ${vector(points.map(({ bytes }) => bytes))}
y <- b / ${vector(points.map(({ bandwidth }) => bandwidth))}
m <- lm(y ~ b, weights = 1 / y^2); v <- vcov(m); k <- unname(coef(m)); n <- length(b)
out(k[1], confint(m)[1, ], 1 / k[2], 1 / rev(confint(m)[2, ]), k[1] / k[2])
# Fieller by its definition: where the t value of k[1] - r k[2] reaches the quantile.
far <- function(r) (k[1] - r * k[2])^2 / (v[1, 1] - 2 * r * v[1, 2] + r^2 * v[2, 2]) - qt(0.975, n - 2)^2
out(uniroot(far, c(0, k[1] / k[2]), tol = 1e-11)$root, uniroot(far, k[1] / k[2] * c(1, 3), tol = 1e-11)$root)
f <- sum(11 * residuals(m)^2 / y^2) / (n - 2) / (pi / 2 * 0.03^2)
out(pf(f, n - 2, 10 * n, lower.tail = FALSE))`,
        )
        .join('\n'),
    );
    const ours = curves.flatMap((points) => {
      const { hockney, lackOfFit } = fitCurve(points)!;
      const { call, asymptote, half } = hockney!;
      return [
        ...[call, asymptote, half].flatMap(({ value, interval }) => [
          ...[value, interval.low, interval.high],
        ]),
        lackOfFit!,
      ];
    });
    expect(theirs).toHaveLength(ours.length);
    theirs.forEach((value, at) => {
      expect(Math.abs(ours[at]! / value - 1)).toBeLessThan(1e-11);
    });
  });
});
