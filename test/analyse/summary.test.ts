import { describe, expect, it } from 'vitest';
import { bandwidthsByCell } from '../../src/analyse/bandwidths.ts';
import { judgeExpectations } from '../../src/analyse/expectations.ts';
import { summarise } from '../../src/analyse/summary.ts';
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
