import type { PipeOperation } from '../instruments/instrument.ts';
import { consecutive } from './consecutive.ts';
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

/** @param rows the rows of each cell together */
export function medianSyscalls(rows: Iterable<SyscallRow>): SyscallMedians {
  const cells = new Map<number, { runs: number; medians: ReadonlyMap<string, number> }>();
  for (const own of consecutive(rows, ({ cell }) => cell)) cells.set(own[0]!.cell, ofCell(own));
  const names = [...new Set([...cells.values()].flatMap(({ medians }) => [...medians.keys()]))];
  names.sort();
  const byCell = new Map(
    [...cells].map(([cell, { runs, medians }]) => [
      cell,
      { runs, medians: names.map((name) => medians.get(name) ?? 0) },
    ]),
  );
  return { names, byCell };
}

function ofCell(rows: readonly SyscallRow[]) {
  const runs = new Map<number, Map<string, number>>();
  for (const { run_id, syscall, count } of rows) {
    const calls = runs.get(run_id) ?? new Map<string, number>();
    runs.set(run_id, calls);
    calls.set(syscall, (calls.get(syscall) ?? 0) + count);
  }
  const medianOf = (name: string) =>
    median([...runs.values()].map((calls) => calls.get(name) ?? 0));
  const names = new Set(rows.map(({ syscall }) => syscall));
  return { runs: runs.size, medians: new Map([...names].map((name) => [name, medianOf(name)])) };
}

/** Shares of the states at one end of a cell's pipe, largest first. @param rows the cell's rows */
export function stateShares(
  rows: readonly { operation: string; state: number; count: number }[],
  operation: PipeOperation,
): readonly { readonly state: number; readonly share: number }[] {
  const own = rows.filter((row) => row.operation === operation);
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
  /** Whether every run made exactly as many calls, which leaves no spread and nothing to test. */
  readonly deterministic: boolean;
}

/**
 * @param rows the rows of each cell together, and the cells in their order
 * @returns ordered by cell, role and name
 */
export function summariseSyscalls(rows: Iterable<SyscallRow>): readonly SyscallSummary[] {
  const summaries: SyscallSummary[] = [];
  for (const own of consecutive(rows, ({ cell }) => cell)) summaries.push(...summariesOfCell(own));
  return summaries;
}

function summariesOfCell(rows: readonly SyscallRow[]): readonly SyscallSummary[] {
  const runs = new Set(rows.map(({ run_id: run }) => run)).size;
  const groups = new Map<string, { row: SyscallRow; counts: number[] }>();
  for (const row of rows) {
    const key = `${row.role} ${row.syscall}`;
    const group = groups.get(key);
    if (group) group.counts.push(row.count);
    else groups.set(key, { row, counts: [row.count] });
  }
  const order = (a: SyscallRow, b: SyscallRow) =>
    compareText(a.role, b.role) || compareText(a.syscall, b.syscall);
  return [...groups.values()]
    .sort((a, b) => order(a.row, b.row))
    .map(({ row: { cell, role, syscall }, counts }) => {
      const all = [...counts, ...Array<number>(runs - counts.length).fill(0)];
      return { cell, role, syscall, calls: describe(all)!, deterministic: isDeterministic(all) };
    });
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
