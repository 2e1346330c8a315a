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

  it('does not estimate the asymptote from small buffers alone', () => {
    const { state, hockney } = fitCurve(curveOf(STRAIGHT, [1, 2, 4, 8, 16], 0.03))!;
    expect([state, hockney]).toEqual(['undetermined', undefined]);
  });

  it('needs more than one size', () => {
    expect(fitCurve(curveOf(STRAIGHT, [512, 512, 512, 512], 0.03))).toBeUndefined();
  });

  it('looks for a bend from six sizes on', () => {
    const early = { ...STRAIGHT, bend: { at: 3000, morePerByte: 1 / 2.4e9 } };
    expect(fitCurve(curveOf(early, doubling(6)))!.hockney!.bend!.at).toBeCloseTo(3000, 6);
    expect(fitCurve(curveOf(early, doubling(5)))!.line.bend).toBeUndefined();
  });

  it('gives no bandwidth beyond a bend from which on bytes add no time', () => {
    const flat = { ...STRAIGHT, bend: { at: 100_000, morePerByte: -STRAIGHT.perByte } };
    const { state, hockney } = fitCurve(curveOf(flat, doubling(14), 0.02))!;
    expect(state).toBe('fitted');
    expect(hockney!.bend!.at / 100_000).toBeCloseTo(1, 1);
    expect(hockney!.bend!.beyond).toBeUndefined();
  });

  it('takes runs that do not vary at their word', () => {
    const fixed = curveOf(STRAIGHT, doubling(8)).map((point) => ({ ...point, cv: 0 }));
    expect(fitCurve(fixed)!.lackOfFit).toBe(1);
    const off = fixed.map((point, at) =>
      at === 3 ? { ...point, bandwidth: 1.05 * point.bandwidth } : point,
    );
    expect(fitCurve(off)!.lackOfFit).toBe(0);
  });

  it('fits the sizes before a step only if these are four, and judges them by their own runs', () => {
    const step = (from: number) =>
      curveOf(STRAIGHT, doubling(14), 0.002).map((point, at) =>
        at < from
          ? { ...point, cv: 0.0001 }
          : { ...point, bandwidth: point.bandwidth / (at % 2 ? 2 : 3) },
      );
    const { state, used, lackOfFit } = fitCurve(step(5))!;
    expect([state, used]).toEqual(['fitted', 4]);
    expect(lackOfFit).toBeLessThan(1e-6);
    const fewer = curveOf(STRAIGHT, doubling(14)).map((point, at) =>
      at < 3 ? point : { ...point, bandwidth: point.bandwidth / (at % 2 ? 2 : 3) },
    );
    expect(fitCurve(fewer)).toMatchObject({ state: 'does-not-follow', used: 14 });
  });

  it('takes no rounding error for a bend', () => {
    for (const [count, call, half] of [
      [7, 0.00003797492113239645, 6877.2552675362585],
      [8, 2.5987649597327798e-8, 40166.14181850084],
    ] as const) {
      const sizes = Array.from({ length: count }, (_, at) => 1000 * (at + 1));
      const { line } = fitCurve(curveOf({ call, perByte: call / half }, sizes))!;
      expect(line.bend).toBeUndefined();
    }
  });

  it('counts the size at which a line breaks to those before the break', () => {
    const step = curveOf(STRAIGHT, doubling(14), 0.02, 31).map((point, at) =>
      at < 7 ? point : { ...point, bandwidth: point.bandwidth / (at % 2 ? 1.6 : 2.2) },
    );
    expect(fitCurve(step)).toMatchObject({ state: 'fitted', used: 7 });
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
  it('has the same intervals and lack of fit where the line bends, at a size or between two', () => {
    const early = { ...STRAIGHT, bend: { at: 1500, morePerByte: 1 / 2.4e9 } };
    const curves = [
      curveOf(BENT, doubling(12), 0.03, 1),
      curveOf(BENT, doubling(12), 0.03, 2),
      curveOf(early, doubling(13), 0.02, 3),
      curveOf(early, doubling(13), 0.02, 6),
    ];
    const bends = curves.map((points) => fitCurve(points)!.hockney!.bend!);
    // The third breaks exactly at 2 KiB.
    expect(bends.map(({ at }) => at === 2048)).toEqual([false, false, true, false]);
    const theirs = askR(
      curves
        .map(
          (points, which) => `b <- ${vector(points.map(({ bytes }) => bytes))}
y <- b / ${vector(points.map(({ bandwidth }) => bandwidth))}
at <- ${bends[which]!.at}; n <- length(b); q <- qt(0.975, n - 4); w <- 1 / y^2
m <- lm(y ~ b + pmax(b - at, 0), weights = w); k <- unname(coef(m)); s2 <- deviance(m) / (n - 4)
# Only the sizes on a side of the break say where the line lies there.
u <- summary(lm(y ~ b, weights = w, subset = b <= at))$cov.unscaled
v <- summary(lm(y ~ b, weights = w, subset = b >= at))$cov.unscaled
out(k[1] + c(-1, 1) * q * sqrt(s2 * u[1, 1]), 1 / (k[2] + c(1, -1) * q * sqrt(s2 * u[2, 2])))
out(1 / (k[2] + k[3] + c(1, -1) * q * sqrt(s2 * v[2, 2])))
far <- function(r) (k[1] - r * k[2])^2 / (s2 * (u[1, 1] - 2 * r * u[1, 2] + r^2 * u[2, 2])) - q^2
out(uniroot(far, c(0, k[1] / k[2]), tol = 1e-11)$root, uniroot(far, k[1] / k[2] * c(1, 5), tol = 1e-11)$root)
f <- sum(11 * residuals(m)^2 / y^2) / (n - 4) / (pi / 2 * 0.03^2)
out(pf(f, n - 4, 10 * n, lower.tail = FALSE))`,
        )
        .join('\n'),
    );
    const ours = curves.flatMap((points) => {
      const { hockney, lackOfFit } = fitCurve(points)!;
      const { call, asymptote, half, bend } = hockney!;
      return [
        ...[call, asymptote, bend!.beyond!, half].flatMap(({ interval }) => [
          ...[interval.low, interval.high],
        ]),
        lackOfFit!,
      ];
    });
    expect(theirs).toHaveLength(ours.length);
    theirs.forEach((value, at) => {
      expect(Math.abs(ours[at]! / value - 1)).toBeLessThan(1e-9);
    });
  });

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
