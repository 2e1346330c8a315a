import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drift } from '../../src/analyse/trend.ts';
import { askR, BANDWIDTHS, samples, vector, withoutR } from './r.ts';

const { eleven, tied } = BANDWIDTHS;

function permutations(values: readonly number[]): number[][] {
  if (values.length === 0) return [[]];
  return values.flatMap((value, at) =>
    permutations(values.toSpliced(at, 1)).map((rest) => [value, ...rest]),
  );
}

describe('drift', () => {
  it('is known for three series', () => {
    expect(drift([1, 2, 3, 4, 5])).toEqual({ tau: 1, p: expect.closeTo(2 / 120, 12) });
    expect(drift(eleven)).toEqual({
      tau: expect.closeTo(3 / 55, 12),
      p: expect.closeTo(0.879269831249, 11),
    });
    expect(drift(tied)).toEqual({
      tau: expect.closeTo(0.925820099773, 11),
      p: expect.closeTo(0.00206088120209, 11),
    });
  });

  it('has a p that counts all orders of six values', () => {
    const orders = permutations([1, 2, 3, 4, 5, 6]);
    const taus = orders.map((order) => drift(order)!.tau);
    for (const [at, tau] of taus.entries()) {
      if (at % 17 !== 0) continue;
      const out = taus.filter((other) => Math.abs(other) >= Math.abs(tau) - 1e-9).length;
      expect(drift(orders[at]!)!.p).toBeCloseTo(out / 720, 12);
    }
  });

  it('reverses with the series', () => {
    const series = fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 3, maxLength: 60 });
    fc.assert(
      fc.property(series, (values) => {
        const there = drift(values);
        const back = drift(values.toReversed());
        if (!there) {
          expect(new Set(values).size).toBe(1);
          return;
        }
        expect(back!.tau).toBeCloseTo(-there.tau, 12);
        expect(back!.p).toBeCloseTo(there.p, 12);
      }),
    );
  });

  it('is unknown where nothing can be said', () => {
    expect(drift([])).toBeUndefined();
    expect(drift([1, 2])).toBeUndefined();
    expect(drift([514, 514, 514, 514])).toBeUndefined();
  });
});

describe.skipIf(withoutR)(`R ${withoutR}`, () => {
  it('finds the same tau and p, exact and normal, with ties and without', () => {
    const rising = samples(6, [11, 30, 60], 1).map((values) =>
      values.map((value, at) => Number((value + at / 10).toFixed(1))),
    );
    const all = [
      eleven,
      tied,
      ...samples(20, [3, 5, 11, 30, 49, 50, 80], 8),
      ...samples(10, [11, 30, 70], 0),
      ...rising,
    ];
    const theirs = askR(
      `options(warn = -1)
${all
  .map(
    (values) => `k <- cor.test(${vector(values)}, 1:${values.length}, method = 'kendall')
out(k$estimate, k$p.value)`,
  )
  .join('\n')}`,
    );
    all.forEach((values, at) => {
      const { tau, p } = drift(values)!;
      expect(tau).toBeCloseTo(theirs[2 * at]!, 12);
      expect(Math.abs(p / theirs[2 * at + 1]! - 1), `${at}`).toBeLessThan(1e-9);
    });
  });
});
