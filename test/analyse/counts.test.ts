import { describe, expect, it } from 'vitest';
import { medianSyscalls, stateShares, summariseSyscalls } from '../../src/analyse/counts.ts';

const call = (run_id: number, role: string, syscall: string, count: number, cell = 1) => ({
  ...{ cell, run_id, role, syscall, count },
});
const ROWS = [
  ...[call(1, 'receiver', 'read', 4), call(1, 'sender', 'read', 1), call(1, 'sender', 'write', 9)],
  ...[call(2, 'receiver', 'read', 6), call(2, 'sender', 'read', 1)],
  call(3, 'receiver', 'read', 8),
  call(4, 'receiver', 'close', 2, 2),
];

describe('the calls of runs', () => {
  it('have medians over the runs for all roles together, where a run without the call counts as 0', () => {
    const { names, byCell } = medianSyscalls(ROWS);
    expect(names).toEqual(['close', 'read', 'write']);
    expect(byCell.get(1)).toEqual({ runs: 3, medians: [0, 7, 0] });
    expect(byCell.get(2)).toEqual({ runs: 1, medians: [2, 0, 0] });
  });

  it('are summed up by role, and calls that never vary are marked', () => {
    const rows = ROWS.toSpliced(-1, 0, call(3, 'sender', 'read', 1));
    const found = summariseSyscalls(rows).map(({ cell, role, syscall, calls, deterministic }) => [
      ...[cell, role, syscall, calls.median, calls.n, deterministic],
    ]);
    expect(found).toEqual([
      [1, 'receiver', 'read', 6, 3, false],
      [1, 'sender', 'read', 1, 3, true],
      [1, 'sender', 'write', 0, 3, false],
      // One run alone says nothing about what varies.
      [2, 'receiver', 'close', 2, 1, false],
    ]);
  });

  it('are counted by pipe state, with shares that sum to 1, the most frequent first', () => {
    const row = (state: number, count: number, operation = 'read') => ({
      ...{ cell: 1, operation, state, count },
    });
    const rows = [row(1, 1), row(2, 3), row(2, 100, 'write')];
    expect(stateShares(rows, 'read')).toEqual([
      { state: 2, share: 0.75 },
      { state: 1, share: 0.25 },
    ]);
    expect(stateShares([], 'read')).toEqual([]);
  });
});
