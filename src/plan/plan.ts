import { type BenchmarkOptions, benchmarkArguments } from '../benchmark/argv.ts';
import type { Cell } from '../spec/cell.ts';
import type { ExperimentDocument } from '../spec/schema.ts';
import { deadlineMs, estimateSeconds } from './estimate.ts';
import { runKey } from './identity.ts';
import { orderRuns, type PlannedRun } from './order.ts';

export interface Plan {
  readonly options: BenchmarkOptions;
  /** Every run of the sweep, in order. */
  readonly runs: readonly PlannedRun[];
  /** Those that are not done yet, in the same order. */
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
    trials: document.trials,
    warmup: document.warmup,
    order: document.order,
    seed: document.seed,
    traced: setting.traced,
  });
  return {
    options: { bare, iterations, rusage },
    runs,
    left: runs.filter((run) => !setting.done.has(runKey(run))),
  };
}

/** To attach a tracer at the start and take it away at the end, where that is quick. */
const ATTACH_SECONDS = 2;

/** Seconds that some runs of a plan should take together. */
export function estimateRuns(runs: readonly PlannedRun[], options: BenchmarkOptions): number {
  const attaching = runs.some(({ traced }) => traced) ? ATTACH_SECONDS : 0;
  return runs.reduce((total, { cell }) => total + estimateSeconds({ cell, ...options }), attaching);
}

/** The words of each cell's command, in the order of the cells. */
export function commandsOf(
  cells: readonly Cell[],
  options: BenchmarkOptions,
  programPath: string,
): readonly (readonly string[])[] {
  return cells.map((cell) => [programPath, ...benchmarkArguments(cell, options)]);
}

/** The spec's own limit, or one computed from the run's parameters; ms. */
export function runDeadlineMs(
  cell: Cell,
  options: BenchmarkOptions,
  timeout: ExperimentDocument['timeout'],
): number {
  return timeout === 'auto' ? deadlineMs({ cell, ...options }) : timeout;
}
