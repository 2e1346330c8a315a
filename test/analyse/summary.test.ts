import { describe, expect, it } from 'vitest';
import { bandwidthsByCell } from '../../src/analyse/bandwidths.ts';
import { judgeExpectations } from '../../src/analyse/expectations.ts';
import { describeBandwidth, summarise } from '../../src/analyse/summary.ts';
import { parseExpectation } from '../../src/experiment/expectation.ts';
import type { BandwidthRow } from '../../src/store/cell-data.ts';
import type { CellRow } from '../../src/store/reader.ts';

const CELLS = [
  { cell: 1, ipc: 'pipe', mode: '2proc', buffer_bytes: 512, total_bytes: 2 ** 20 } as CellRow,
];
const SWEEP = { controls: 1, iterations_as_runs: 0, relative_ci: null, trials_max: 11, warmup: 0 };

/** A machine that is up to four times as slow in one block as in another; tracing costs a fifth. */
const BLOCKS = [1000, 250, 800, 500, 990, 300, 700];
function rowsOf(trial: number, speed: number): readonly BandwidthRow[] {
  const run = { cell: 1, trial };
  return [
    { ...run, run_id: 2 * trial, traced: 1, bandwidth: 0.8 * speed },
    { ...run, run_id: 2 * trial + 1, traced: 0, bandwidth: speed },
  ];
}
const summaryOf = (rows: readonly BandwidthRow[]) =>
  summarise(SWEEP, CELLS, bandwidthsByCell(rows), [], () => 0)[0]!;

describe('the probe effect of a cell', () => {
  const rows = BLOCKS.flatMap((speed, at) => rowsOf(at + 1, speed));

  it('is computed within the blocks, however much these differ, with the unpaired ratio beside it', () => {
    const { ratio, unpaired, pairs } = summaryOf(rows).probeEffect!;
    expect(pairs).toBe(7);
    expect(ratio).toMatchObject({ pairs: 7, level: 1 - 6 / 128 });
    for (const value of [ratio!.ratio, ratio!.low, ratio!.high]) expect(value).toBeCloseTo(0.8, 12);
    expect(unpaired!.low).toBeLessThan(0.5);
    expect(unpaired!.high).toBeGreaterThan(1.5);
  });

  it('leaves out a trial if one of its two runs is missing', () => {
    // The traced run of the first trial and the control of the second were no good.
    const some = rows.filter(({ run_id: id }) => id !== 2 && id !== 5);
    const { ratio, unpaired, traced, untraced, pairs } = summaryOf(some).probeEffect!;
    expect([traced?.n, untraced?.n, pairs]).toEqual([6, 6, 5]);
    expect(ratio).toMatchObject({ pairs: 5, level: 0.9375 });
    expect(unpaired).toBeDefined();
    const fewer = summaryOf(some.filter(({ run_id: id }) => id !== 6)).probeEffect!;
    expect(fewer).toMatchObject({ pairs: 4, ratio: undefined });
  });

  it('is what an expectation is judged by', () => {
    const findings = {
      summaries: [summaryOf(rows)],
      syscalls: { names: [], byCell: new Map() },
      syscallsOf: () => ({ names: [], byCell: new Map() }),
      noKernelHas: () => false,
      ...{ pipeStates: [], stateBits: [] },
    };
    const misses = (text: string) => {
      const parsed = parseExpectation(text);
      if (parsed.state === 'broken') throw new Error(parsed.expected);
      return judgeExpectations([parsed.expectation], findings)[0]!.misses;
    };
    expect(misses('probe_effect >= 79%')).toEqual([]);
    expect(misses('probe_effect >= 81%')[0]).toMatchObject({ found: '80%' });
  });
});

describe('the summary of a cell', () => {
  const TWO = [...CELLS, { ...CELLS[0]!, cell: 2 }];
  const asked = { ...SWEEP, relative_ci: 0.02, trials_max: 8, warmup: 2 };
  const states = (
    [
      ['completed', 6, 7],
      ['suspect', 1, 9],
      ['timed-out', 2, 8],
      ['failed', 1, 3],
      ['interrupted', 1, 30],
    ] as const
  ).map(([state, count, last]) => ({ cell: 1, state, count, last_trial: last }));

  it('counts good, doubtful and other runs, and has nothing to quote where there is none', () => {
    const [first, second] = summarise(SWEEP, TWO, [], states, () => 0);
    expect(first).toMatchObject({ completed: 6, suspect: 1, failed: 4 });
    expect(second).toMatchObject({ completed: 0, suspect: 0, failed: 0, bandwidth: undefined });
    expect(second!.precision).toBeUndefined();
  });

  it('is precise, or not, by the counted trials up to the last one that was not interrupted', () => {
    const calls: (readonly number[])[] = [];
    const stateOf = (trialsMax: number, calledFor: number) =>
      summarise({ ...asked, trials_max: trialsMax }, TWO, [], states, (...own) => {
        calls.push(own);
        return calledFor;
      }).map(({ precision }) => precision?.state);
    expect(stateOf(8, 7)).toEqual(['missed', 'short']);
    expect(calls).toEqual([
      [1, 7],
      [2, 0],
    ]);
    expect(stateOf(8, 8)).toEqual(['short', 'short']);
    expect(stateOf(7, 20)).toEqual(['cap', 'short']);
  });

  it('has made no counted trial before the warm-up ends', () => {
    const warm = [{ cell: 1, state: 'completed' as const, count: 1, last_trial: 1 }];
    expect(
      summarise(asked, CELLS, [], warm, (_, made) => made).map(({ precision }) => precision?.state),
    ).toEqual(['missed']);
    const made: number[] = [];
    summarise(asked, CELLS, [], warm, (_, own) => made.push(own));
    expect(made).toEqual([0]);
  });

  it('quotes traced runs of a sweep without controls, which has no probe effect', () => {
    const rows = BLOCKS.map((speed, at) => rowsOf(at + 1, speed)[0]!);
    const sweep = { ...SWEEP, controls: 0 };
    const [traced] = summarise(sweep, CELLS, bandwidthsByCell(rows), [], () => 0);
    expect(traced).toMatchObject({ untraced: false, probeEffect: undefined });
    expect(traced!.bandwidth).toMatchObject({ n: 7, median: 560 });
    expect(summaryOf(BLOCKS.flatMap((speed, at) => rowsOf(at + 1, speed)))).toMatchObject({
      ...{ untraced: true, bandwidth: { n: 7, median: 700 } },
    });
  });

  it('keeps of iterations of one process only what their order and their scatter do not touch', () => {
    const rows = Array.from({ length: 11 }, (_, at) => rowsOf(at + 1, 1e9 * (at + 1))[1]!);
    const found = (iterations: number) => {
      const sweep = { ...SWEEP, iterations_as_runs: iterations };
      return summarise(sweep, CELLS, bandwidthsByCell(rows), [], () => 0)[0]!;
    };
    const codes = ({ bandwidth }: ReturnType<typeof found>) =>
      bandwidth!.warnings.map(({ code }) => code);
    expect(codes(found(0))).toEqual(['drift', 'autocorrelated', 'short-samples', 'noisy']);
    expect(codes(found(1))).toEqual(['short-samples']);
    expect([found(0), found(1)].map(({ bandwidth }) => bandwidth!.interval?.level)).toEqual([
      ...[0.95, undefined],
    ]);
    expect([found(0), found(1)].map((own) => own.iterationsAsRuns)).toEqual([false, true]);
  });

  it('describes the spread of the runs and inside them', () => {
    // Medians 1, 2, 3, 4 and 100; the iterations of the runs differ by 0, 0, 0, 2 and 0.
    const bandwidth = describeBandwidth([[1, 1], [2, 2], [3, 3], [3, 5], [100]], 1e6)!;
    expect(bandwidth).toMatchObject({
      ...{ n: 5, median: 3, min: 1, max: 100, mad: 1.4826, outliers: 1 },
    });
    // The mean is 22: the root of 7610 / 4, over 22.
    expect(bandwidth.cv).toBeCloseTo(1.98262, 5);
    expect(bandwidth.varianceBetweenRuns).toBeGreaterThan(0.99);
    expect(describeBandwidth([[1], [2]], 1e6)!.varianceBetweenRuns).toBeUndefined();
    expect(describeBandwidth([], 1e6)).toBeUndefined();
  });
});
