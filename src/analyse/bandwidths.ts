import type { BandwidthRow } from '../store/cell-data.ts';
import { consecutive } from './consecutive.ts';
import { median } from './statistics.ts';

/** Iterations of each run, in the order in which the runs were made; bytes per second. */
export type RunIterations = readonly (readonly number[])[];

/** Iterations of a traced run and of its control, both made in the same block; bytes per second. */
export interface ControlPair {
  readonly traced: readonly number[];
  readonly untraced: readonly number[];
}

export interface CellBandwidths {
  readonly traced: RunIterations;
  readonly untraced: RunIterations;
  /** One entry for each trial that has both. */
  readonly controlPairs: readonly ControlPair[];
}

interface Run {
  readonly id: number;
  readonly cell: number;
  readonly trial: number;
  readonly kind: 'traced' | 'untraced';
  readonly values: number[];
}

/** @param rows the rows of each run together */
function* runsIn(rows: Iterable<BandwidthRow>): Generator<Run> {
  let run: Run | undefined;
  for (const { cell, run_id: id, trial, traced, bandwidth } of rows) {
    if (run?.id === id) {
      run.values.push(bandwidth);
      continue;
    }
    if (run) yield run;
    run = { id, cell, trial, kind: traced === 1 ? 'traced' : 'untraced', values: [bandwidth] };
  }
  if (run) yield run;
}

/** @param rows the rows of each run together, and the runs in their order */
export function bandwidthsByCell(
  rows: Iterable<BandwidthRow>,
): ReadonlyMap<number, CellBandwidths> {
  const cells = new Map<number, CollectedRuns>();
  for (const { cell, trial, kind, values } of runsIn(rows)) {
    const own: CollectedRuns = cells.get(cell) ?? { traced: [], untraced: [], byTrial: new Map() };
    cells.set(cell, own);
    own[kind].push(values);
    const ofTrial = own.byTrial.get(trial) ?? {};
    own.byTrial.set(trial, ofTrial);
    ofTrial[kind] = values;
  }
  return new Map(
    [...cells].map(([cell, runs]) => [cell, { ...runs, controlPairs: controlPairsOf(runs) }]),
  );
}

/**
 * Works like {@link bandwidthsByCell}, but yields one cell at a time and does not keep the earlier
 * ones.
 * @param rows the rows of each cell together
 */
export function* bandwidthsInTurn(
  rows: Iterable<BandwidthRow>,
): Generator<readonly [number, CellBandwidths]> {
  for (const own of consecutive(rows, ({ cell }) => cell)) yield* bandwidthsByCell(own);
}

interface CollectedRuns {
  readonly traced: number[][];
  readonly untraced: number[][];
  readonly byTrial: Map<number, { traced?: readonly number[]; untraced?: readonly number[] }>;
}

function controlPairsOf({ byTrial }: CollectedRuns): readonly ControlPair[] {
  return [...byTrial.values()].flatMap(({ traced, untraced }) =>
    traced && untraced ? [{ traced, untraced }] : [],
  );
}

/** The bandwidths of a cell without a good run. */
export const NO_BANDWIDTHS: CellBandwidths = { traced: [], untraced: [], controlPairs: [] };

/** Works for a cell without a good run, too. */
export function bandwidthsOf(
  cells: ReadonlyMap<number, CellBandwidths>,
  cell: number,
): CellBandwidths {
  return cells.get(cell) ?? NO_BANDWIDTHS;
}

/**
 * The runs whose bandwidth stands for a cell: the untraced ones, since a tracer slows every system
 * call down. A sweep without controls has only the traced ones to quote.
 */
export function quotedRuns<Run>(
  { traced, untraced }: { readonly traced: readonly Run[]; readonly untraced: readonly Run[] },
  sweep: { readonly controls: number },
): readonly Run[] {
  return sweep.controls === 1 || traced.length === 0 ? untraced : traced;
}

/**
 * One bandwidth for each run, the median of its iterations. Runs vary independently of each other,
 * but the iterations of one process do not.
 */
export function runMedians(runs: RunIterations): readonly number[] {
  return runs.map(median);
}

/** A run whose bandwidth stands for its cell. */
export interface QuotedRun {
  readonly trial: number;
  /** Median of its iterations, bytes per second. */
  readonly bandwidth: number;
}

/**
 * The quoted runs of each cell, in the order in which they were made.
 * @param rows the rows of each run together, and the runs in their order
 */
export function quotedByCell(
  rows: Iterable<BandwidthRow>,
  sweep: { readonly controls: number; readonly iterations_as_runs: number },
): ReadonlyMap<number, readonly QuotedRun[]> {
  const cells = new Map<number, { readonly traced: Run[]; readonly untraced: Run[] }>();
  for (const run of runsIn(rows)) {
    const own = cells.get(run.cell) ?? { traced: [], untraced: [] };
    cells.set(run.cell, own);
    own[run.kind].push(run);
  }
  return new Map(
    [...cells].map(([cell, runs]) => {
      const quoted = quotedRuns(runs, sweep).map(({ trial, values }) => ({
        trial,
        bandwidth: median(values),
      }));
      const [first] = quoted;
      // All iterations of one process say no more about the differences between runs than one run
      // does.
      const dependent = sweep.iterations_as_runs === 1 && first !== undefined;
      return [
        cell,
        dependent
          ? [{ trial: first.trial, bandwidth: median(quoted.map(({ bandwidth }) => bandwidth)) }]
          : quoted,
      ];
    }),
  );
}
