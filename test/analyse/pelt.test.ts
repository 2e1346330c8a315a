import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { biweightFits, deviationWithoutSteps } from '../../src/analyse/biweight.ts';
import { pelt, type SegmentCost } from '../../src/analyse/pelt.ts';

const value = fc.double({ min: -50, max: 50, noNaN: true });
/** Few different numbers, so that there are ties and levels. */
const levels = fc.integer({ min: -3, max: 3 }).map((level) => 4 * level);
const series = fc.array(fc.oneof(value, levels), { minLength: 1, maxLength: 11 });

const squares =
  (values: readonly number[]): SegmentCost =>
  (from, to) => {
    const own = values.slice(from, to);
    const mean = own.reduce((sum, it) => sum + it, 0) / own.length;
    return own.reduce((sum, it) => sum + (it - mean) ** 2, 0);
  };

/** The cost of all segments and changes together. */
function costOf(
  changes: readonly number[],
  count: number,
  cost: SegmentCost,
  penalty: number,
): number {
  const ends = [...changes, count];
  const whole = ends.reduce((sum, to, at) => sum + cost(ends[at - 1] ?? 0, to), 0);
  return whole + penalty * changes.length;
}

/** The cheapest of all ways to split the values. */
function cheapest(count: number, cost: SegmentCost, penalty: number, least: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let ways = 0; ways < 2 ** (count - 1); ways++) {
    const changes = Array.from({ length: count - 1 }, (_, at) => at + 1).filter(
      (place) => (ways >> (place - 1)) & 1,
    );
    const ends = [0, ...changes, count];
    if (ends.slice(1).some((to, at) => to - ends[at]! < least)) continue;
    best = Math.min(best, costOf(changes, count, cost, penalty));
  }
  return best;
}

describe('the optimal partition', () => {
  it('costs no more than the best of all ways to split a series', () => {
    const penalties = fc.double({ min: 0.01, max: 200, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.oneof(value, levels), { minLength: 3, maxLength: 11 }),
        penalties,
        fc.constantFrom(1, 2, 3),
        fc.boolean(),
        (values, penalty, least, robust) => {
          const fit = biweightFits(values, 6);
          const cost: SegmentCost = robust ? (from, to) => fit(from, to).cost : squares(values);
          const changes = pelt(values.length, cost, { penalty, least });
          const ends = [0, ...changes, values.length];
          for (const [at, to] of ends.slice(1).entries()) {
            expect(to - ends[at]!).toBeGreaterThanOrEqual(least);
          }
          const best = cheapest(values.length, cost, penalty, least);
          expect(costOf(changes, values.length, cost, penalty)).toBeCloseTo(best, 6);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('finds several changes, and none where there are fewer values than a segment needs', () => {
    const values = [...Array(5).fill(1), ...Array(4).fill(7), ...Array(6).fill(-2)];
    const cost = squares(values);
    expect(pelt(values.length, cost, { penalty: 1, least: 2 })).toEqual([5, 9]);
    expect(pelt(values.length, cost, { penalty: 1e6, least: 2 })).toEqual([]);
    expect(pelt(1, cost, { penalty: 1, least: 2 })).toEqual([]);
    expect(pelt(0, cost, { penalty: 1, least: 2 })).toEqual([]);
  });

  it('has the change at the earlier of two places where it costs the same', () => {
    // Squares of 2 and 26 about the means of the parts, whether the 6 is on the left or the right.
    const cost = squares([-1, 1, 6, 11, 13]);
    expect(pelt(5, cost, { penalty: 1, least: 2 })).toEqual([2]);
  });

  it('looks at one segment for each further value, and at three more around a step', () => {
    const asked = (values: readonly number[]) => {
      let segments = 0;
      const own = squares(values);
      const cost: SegmentCost = (from, to) => {
        segments++;
        return own(from, to);
      };
      pelt(values.length, cost, { penalty: 5, least: 2 });
      return segments;
    };
    expect(asked(Array(100).fill(3))).toBe(99);
    // At the first value behind the step the last two places are tried, at the next one the step.
    expect(asked([...Array(50).fill(0), ...Array(50).fill(10)])).toBeLessThanOrEqual(102);
  });

  it('computes the cost of far fewer segments than there are', () => {
    const values = Array.from({ length: 400 }, (_, at) => ((at * 7919) % 13) / 13);
    const own = squares(values);
    let asked = 0;
    const counting: SegmentCost = (from, to) => {
      asked++;
      return own(from, to);
    };
    pelt(values.length, counting, { penalty: 5, least: 2 });
    expect(asked).toBeLessThan((400 * 399) / 2 / 5);
  });
});

describe('the biweight fit', () => {
  it('finds the best level, compared with the mean of every group of neighbouring values', () => {
    const reaches = fc.double({ min: 0.1, max: 40, noNaN: true });
    fc.assert(
      fc.property(series, reaches, (values, reach) => {
        const { cost, level, within } = biweightFits(values, reach)(0, values.length);
        const costAt = (mean: number) =>
          values.reduce((sum, it) => sum + Math.min((it - mean) ** 2, reach ** 2), 0);
        const sorted = values.toSorted((a, b) => a - b);
        const tried = sorted.flatMap((_, from) =>
          sorted.slice(from).map((__, more) => {
            const own = sorted.slice(from, from + more + 1);
            return costAt(own.reduce((sum, it) => sum + it, 0) / own.length);
          }),
        );
        expect(cost).toBeCloseTo(Math.min(...tried), 6);
        expect(cost).toBeCloseTo(costAt(level), 6);
        expect(within).toBeGreaterThan(0);
        expect(within).toBeLessThanOrEqual(values.length);
      }),
    );
  });

  it('fits parts of a series as if they were alone', () => {
    fc.assert(
      fc.property(series, fc.nat(), fc.nat(), (values, one, other) => {
        const from = one % values.length;
        const to = from + 1 + (other % (values.length - from));
        const alone = values.slice(from, to);
        const part = biweightFits(values, 5)(from, to);
        expect(part.cost).toBeCloseTo(biweightFits(alone, 5)(0, alone.length).cost, 9);
      }),
    );
  });

  it('charges an outlier no more than the square of the reach, however far away it is', () => {
    const { cost, level, within } = biweightFits([1, 1, 1, 1e6, 1], 3)(0, 5);
    expect([cost, level, within]).toEqual([9, 1, 4]);
  });
});

describe('the best level of a biweight fit', () => {
  const fitOf = (values: readonly number[], reach: number) =>
    biweightFits(values, reach)(0, values.length);

  it('leaves out what is beyond the reach on either side, each at the square of the reach', () => {
    expect(fitOf([0, 0, 0, 0, 1], 0.5)).toEqual({ level: 0, cost: 0.25, within: 4 });
    expect(fitOf([0, 5, 5, 5, 5], 3)).toEqual({ level: 5, cost: 9, within: 4 });
    // About 1.5: squares of 5 together, and 9 for the 50.
    expect(fitOf([0, 1, 2, 3, 50], 3)).toEqual({ level: 1.5, cost: 14, within: 4 });
  });

  it('is the lower one where two fit equally well', () => {
    expect(fitOf([0, 10], 1)).toEqual({ level: 0, cost: 1, within: 1 });
  });

  it('has a value within its reach, also where rounding leaves a rest of the sums', () => {
    const { level, cost, within } = fitOf([15.9, 10.5, 40.6], 0.7);
    expect([15.9, 10.5, 40.6].some((value) => Math.abs(value - level) < 1e-9)).toBe(true);
    expect(cost).toBeCloseTo(2 * 0.7 ** 2, 9);
    expect(within).toBe(1);
  });
});

describe('the deviation without steps', () => {
  it('is the biweight midvariance of the differences of neighbours and next neighbours', () => {
    // R, for d <- c(diff(x), diff(x, 2)); u <- d / (9 * median(abs(d))); w <- abs(u) < 1:
    // sqrt(length(d) * sum((d^2 * (1 - u^2)^4)[w])) / abs(sum(((1 - u^2) * (1 - 5 * u^2))[w]))
    // over sqrt(2). The 90 makes two differences that have no weight.
    const values = [0, 1, 3, 2, 8, 2.5, 4];
    expect(deviationWithoutSteps(values)).toBeCloseTo(2.54045899852905, 12);
    expect(deviationWithoutSteps([...values, 90])).toBeCloseTo(2.66609564144879, 12);
  });

  it('is the same with a step or an outlier as without', () => {
    const noise = Array.from({ length: 200 }, (_, at) => Math.sin(at ** 2));
    const plain = deviationWithoutSteps(noise);
    expect(plain).toBeGreaterThan(0.6);
    expect(plain).toBeLessThan(0.8);
    const stepped = noise.map((it, at) => it + (at < 90 ? 0 : 30));
    expect(deviationWithoutSteps(stepped)).toBeCloseTo(plain, 1);
    const outlying = noise.map((it, at) => it + (at === 90 ? 30 : 0));
    expect(deviationWithoutSteps(outlying)).toBeCloseTo(plain, 1);
  });

  it('grows with the values, and is 0 where the values do not vary', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 1000 }), (values, factor) => {
        const scaled = deviationWithoutSteps(values.map((it) => factor * it));
        const expected = factor * deviationWithoutSteps(values);
        expect(scaled).toBeCloseTo(expected, 6);
      }),
    );
    expect([deviationWithoutSteps([]), deviationWithoutSteps([5])]).toEqual([0, 0]);
    expect(deviationWithoutSteps([3, 3, 3, 3])).toBe(0);
  });
});
