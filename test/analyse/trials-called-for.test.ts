import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { relativeHalfWidth } from '../../src/analyse/interval.ts';
import { medianInterval } from '../../src/analyse/median-interval.ts';
import { median } from '../../src/analyse/statistics.ts';
import { trialsCalledFor, valuesCalledFor } from '../../src/analyse/trials-called-for.ts';
import { askR, samples, vector, withoutR } from './r.ts';

const [eleven = [], sixty = []] = samples(2, [11, 60]);
const widthOf = (values: readonly number[]) =>
  relativeHalfWidth(median(values), medianInterval(values)!);

describe('the number of values that a pilot calls for', () => {
  it('grows with the square of the factor by which the interval is to be narrowed', () => {
    const width = widthOf(eleven);
    expect(valuesCalledFor(eleven, 3 * width)).toBe(11);
    const once = valuesCalledFor(eleven, width / 2);
    expect(once).toBeGreaterThanOrEqual(Math.ceil(11 * 4 * 1.1 ** 2));
    expect(once).toBeLessThanOrEqual(Math.ceil(11 * 4 * (1.1 * 1.5) ** 2));
    expect(valuesCalledFor(eleven, width / 20) / once).toBeCloseTo(100, -1);
  });

  it('follows from the interval or from the standard deviation, whichever says more', () => {
    // The interval says more: twice as narrow, and a tenth to be safe.
    const scattered = samples(12, [11, 5, 8])[9]!;
    expect(valuesCalledFor(scattered, widthOf(scattered) / 2)).toBe(Math.ceil(11 * 2.2 ** 2));
  });

  it.skipIf(withoutR)(`follows from the standard deviation as R says ${withoutR}`, () => {
    const [called] = askR(`x <- ${vector(eleven)}
out(ceiling(11 * (1.1 * qt(0.975, 10) * sqrt(pi / 2) * sd(x) / mean(x) / sqrt(11) / 0.0005)^2))`);
    expect(valuesCalledFor(eleven, 0.0005)).toBe(called);
  });

  it('is at least eleven, unless the values are all the same', () => {
    const five = eleven.slice(0, 5);
    expect(valuesCalledFor(five, 1)).toBe(11);
    expect(valuesCalledFor([7, 7, 7, 7, 7], 0.001)).toBe(5);
  });

  it('is the number of values where there are too few for an interval', () => {
    expect(valuesCalledFor(eleven.slice(0, 4), 0.0001)).toBe(4);
    expect(valuesCalledFor([], 0.02)).toBe(0);
  });

  it('is raised by an outlier by no more than the square of one and a half widths', () => {
    const outlier = [...eleven.slice(0, 10), 5000];
    const width = widthOf(outlier);
    expect(valuesCalledFor(outlier, width)).toBe(Math.ceil(11 * (1.1 * 1.5) ** 2));
  });

  it('does not depend on the unit or on the order of the values', () => {
    const values = fc.array(fc.integer({ min: 900, max: 1100 }), { minLength: 5, maxLength: 30 });
    fc.assert(
      fc.property(values, fc.constantFrom(0.001, 0.01, 0.05), (list, asked) => {
        const called = valuesCalledFor(list, asked);
        expect(called).toBeGreaterThanOrEqual(list.length);
        const other = valuesCalledFor(
          list.toReversed().map((value) => value * 1024),
          asked,
        );
        expect(Math.abs(other - called)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('the trials that a cell gets', () => {
  const sweep = { controls: 0, warmup: 2, trials_min: 11, relative_ci: 0.001 };
  /** A cell's stored trials, the first two of which are warm-up and not among the rows. */
  const rowsOf = (values: readonly number[]) => {
    const asked: number[] = [];
    const rowsBefore = (trial: number) => {
      asked.push(trial);
      return values
        .slice(0, trial - 3)
        .map((bandwidth, at) => ({ cell: 1, run_id: at + 1, trial: at + 1, traced: 1, bandwidth }));
    };
    return { rowsBefore, asked };
  };

  it('follow only from the trials of the pilot, however many there are by now', () => {
    const called = valuesCalledFor(sixty.slice(0, 11), sweep.relative_ci);
    expect(called).toBeGreaterThan(15);
    for (const made of [11, 12, called - 1]) {
      const { rowsBefore, asked } = rowsOf(sixty);
      expect(trialsCalledFor(rowsBefore, 1, sweep, made).trials).toBe(called);
      expect(asked).toEqual([14]);
    }
  });

  it('are computed once more when they have been made, and then never again', () => {
    const first = valuesCalledFor(sixty.slice(0, 11), sweep.relative_ci);
    // The later ones vary more than those of the pilot.
    const values = sixty.map((value, at) => (at < 11 ? value : 1000 + 5 * (value - 1000)));
    const { rowsBefore, asked } = rowsOf(values);
    const { trials, relativeHalfWidth: width } = trialsCalledFor(rowsBefore, 1, sweep, first);
    expect(trials).toBe(valuesCalledFor(values.slice(0, first), sweep.relative_ci));
    expect(trials).toBeGreaterThan(first);
    expect(width).toBeCloseTo(widthOf(values.slice(0, first)), 12);
    expect(trialsCalledFor(rowsBefore, 1, sweep, 10_000).trials).toBe(trials);
    expect(Math.max(...asked)).toBe(first + 3);
  });

  it('do not replace trials that failed, and are those of the pilot where too few are good', () => {
    const { rowsBefore } = rowsOf(sixty.slice(0, 9));
    const called = valuesCalledFor(sixty.slice(0, 9), sweep.relative_ci);
    expect(trialsCalledFor(rowsBefore, 1, sweep, 11).trials).toBe(11 + called - 9);
    const none = trialsCalledFor(rowsOf([]).rowsBefore, 1, sweep, 11);
    expect(none).toEqual({ trials: 11, relativeHalfWidth: undefined });
  });

  it('are those of the pilot where it is precise enough, which takes one look', () => {
    const { rowsBefore, asked } = rowsOf(sixty);
    const easy = { ...sweep, relative_ci: 0.5 };
    expect(trialsCalledFor(rowsBefore, 1, easy, 40)).toEqual({
      trials: 11,
      relativeHalfWidth: expect.closeTo(widthOf(sixty.slice(0, 11)), 12),
    });
    expect(asked).toEqual([14]);
  });

  it('are at least those of the pilot before it has ended', () => {
    const { rowsBefore, asked } = rowsOf(sixty);
    expect(trialsCalledFor(rowsBefore, 1, sweep, 10)).toEqual({
      trials: 11,
      relativeHalfWidth: undefined,
    });
    expect(asked).toEqual([]);
  });
});
