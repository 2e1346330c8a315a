import { type BenchmarkOptions, benchmarkArguments } from '../benchmark/argv.ts';
import type { Cell } from '../experiment/cell.ts';
import type { ExperimentDocument } from '../experiment/schema.ts';
import { deadlineMs } from './estimate.ts';
import { runKey } from './identity.ts';
import { orderRuns, type PlannedRun } from './order.ts';

export interface Plan {
  readonly options: BenchmarkOptions;
  /** Every run that the sweep may have, in order; cells that are known well enough need fewer. */
  readonly runs: readonly PlannedRun[];
  /** Those that each sweep of this spec has. */
  readonly least: readonly PlannedRun[];
  /** Those of `runs` that are not done yet, in the same order. */
  readonly left: readonly PlannedRun[];
}

/**
 * Pure: what is asked and what is done already in, what is left to do out.
 * @param done keys ({@link runKey}) of the runs that need no repetition
 */
export function makePlan(
  cells: readonly Cell[],
  document: ExperimentDocument,
  setting: { readonly traced: boolean; readonly done: ReadonlySet<string> },
): Plan {
  const { bare, iterations, rusage } = document.benchmark;
  const runs = orderRuns(cells, {
    trials: document.trials.max,
    warmup: document.warmup,
    order: document.order,
    seed: document.seed,
    traced: setting.traced,
    controls: document.trace.controls,
  });
  return {
    options: { bare, iterations, rusage },
    runs,
    least: runs.filter(({ trial }) => trial <= document.warmup + document.trials.min),
    left: runs.filter((run) => !setting.done.has(runKey(run))),
  };
}

/**
 * The words of each cell's command, in the order of the cells.
 * @param pathOf where a program is, by its name, which is empty for the only one of a sweep
 */
export function commandsOf(
  cells: readonly Cell[],
  options: BenchmarkOptions,
  pathOf: (program: string) => string,
): readonly (readonly string[])[] {
  return cells.map((cell) => [pathOf(cell.program ?? ''), ...benchmarkArguments(cell, options)]);
}

/** The spec's own limit, or one computed from the run's parameters; ms. */
export function runDeadlineMs(
  cell: Cell,
  options: BenchmarkOptions,
  timeout: ExperimentDocument['timeout'],
): number {
  return timeout === 'auto' ? deadlineMs({ cell, ...options }) : timeout;
}
