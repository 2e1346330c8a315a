import { describe, expect, it } from 'vitest';
import { quotedByCell } from '../../src/analyse/bandwidths.ts';

const row = (cell: number, run_id: number, trial: number, traced: number, bandwidth: number) => ({
  ...{ cell, run_id, trial, traced, bandwidth },
});

describe('the quoted runs of a cell', () => {
  it('are its controls with their trials, each by the median of its iterations', () => {
    const rows = [
      ...[row(1, 1, 2, 1, 5), row(1, 2, 2, 0, 20), row(1, 2, 2, 0, 40), row(1, 2, 2, 0, 30)],
      ...[row(2, 3, 2, 1, 7), row(1, 4, 3, 0, 25)],
    ];
    const quoted = quotedByCell(rows, { controls: 1, iterations_as_runs: 0 });
    expect(quoted.get(1)).toEqual([
      { trial: 2, bandwidth: 30 },
      { trial: 3, bandwidth: 25 },
    ]);
    expect(quoted.get(2)).toEqual([]);
    expect(quoted.get(3)).toBeUndefined();
    expect(quotedByCell(rows, { controls: 0, iterations_as_runs: 0 }).get(2)).toEqual([
      { trial: 2, bandwidth: 7 },
    ]);
  });

  it('are one, the median of all, where they are iterations of one process', () => {
    const rows = [row(1, 1, 4, 0, 5), row(1, 2, 5, 0, 20), row(1, 3, 6, 0, 8), row(2, 4, 4, 1, 7)];
    const quoted = quotedByCell(rows, { controls: 1, iterations_as_runs: 1 });
    expect(quoted.get(1)).toEqual([{ trial: 4, bandwidth: 8 }]);
    expect(quoted.get(2)).toEqual([]);
  });
});
