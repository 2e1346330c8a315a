import type { RunState } from '../execute/outcome.ts';
import type { CellRow } from '../store/reader.ts';
import { type Distribution, describe, median } from './statistics.ts';

/** What a sweep says about one cell. */
export interface CellSummary {
  readonly cell: CellRow;
  readonly completed: number;
  readonly suspect: number;
  /** Every other end: failed, timed out, unreadable, ... */
  readonly failed: number;
  /** Bytes per second over the samples of completed runs; undefined when there is none. */
  readonly bandwidth: Distribution | undefined;
}

export function summarise(
  cells: readonly CellRow[],
  bandwidths: ReadonlyMap<number, readonly number[]>,
  states: readonly { cell: number; state: RunState; count: number }[],
): readonly CellSummary[] {
  return cells.map((cell) => {
    const own = states.filter((row) => row.cell === cell.cell);
    const count = (wanted: (state: RunState) => boolean) =>
      own.filter(({ state }) => wanted(state)).reduce((sum, row) => sum + row.count, 0);
    return {
      cell,
      completed: count((state) => state === 'completed'),
      suspect: count((state) => state === 'suspect'),
      failed: count((state) => state !== 'completed' && state !== 'suspect'),
      bandwidth: describe(bandwidths.get(cell.cell) ?? []),
    };
  });
}

/** Median calls of a run, by cell and name; a call that a run did not make counts as 0. */
export interface SyscallMedians {
  /** All names, sorted: the columns of a wide table. */
  readonly names: readonly string[];
  readonly byCell: ReadonlyMap<
    number,
    { readonly runs: number; readonly medians: readonly number[] }
  >;
}

export function medianSyscalls(
  rows: readonly { cell: number; run_id: number; syscall: string; count: number }[],
): SyscallMedians {
  const names = [...new Set(rows.map(({ syscall }) => syscall))].sort();
  const runsOf = new Map<number, Map<number, Map<string, number>>>();
  for (const { cell, run_id, syscall, count } of rows) {
    const runs = runsOf.get(cell) ?? new Map<number, Map<string, number>>();
    runsOf.set(cell, runs);
    const calls = runs.get(run_id) ?? new Map<string, number>();
    runs.set(run_id, calls);
    calls.set(syscall, count);
  }
  const byCell = new Map(
    [...runsOf].map(([cell, runs]) => {
      const medians = names.map((name) =>
        median([...runs.values()].map((calls) => calls.get(name) ?? 0)),
      );
      return [cell, { runs: runs.size, medians }] as const;
    }),
  );
  return { names, byCell };
}

/** Shares of the states at one end of a cell's pipe, the most frequent first. */
export function stateShares(
  rows: readonly { cell: number; operation: string; state: number; count: number }[],
  cell: number,
  operation: 'read' | 'write',
): readonly { readonly state: number; readonly share: number }[] {
  const own = rows.filter((row) => row.cell === cell && row.operation === operation);
  const total = own.reduce((sum, { count }) => sum + count, 0);
  return own
    .map(({ state, count }) => ({ state, share: count / total }))
    .sort((a, b) => b.share - a.share);
}
