import { describe, expect, it } from 'vitest';
import { curvesOf } from '../../src/analyse/curves.ts';
import type { CellSummary } from '../../src/analyse/summary.ts';
import type { CellRow } from '../../src/store/reader.ts';
import { curveOf, doubling, STRAIGHT } from './curve-samples.ts';

/** Cells of one curve, the first with a number. */
function cells(
  first: number,
  change: Partial<CellRow> = {},
  more: Partial<CellSummary> = {},
): readonly CellSummary[] {
  return curveOf(STRAIGHT, doubling(5)).map(({ bytes, bandwidth, runs, cv }, at) => {
    const cell: CellRow = {
      ...{
        cell: first + at,
        ipc: 'pipe',
        program: '',
        mode: '2proc',
        buffer_bytes: bytes,
        total_bytes: 2 ** 20,
      },
      ...{ socket_buffers: 0, host: 'local', host_axis: 0 },
      ...change,
    };
    return {
      ...{ cell, untraced: true, bandwidth: { median: bandwidth, n: runs, cv } },
      ...more,
    } as CellSummary;
  });
}

const numbers = (summaries: readonly CellSummary[]) =>
  curvesOf(summaries).map((curve) => curve.cells.map(({ cell }) => cell.cell));

describe('the curves of a sweep', () => {
  it('rise with the buffer, whatever the order of the cells', () => {
    expect(numbers(cells(1).toReversed())).toEqual([[1, 2, 3, 4, 5]]);
  });

  it('are separate for each combination of the other axes, and for each host', () => {
    for (const change of [
      { ipc: 'local' },
      { mode: '2thread' },
      { total_bytes: 2 ** 21 },
      { socket_buffers: 1 },
      { host: 'board' },
    ]) {
      expect(numbers([...cells(1), ...cells(6, change)])).toEqual([
        [1, 2, 3, 4, 5],
        [6, 7, 8, 9, 10],
      ]);
    }
  });

  it('never mix bandwidths with and without a tracer', () => {
    const mixed = cells(1).map((each) => ({ ...each, untraced: each.cell.cell < 3 }));
    expect(numbers(mixed)).toEqual([]);
  });

  it('leave out cells without a good run, and cells whose buffer is never filled', () => {
    const [first, ...others] = cells(1);
    expect(numbers([{ ...first!, bandwidth: undefined }, ...others])).toEqual([[2, 3, 4, 5]]);
    expect(numbers(cells(1, { total_bytes: 4096 }))).toEqual([[1, 2, 3, 4]]);
    const stuck = { ...first!, bandwidth: { ...first!.bandwidth!, median: 0 } };
    expect(numbers([stuck, ...others])).toEqual([[2, 3, 4, 5]]);
  });

  it('are not judged by how the iterations of one process vary', () => {
    const lackOf = (more: Partial<CellSummary>) => curvesOf(cells(1, {}, more))[0]!.fit.lackOfFit;
    expect(lackOf({ iterationsAsRuns: false })).toBeCloseTo(1, 6);
    expect(lackOf({ iterationsAsRuns: true })).toBeUndefined();
  });
});
