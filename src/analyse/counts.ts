import type { PipeOperation } from '../trace/counts.ts';
import { isDeterministic } from './spread.ts';
import { type Distribution, describe, median } from './statistics.ts';

/** Calls of one role in one run. */
export interface SyscallRow {
  readonly cell: number;
  readonly run_id: number;
  readonly role: string;
  readonly syscall: string;
  readonly count: number;
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

export function medianSyscalls(rows: readonly SyscallRow[]): SyscallMedians {
  const names = [...new Set(rows.map(({ syscall }) => syscall))].sort();
  const runsOf = new Map<number, Map<number, Map<string, number>>>();
  for (const { cell, run_id, syscall, count } of rows) {
    const runs = runsOf.get(cell) ?? new Map<number, Map<string, number>>();
    runsOf.set(cell, runs);
    const calls = runs.get(run_id) ?? new Map<string, number>();
    runs.set(run_id, calls);
    calls.set(syscall, (calls.get(syscall) ?? 0) + count);
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
  operation: PipeOperation,
): readonly { readonly state: number; readonly share: number }[] {
  const own = rows.filter((row) => row.cell === cell && row.operation === operation);
  const total = own.reduce((sum, { count }) => sum + count, 0);
  return own
    .map(({ state, count }) => ({ state, share: count / total }))
    .sort((a, b) => b.share - a.share);
}

/** A system call of one role over all runs of a cell; a run that did not make it counts as 0. */
export interface SyscallSummary {
  readonly cell: number;
  readonly role: string;
  readonly syscall: string;
  readonly calls: Distribution;
  /** Every run made exactly as many: no spread to speak of, and nothing to test. */
  readonly deterministic: boolean;
}

/** @returns ordered by cell, role and name */
export function summariseSyscalls(rows: readonly SyscallRow[]): readonly SyscallSummary[] {
  const runs = new Map<number, Set<number>>();
  const groups = new Map<string, { row: SyscallRow; counts: number[] }>();
  for (const row of rows) {
    const own = runs.get(row.cell) ?? new Set();
    runs.set(row.cell, own.add(row.run_id));
    const key = `${row.cell} ${row.role} ${row.syscall}`;
    const group = groups.get(key) ?? { row, counts: [] };
    groups.set(key, group);
    group.counts.push(row.count);
  }
  const order = (a: SyscallRow, b: SyscallRow) =>
    a.cell - b.cell || compareText(a.role, b.role) || compareText(a.syscall, b.syscall);
  return [...groups.values()]
    .sort((a, b) => order(a.row, b.row))
    .map(({ row: { cell, role, syscall }, counts }) => {
      const absent = runs.get(cell)!.size - counts.length;
      const all = [...counts, ...Array<number>(absent).fill(0)];
      return { cell, role, syscall, calls: describe(all)!, deterministic: isDeterministic(all) };
    });
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
