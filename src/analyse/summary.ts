import type { RunState } from '../execute/outcome.ts';
import type { CellRow } from '../store/reader.ts';
import {
  type CellBandwidths,
  NO_BANDWIDTHS,
  quotedRuns,
  type RunIterations,
  runMedians,
} from './bandwidths.ts';
import { type CellWarning, cellWarnings } from './cell-warnings.ts';
import type { Interval } from './interval.ts';
import { medianInterval } from './median-interval.ts';
import { type PairedRatio, pairedRatio } from './paired-ratio.ts';
import { type Precision, precisionOf } from './precision.ts';
import { type RatioInterval, ratioInterval } from './ratio-interval.ts';
import { coefficientOfVariation, medianAbsoluteDeviation, tukeyOutliers } from './spread.ts';
import { type Distribution, describe, median } from './statistics.ts';
import { varianceComponents } from './variance-components.ts';

/** A cell's bandwidth over its quoted runs, in bytes per second. */
export interface BandwidthSummary extends Distribution {
  /** Confidence interval of the median; undefined for fewer than 5 runs, and for iterations. */
  readonly interval: Interval | undefined;
  readonly mad: number;
  /** Undefined for a single run. */
  readonly cv: number | undefined;
  readonly outliers: number;
  /** Share of the variance that lies between runs; undefined with one counted iteration each. */
  readonly varianceBetweenRuns: number | undefined;
  /** Doubts raised by the order of the runs, then those raised by the values in any order. */
  readonly warnings: readonly CellWarning[];
}

/** The effect of tracing on a cell's bandwidth, in bytes per second. */
export interface ProbeEffect {
  readonly traced: Distribution | undefined;
  readonly untraced: Distribution | undefined;
  /** Trials in which both the traced run and the control are good. */
  readonly pairs: number;
  /** Traced bandwidth over that of the control in these trials; undefined for fewer than 5. */
  readonly ratio: PairedRatio | undefined;
  /** All traced runs over all controls; undefined for fewer than 5 of either. */
  readonly unpaired: RatioInterval | undefined;
}

/** The results of a sweep for one cell. */
export interface CellSummary {
  readonly cell: CellRow;
  /** Whether n counts iterations of one process, which depend on each other, instead of runs. */
  readonly iterationsAsRuns: boolean;
  readonly completed: number;
  readonly suspect: number;
  /** Runs that ended in any other way: failed, timed out, unreadable, ... */
  readonly failed: number;
  /** Undefined when there is no run to quote. */
  readonly bandwidth: BandwidthSummary | undefined;
  /** Whether that bandwidth was measured without a tracer. */
  readonly untraced: boolean;
  /** Undefined without controls. */
  readonly probeEffect: ProbeEffect | undefined;
  /** Undefined if every cell has a fixed number of trials. */
  readonly precision: Precision | undefined;
}

/** The settings of a stored sweep that decide how its cells are summed up. */
export interface SummarisedSweep {
  readonly controls: number;
  readonly iterations_as_runs: number;
  readonly relative_ci: number | null;
  readonly trials_max: number;
  readonly warmup: number;
}

/**
 * Sums up the cells of a sweep.
 * @param bandwidths those of each cell, by its number; they are read one cell at a time and not
 * kept
 * @param trialsCalledFor how many counted trials the values of a cell call for, given how many have
 * been made; only called for sweeps whose trials go on until a precision is reached
 */
export function summarise(
  sweep: SummarisedSweep,
  cells: readonly CellRow[],
  bandwidths: Iterable<readonly [number, CellBandwidths]>,
  states: readonly { cell: number; state: RunState; count: number; last_trial: number }[],
  trialsCalledFor: (cell: number, made: number) => number,
): readonly CellSummary[] {
  const statesOf = new Map<number, Map<RunState, number>>();
  const trialsOf = new Map<number, number>();
  for (const { cell, state, count, last_trial: last } of states) {
    if (state !== 'interrupted') {
      trialsOf.set(cell, Math.max(trialsOf.get(cell) ?? 0, last - sweep.warmup));
    }
    const own = statesOf.get(cell) ?? new Map<RunState, number>();
    statesOf.set(cell, own.set(state, count));
  }
  const totalBytes = new Map(cells.map((cell) => [cell.cell, cell.total_bytes]));
  const measured = new Map<number, Measured>();
  for (const [cell, own] of bandwidths) {
    const total = totalBytes.get(cell);
    if (total !== undefined) measured.set(cell, measure(own, sweep, total));
  }
  return cells.map((cell) => {
    const rows = [...(statesOf.get(cell.cell) ?? [])];
    const count = (wanted: (state: RunState) => boolean) =>
      rows.reduce((sum, [state, runs]) => sum + (wanted(state) ? runs : 0), 0);
    const found = measured.get(cell.cell) ?? measure(NO_BANDWIDTHS, sweep, cell.total_bytes);
    const made = trialsOf.get(cell.cell) ?? 0;
    return {
      cell,
      iterationsAsRuns: sweep.iterations_as_runs === 1,
      completed: count((state) => state === 'completed'),
      suspect: count((state) => state === 'suspect'),
      failed: count((state) => state !== 'completed' && state !== 'suspect'),
      ...found,
      precision: precisionOf(found.bandwidth, made, sweep, () => trialsCalledFor(cell.cell, made)),
    };
  });
}

type Measured = Pick<CellSummary, 'bandwidth' | 'untraced' | 'probeEffect'>;

function measure(own: CellBandwidths, sweep: SummarisedSweep, totalBytes: number): Measured {
  const quoted = quotedRuns(own, sweep);
  const described = describeBandwidth(quoted, totalBytes);
  const dependent = sweep.iterations_as_runs === 1;
  return {
    bandwidth: described && dependent ? ofIterations(described) : described,
    untraced: quoted === own.untraced,
    probeEffect: probeEffectOf(own, sweep),
  };
}

/** Keeps what can be said of iterations of one process, which depend on each other. */
function ofIterations(described: BandwidthSummary): BandwidthSummary {
  const warnings = described.warnings.filter(({ code }) => code === 'short-samples');
  return { ...described, interval: undefined, warnings };
}

/**
 * @param totalBytes how many bytes one iteration transfers
 * @returns undefined without a run
 */
export function describeBandwidth(
  runs: RunIterations,
  totalBytes: number,
): BandwidthSummary | undefined {
  const values = runMedians(runs);
  const distribution = describe(values);
  return (
    distribution && {
      ...distribution,
      interval: medianInterval(values),
      mad: medianAbsoluteDeviation(values) ?? 0,
      cv: coefficientOfVariation(values),
      outliers: tukeyOutliers(values).length,
      varianceBetweenRuns: varianceComponents(runs)?.share,
      warnings: cellWarnings(values, totalBytes),
    }
  );
}

function probeEffectOf(
  own: CellBandwidths,
  { controls }: SummarisedSweep,
): ProbeEffect | undefined {
  if (controls !== 1) return undefined;
  const traced = runMedians(own.traced);
  const untraced = runMedians(own.untraced);
  return {
    traced: describe(traced),
    untraced: describe(untraced),
    pairs: own.controlPairs.length,
    ratio: pairedRatio(
      own.controlPairs.map((pair) => ({ a: median(pair.untraced), b: median(pair.traced) })),
    ),
    unpaired: ratioInterval(untraced, traced),
  };
}
