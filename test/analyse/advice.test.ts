import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AdvisedSweep, advice, type TrialCost } from '../../src/analyse/advice.ts';
import type { CellSummary } from '../../src/analyse/summary.ts';

interface Sketch {
  /** The part of the variance that is between runs. */
  readonly share?: number;
  /** Half the interval's width over the median. */
  readonly width?: number;
  readonly n?: number;
}

const summaryOf = ({ share, width, n = 11 }: Sketch, at: number) =>
  ({
    cell: { cell: at + 1, buffer_bytes: 512 * 2 ** at },
    bandwidth: {
      ...{ n, median: 1000, varianceBetweenRuns: share },
      interval: width && { low: 1000 * (1 - width), high: 1000 * (1 + width), level: 0.95 },
    },
  }) as unknown as CellSummary;
const fixed: AdvisedSweep = { iterations: 11, trials: 11, relativeCi: null };
const said = (
  cells: readonly Sketch[],
  costs: readonly TrialCost[],
  setup: Partial<AdvisedSweep> = {},
) =>
  advice(cells.map(summaryOf), new Map(costs.map((cost, at) => [at + 1, cost])), {
    ...fixed,
    ...setup,
  });

describe('advice on the iterations of a run', () => {
  it('names the number with which a precision takes the least time, and what that saves', () => {
    // An invocation costs 0.4 s before its 10 counted iterations of 1 s each; 16/17 vary within.
    const lines = said([{ share: 1 / 17 }], [{ seconds: 10.4, secondsPerIteration: 1 }]);
    // sqrt(0.4 / 1 * 16 / 1) = 2.53: 2 or 3 counted ones and the first, which is not counted.
    expect(lines).toEqual([
      'with 4 iterations a run and about 27 trials (now 11 and 11) the same precision takes about 20% less time',
    ]);
  });

  it('leaves the number of trials to the sweep where a precision was asked for', () => {
    const cost = [{ seconds: 10.4, secondsPerIteration: 1 }];
    const asked = { relativeCi: 0.02, trials: 50 };
    expect(said([{ share: 1 / 17, n: 20 }], cost, asked)).toEqual([
      'with 4 iterations a run (now 11) the same precision takes about 20% less time',
    ]);
  });

  it('is to take more of them where they are cheap, up to ten times as many', () => {
    const cheap = [{ seconds: 10, secondsPerIteration: 0.1 }];
    const [line] = said([{ share: 0 }], cheap, { trials: 200 });
    expect(line).toMatch(/^with 101 iterations a run and about 20 trials \(now 11 and 200\)/);
  });

  it('leaves at least eleven trials, because fewer are too small a sample', () => {
    const cheap = [{ seconds: 10, secondsPerIteration: 0.1 }];
    const [line] = said([{ share: 0 }], cheap, { trials: 44 });
    expect(line).toMatch(/^with 41 iterations a run and about 11 trials \(now 11 and 44\)/);
    expect(said([{ share: 0 }], cheap)).toEqual([]);
    expect(said([{ share: 0.02 }], cheap, { trials: 5 })).toEqual([]);
  });

  it('is not given where nothing would be saved, nothing is known, or runs count one iteration only', () => {
    const optimal = { seconds: 10 + 10, secondsPerIteration: 1 };
    expect(said([{ share: 1 / 11 }], [optimal])).toEqual([]);
    expect(said([{ share: 0.01 }], [])).toEqual([]);
    expect(said([{}], [optimal])).toEqual([]);
    expect(said([{ share: 0.01 }], [optimal], { iterations: 1 })).toEqual([]);
    expect(said([{ share: 0.01 }], [optimal], { iterations: 2 })).toEqual([]);
    expect(said([], [])).toEqual([]);
  });

  it('names the number that is best for all cells together', () => {
    const cell = fc.record({
      share: fc.double({ min: 0.01, max: 1, noNaN: true }),
      run: fc.double({ min: 0.01, max: 5, noNaN: true }),
      iteration: fc.double({ min: 0.01, max: 5, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(cell, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 2, max: 20 }),
        (cells, counted) => {
          const seconds = (count: number) =>
            cells.reduce((sum, { share, run, iteration }) => {
              const variance = (k: number) => share + (1 - share) / k;
              return sum + ((run + count * iteration) * variance(count)) / variance(counted);
            }, 0);
          const all = Array.from({ length: 10 * counted }, (_, at) => seconds(at + 1));
          const saved = 1 - Math.min(...all) / seconds(counted);
          const [line] = said(
            cells,
            cells.map(({ run, iteration }) => ({
              seconds: run + counted * iteration,
              secondsPerIteration: iteration,
            })),
            { iterations: counted + 1, trials: 10_000 },
          );
          if (saved < 0.0999) expect(line).toBeUndefined();
          if (saved <= 0.1001) return;
          const [, iterations, less] = /^with (\d+) iterations .* about ([\d.]+)% less time$/.exec(
            line ?? '',
          )!;
          expect(all[Number(iterations) - 2]).toBeCloseTo(Math.min(...all), 9);
          expect(Number(less)).toBeCloseTo(100 * saved, -0.5);
        },
      ),
    );
  });
});

it('no advice is given for a cell without a run', () => {
  const { cell } = summaryOf({}, 0);
  const costs = new Map([[1, { seconds: 10, secondsPerIteration: 1 }]]);
  expect(advice([{ cell, bandwidth: undefined } as CellSummary], costs, fixed)).toEqual([]);
});

describe('advice on the trials of a cell', () => {
  it('says how many would narrow the widest interval to the next round width', () => {
    expect(said([{ width: 0.012 }, { width: 0.02 }], [])).toEqual([
      'about 44 trials would bring every cell to ±1% (now 11, and ±2% at worst, with 1 KiB)',
    ]);
    expect(said([{ width: 0.45 }], [])[0]).toContain(
      'about 223 trials would bring every cell to ±10%',
    );
  });

  it('follows the width that was asked for, if any, and is not given once it is reached', () => {
    const asked = { relativeCi: 0.02, trials: 20 };
    expect(said([{ width: 0.03, n: 20 }, { width: 0.019 }], [], asked)).toEqual([
      'about 45 trials would bring every cell to ±2% (now 20, and ±3% at worst, with 512 B)',
    ]);
    expect(said([{ width: 0.02 }], [], asked)).toEqual([]);
  });

  it('counts the runs that the widest interval is made from, not those that were asked for', () => {
    expect(
      said(
        [
          { width: 0.4, n: 6 },
          { width: 0.2, n: 7 },
        ],
        [],
        { trials: 40 },
      ),
    ).toEqual([
      'about 96 trials would bring every cell to ±10% (now 6, and ±40% at worst, with 512 B)',
    ]);
  });

  it('names the widest cell as doubts do, by its buffer alone where that is enough', () => {
    const cells = ['pipe', 'local'].map((ipc, at) => {
      const summary = summaryOf({ width: at === 0 ? 0.02 : 0.052 }, 0);
      const sizes = { buffer_bytes: 65_536, total_bytes: 2 ** 20 };
      return {
        ...summary,
        cell: { ...summary.cell, ...sizes, ipc, mode: '2proc', host_axis: 0, program: '' },
      } as CellSummary;
    });
    expect(advice(cells, new Map(), fixed)[0]).toContain(
      '±5.2% at worst, with local 2proc 64 KiB of 1 MiB)',
    );
    expect(advice(cells.slice(1), new Map(), fixed)[0]).toContain('at worst, with 64 KiB)');
  });

  it('is not given without an interval, for intervals without width, and beyond the most trials of a spec', () => {
    expect(said([{}], [])).toEqual([]);
    expect(said([{ width: 0 }], [])).toEqual([]);
    expect(said([{ width: 0.9 }], [], { relativeCi: 0.001 })).toEqual([]);
    // 625 * (0.5 / 0.125)^2 is 10000, the most that a spec may ask for.
    const [line] = said([{ width: 0.5, n: 625 }], [], { relativeCi: 0.125 });
    expect(line).toMatch(/^about 10000 trials would bring every cell to ±13%/);
    expect(said([{ width: 0.5, n: 626 }], [], { relativeCi: 0.125 })).toEqual([]);
  });
});
