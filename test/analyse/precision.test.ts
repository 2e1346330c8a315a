import { describe, expect, it } from 'vitest';
import {
  bandwidthsByCell,
  bandwidthsInTurn,
  bandwidthsOf,
  quotedRuns,
  runMedians,
} from '../../src/analyse/bandwidths.ts';
import { precisionOf, quotedLevel } from '../../src/analyse/precision.ts';

const sweep = { relative_ci: 0.02, trials_max: 8 };
const known = (low: number, high: number) => ({
  median: 100,
  interval: { low, high, level: 0.95 },
});

describe("a cell's precision", () => {
  const stateOf = (bandwidth: Parameters<typeof precisionOf>[0], made: number, calledFor = 5) =>
    precisionOf(bandwidth, made, sweep, () => calledFor)?.state;

  it('is half the interval over the median, and reached when it is as narrow as asked for', () => {
    expect(precisionOf(known(98, 102), 5, sweep, () => 5)).toEqual({
      relativeHalfWidth: 0.02,
      state: 'reached',
    });
    expect(precisionOf(known(97, 102), 5, sweep, () => 7)).toEqual({
      relativeHalfWidth: 0.025,
      state: 'short',
    });
  });

  it('is missed when the trials that were called for are made, and were not enough', () => {
    expect(stateOf(known(90, 110), 6, 7)).toBe('short');
    expect(stateOf(known(90, 110), 7, 7)).toBe('missed');
    expect(stateOf(known(99, 101), 7, 7)).toBe('reached');
    expect(stateOf({ median: 100, interval: undefined }, 5, 5)).toBe('missed');
    expect(stateOf(undefined, 4, 5)).toBe('short');
  });

  it('is at the cap when all trials are made, good or bad', () => {
    expect(stateOf(known(90, 110), 7, 20)).toBe('short');
    expect(stateOf(known(90, 110), 8, 20)).toBe('cap');
    expect(stateOf(known(90, 110), 8, 8)).toBe('cap');
    expect(stateOf(known(99, 101), 8, 20)).toBe('reached');
    expect(stateOf(undefined, 8, 20)).toBe('cap');
  });

  it('does not exist where the number of trials is fixed', () => {
    const fixed = { ...sweep, relative_ci: null };
    expect(precisionOf(known(98, 102), 8, fixed, () => 8)).toBeUndefined();
  });
});

it('an interval has a nominal level where the values decided how many there are', () => {
  const interval = { low: 1, high: 2, level: 0.9375 };
  expect(quotedLevel(interval, { precision: undefined })).toBe('94%');
  const precision = precisionOf(known(98, 102), 5, sweep, () => 5);
  expect(quotedLevel(interval, { precision })).toBe('nominal 94%');
});

describe('the bandwidths of cells', () => {
  const row = (cell: number, run_id: number, traced: number, bandwidth: number, trial = 1) => ({
    ...{ cell, run_id, trial, traced, bandwidth },
  });
  const cells = bandwidthsByCell([
    ...[row(1, 1, 1, 5), row(1, 1, 1, 9), row(1, 1, 1, 7), row(1, 2, 0, 20), row(2, 3, 1, 3)],
    ...[row(1, 4, 0, 30, 2), row(1, 4, 0, 10, 2)],
  ]);

  it('are kept for each run, and one value stands for each run', () => {
    expect(bandwidthsOf(cells, 1)).toMatchObject({
      ...{ traced: [[5, 9, 7]], untraced: [[20], [30, 10]] },
    });
    expect(runMedians(bandwidthsOf(cells, 1).traced)).toEqual([7]);
    expect(runMedians(bandwidthsOf(cells, 1).untraced)).toEqual([20, 20]);
    expect(bandwidthsOf(cells, 9)).toEqual({ traced: [], untraced: [], controlPairs: [] });
  });

  it('are paired within a trial, and a run whose partner is missing is in no pair', () => {
    expect(bandwidthsOf(cells, 1).controlPairs).toEqual([{ traced: [5, 9, 7], untraced: [20] }]);
    expect(bandwidthsOf(cells, 2).controlPairs).toEqual([]);
    // The order in which the halves of a block were made does not matter.
    const turned = bandwidthsByCell([
      ...[row(1, 1, 1, 8, 1), row(1, 2, 0, 10, 1), row(1, 3, 0, 20, 2), row(1, 4, 1, 16, 2)],
      ...[row(1, 5, 1, 99, 3), row(1, 6, 0, 11, 4)],
    ]);
    expect(bandwidthsOf(turned, 1).controlPairs).toEqual([
      { traced: [8], untraced: [10] },
      { traced: [16], untraced: [20] },
    ]);
  });

  it('come cell by cell, each before the rows of the next one but the first are read', () => {
    let read = 0;
    function* rows() {
      for (const one of [row(1, 1, 1, 5), row(1, 2, 0, 6), row(2, 3, 1, 3), row(2, 4, 1, 4)]) {
        read++;
        yield one;
      }
    }
    const [first] = bandwidthsInTurn(rows());
    expect(first).toMatchObject([1, { traced: [[5]], untraced: [[6]] }]);
    expect(read).toBe(3);
    expect([...bandwidthsInTurn(rows())].map(([cell, { traced }]) => [cell, traced])).toEqual([
      [1, [[5]]],
      [2, [[3], [4]]],
    ]);
  });

  it('are quoted from controls where there should be any, even when all of them failed', () => {
    expect(quotedRuns(bandwidthsOf(cells, 1), { controls: 1 })).toHaveLength(2);
    expect(quotedRuns(bandwidthsOf(cells, 2), { controls: 1 })).toEqual([]);
    expect(quotedRuns(bandwidthsOf(cells, 2), { controls: 0 })).toEqual([[3]]);
  });
});
