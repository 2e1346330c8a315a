import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareCells, standardError } from '../../src/analyse/compare.ts';
import { medianInterval } from '../../src/analyse/median-interval.ts';
import { sessionDeviation } from '../../src/analyse/session-deviation.ts';
import { median } from '../../src/analyse/statistics.ts';
import { askR, samples, vector, withoutR } from './r.ts';

const noise = samples(12, [7, 5, 6]);
/** Sessions at these levels, of different numbers of runs. */
const sessionsAt = (levels: readonly number[], from = 0) =>
  levels.map((level, at) => noise[(from + at) % noise.length]!.map((value) => level * value));

describe('the deviation between sessions', () => {
  it.skipIf(withoutR)(`solves the equations of Paule and Mandel as R does ${withoutR}`, () => {
    const cells = [sessionsAt([1, 1.02, 0.97, 1.01]), sessionsAt([5, 5.1, 4.85], 4)];
    const levels = cells.map((sessions) => ({
      y: vector(sessions.map((values) => Math.log(median(values)))),
      v: vector(sessions.map((values) => standardError(medianInterval(values)!) ** 2)),
    }));
    const [deviation, low, high, floor] = askR(`
      cells <- list(${levels.map(({ y, v }) => `list(y = ${y}, v = ${v})`).join(', ')})
      q <- function(t) sum(sapply(cells, function(cell) {
        w <- 1 / (t + cell$v); sum(w * (cell$y - weighted.mean(cell$y, w))^2) }))
      at <- function(sum) sqrt(uniroot(function(t) q(t) - sum, c(0, 1), tol = 1e-16)$root)
      out(at(5), at(5 * qchisq(0.975, 3) / 3), at(5 * qchisq(0.025, 3) / 3),
        at(5 * (qnorm(0.975) / qt(0.975, 3))^2))`);
    const found = sessionDeviation(cells)!;
    expect(found).toMatchObject({ sessions: 4, cells: 2 });
    expect(found.deviation).toBeCloseTo(deviation!, 10);
    expect(found.low).toBeCloseTo(low!, 10);
    expect(found.high).toBeCloseTo(high!, 10);
    expect(found.floor).toBeCloseTo(floor!, 10);
  });

  it('is hardly changed by a cell whose runs scatter, or by an outlier', () => {
    const levels = [1, 1.02, 0.97, 1.01];
    const quiet = sessionDeviation([sessionsAt(levels), sessionsAt(levels, 5)])!;
    const loud = sessionsAt([1, 1, 1, 1], 2).map((values) =>
      values.map((value) => 1000 * Math.exp(0.15 * (value - 1000))),
    );
    const withLoud = sessionDeviation([sessionsAt(levels), sessionsAt(levels, 5), loud])!;
    expect(withLoud.deviation / quiet.deviation).toBeGreaterThan(0.7);
    expect(withLoud.deviation / quiet.deviation).toBeLessThan(1.4);
    const [first = [], ...rest] = sessionsAt(levels);
    const hit = sessionDeviation([[[0.01 * first[0]!, ...first.slice(1)], ...rest]])!;
    expect(hit.deviation / sessionDeviation([sessionsAt(levels)])!.deviation).toBeCloseTo(1, 1);
  });

  it('does not depend on units, on the order of sessions and cells, or on cells made once', () => {
    const levels = fc.array(fc.double({ min: 0.9, max: 1.1, noNaN: true }), {
      ...{ minLength: 2, maxLength: 5 },
    });
    fc.assert(
      fc.property(
        levels,
        levels,
        fc.double({ min: 0.001, max: 1e9, noNaN: true }),
        (a, b, unit) => {
          const cells = [sessionsAt(a), sessionsAt(b, 3)];
          const found = sessionDeviation(cells)!;
          const turned = cells
            .toReversed()
            .map((sessions) =>
              sessions.toReversed().map((values) => values.map((it) => unit * it)),
            );
          const again = sessionDeviation([...turned, [[5, 6]], []])!;
          for (const key of ['deviation', 'low', 'high', 'floor'] as const) {
            expect(again[key]).toBeCloseTo(found[key], 6);
          }
          expect(again.cells).toBe(2);
          expect(found.low).toBeLessThanOrEqual(found.deviation);
          expect(found.high).toBeGreaterThanOrEqual(found.deviation);
          expect(found.floor).toBeGreaterThanOrEqual(found.deviation);
        },
      ),
    );
  });

  it('is that of the medians where no run differs from another of its session', () => {
    const [low, high] = [1000, 1010].map((value) => Array<number>(5).fill(value));
    expect(sessionDeviation([[low!, high!]])!.deviation).toBeCloseTo(
      Math.log(1.01) / Math.SQRT2,
      9,
    );
  });

  it('is 0 where sessions agree better than runs do', () => {
    const same = noise[0]!;
    const found = sessionDeviation([[same, same, same]])!;
    expect(found).toMatchObject({ deviation: 0, low: 0 });
  });

  it('is unknown for one session, or for fewer than five runs', () => {
    expect(sessionDeviation([])).toBeUndefined();
    expect(sessionDeviation([[[1, 2, 3]]])).toBeUndefined();
    expect(sessionDeviation([[[1], [2], [3]]])).toBeUndefined();
    expect(sessionDeviation([[noise[0]!, noise[1]!.slice(0, 4)]])).toBeUndefined();
  });

  it('keeps a comparison from calling a difference that any other session could show', () => {
    const [a = [], b = []] = sessionsAt([1, 1.03]);
    expect(compareCells([{ a, b }])[0]).toMatchObject({ verdict: 'faster' });
    const { floor } = sessionDeviation([sessionsAt([1, 1.02, 0.97, 1.01, 0.99])])!;
    expect(compareCells([{ a, b }], { floor })[0]).toMatchObject({ verdict: 'inconclusive' });
    const far = b.map((value) => 1.5 * value);
    expect(compareCells([{ a, b: far }], { floor })[0]).toMatchObject({ verdict: 'faster' });
  });
});
