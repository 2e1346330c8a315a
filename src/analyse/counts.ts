import type { PipeOperation } from '../instruments/instrument.ts';
import type { CountOfRun } from '../store/cell-data.ts';
import { consecutive } from './consecutive.ts';
import { summarisePerRun } from './count-summaries.ts';
import { type Distribution, median } from './statistics.ts';

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

/** Works like {@link summarisePerRun}, with the name of the call as the only key. */
export function summariseSyscalls(rows: Iterable<SyscallRow>): readonly SyscallSummary[] {
  return summarisePerRun(asCounts(rows)).map(({ cell, role, keys, counts, deterministic }) => {
    return { cell, role, syscall: String(keys[0]), calls: counts, deterministic };
  });
}

function* asCounts(rows: Iterable<SyscallRow>): Generator<CountOfRun> {
  for (const { syscall, ...row } of rows) yield { ...row, keys: [syscall] };
}
