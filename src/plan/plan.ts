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
  /** The runs that every sweep of this spec has. */
  readonly least: readonly PlannedRun[];
  /** The runs that have not been done yet, in the same order. */
  readonly left: readonly PlannedRun[];
}

/**
 * Pure function: plans what is left to do, from what is requested and what has already been done.
 * @param done keys ({@link runKey}) of the runs that need not be repeated
 */
export function makePlan(
  cells: readonly Cell[],
  document: ExperimentDocument,
  setting: { readonly traced: boolean; readonly done: ReadonlySet<string> },
): Plan {
  const { bare, iterations, rusage, counters } = document.benchmark;
  const runs = orderRuns(cells, {
    trials: document.trials.max,
    warmup: document.warmup,
    order: document.order,
    seed: document.seed,
    traced: setting.traced,
    controls: document.trace.controls,
  });
  return {
    options: { bare, iterations, rusage, counters },
    runs,
    least: runs.filter(({ trial }) => trial <= document.warmup + document.trials.min),
    left: runs.filter((run) => !setting.done.has(runKey(run))),
  };
}

/** Returns the part of a plan that concerns some cells; order and ordinals stay those of the whole. */
export function planOf(plan: Plan, belongs: (cellIndex: number) => boolean): Plan {
  const own = (runs: readonly PlannedRun[]) => runs.filter(({ cellIndex }) => belongs(cellIndex));
  return { ...plan, runs: own(plan.runs), least: own(plan.least), left: own(plan.left) };
}

/**
 * Returns the words of each cell's command, in the order of the cells.
 * @param pathOf returns a program's path by its name, which is empty if a sweep has only one
 */
export function commandsOf(
  cells: readonly Cell[],
  options: BenchmarkOptions,
  pathOf: (program: string) => string,
): readonly (readonly string[])[] {
  return cells.map((cell) => [pathOf(cell.program ?? ''), ...benchmarkArguments(cell, options)]);
}

/** Returns the spec's own limit, or one computed from the run's parameters, in ms. */
export function runDeadlineMs(
  cell: Cell,
  options: BenchmarkOptions,
  timeout: ExperimentDocument['timeout'],
): number {
  return timeout === 'auto' ? deadlineMs({ cell, ...options }) : timeout;
}
