import { describe, expect, it } from 'vitest';
import {
  bandwidthsByCell,
  bandwidthsOf,
  quotedRuns,
  runMedians,
} from '../../src/analyse/bandwidths.ts';
import { precisionOf } from '../../src/analyse/precision.ts';

const row = (cell: number, run_id: number, traced: number, bandwidth: number) => ({
  ...{ cell, run_id, traced, bandwidth },
});

describe('the bandwidths of a cell', () => {
  const cells = bandwidthsByCell([
    row(1, 1, 1, 10),
    row(1, 1, 1, 30),
    row(1, 1, 1, 20),
    row(2, 2, 0, 5),
    row(1, 3, 0, 50),
    row(1, 4, 1, 40),
  ]);

  it('are one for each run, the median of its iterations, traced and untraced apart', () => {
    const own = bandwidthsOf(cells, 1);
    expect(runMedians(own.traced)).toEqual([20, 40]);
    expect(runMedians(own.untraced)).toEqual([50]);
    expect(bandwidthsOf(cells, 9)).toEqual({ traced: [], untraced: [] });
  });

  it('are quoted from the untraced runs of a sweep with controls, and never from traced ones there', () => {
    const traced = { traced: [[1]], untraced: [] };
    expect(quotedRuns(bandwidthsOf(cells, 1), { controls: 1 })).toEqual([[50]]);
    expect(quotedRuns(traced, { controls: 1 })).toEqual([]);
    expect(quotedRuns(traced, { controls: 0 })).toEqual([[1]]);
    expect(quotedRuns(bandwidthsOf(cells, 2), { controls: 0 })).toEqual([[5]]);
  });
});

describe('the precision of a cell', () => {
  const sweep = { relative_ci: 0.05, trials_max: 20 };
  const cell = (n: number, low: number, high: number) => ({
    ...{ n, median: 100, interval: { low, high } },
  });

  it.each([
    [cell(11, 96, 104), { state: 'reached', relativeHalfWidth: 0.04 }],
    [cell(11, 95, 105), { state: 'reached', relativeHalfWidth: 0.05 }],
    [cell(11, 90, 110), { state: 'short', relativeHalfWidth: 0.1 }],
    [cell(20, 90, 110), { state: 'cap', relativeHalfWidth: 0.1 }],
    [
      { n: 3, median: 1, interval: undefined },
      { state: 'short', relativeHalfWidth: undefined },
    ],
    [undefined, { state: 'short', relativeHalfWidth: undefined }],
  ])('%j is %j', (bandwidth, precision) => {
    expect(precisionOf(bandwidth, sweep)).toEqual(precision);
  });

  it('is not spoken of where the trials are fixed', () => {
    expect(precisionOf(cell(5, 1, 2), { relative_ci: null, trials_max: 5 })).toBeUndefined();
  });
});
