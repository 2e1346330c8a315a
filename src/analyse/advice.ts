import { LIMITS } from '../experiment/limits.ts';
import { greatest } from '../extremes.ts';
import { percentText } from '../rounding.ts';
import { namesOf } from './doubts.ts';
import { relativeHalfWidth } from './interval.ts';
import type { CellSummary } from './summary.ts';

/**
 * The average cost of a trial of a cell, with its traced run and its control together, in seconds.
 */
export interface TrialCost {
  readonly seconds: number;
  /** The part that one iteration of each of its runs takes. */
  readonly secondsPerIteration: number;
}

/** The settings of a sweep that the advice is about. */
export interface AdvisedSweep {
  /** Iterations of a run, including the first one, which does not count when there are several. */
  readonly iterations: number;
  readonly trials: number;
  /** Half the requested width as a share of the median; null: a fixed number of trials. */
  readonly relativeCi: number | null;
}

/** Saving less than this share of the time is not worth a change. */
const LEAST_SAVING = 0.1;
/**
 * Fewer are not advised: the interval would be wide, and the order of the runs could not be tested.
 */
const LEAST_TRIALS = 11;
/**
 * The effect of iterations is known for as many as there were; we do not extrapolate much further.
 */
const MOST_TIMES_MORE = 10;

/**
 * Advises how another sweep of the same cells would be more precise, or as precise in less time;
 * one sentence each, without a full stop.
 * @param costs by the cell's number; without a cost nothing is said about iterations
 */
export function advice(
  summaries: readonly CellSummary[],
  costs: ReadonlyMap<number, TrialCost>,
  setup: AdvisedSweep,
): readonly string[] {
  return [...iterationsAdvice(summaries, costs, setup), ...trialsAdvice(summaries, setup)];
}

/**
 * Advises the number of iterations that reaches a precision in the least time (Kalibera and Jones
 * 2013): sqrt(cost of an invocation / cost of an iteration * variance within / variance between).
 * It is one number for all cells together, because a spec has only one. The variance of a run's
 * value is taken as between + within / iterations, as if it were a mean.
 */
function iterationsAdvice(
  summaries: readonly CellSummary[],
  costs: ReadonlyMap<number, TrialCost>,
  { iterations, trials: planned, relativeCi }: AdvisedSweep,
): readonly string[] {
  const counted = iterations - 1;
  // Variances are shares of the variance of a run's value, so that cells of any level can be added
  // up.
  const cells = summaries.flatMap(({ cell, bandwidth }) => {
    const cost = costs.get(cell.cell);
    const share = bandwidth?.varianceBetweenRuns;
    if (cost === undefined || share === undefined) return [];
    const whole = share + (1 - share) / counted;
    const perIteration = cost.secondsPerIteration;
    const perRun = Math.max(0, cost.seconds - counted * perIteration);
    return [
      {
        ...{ perRun, perIteration, n: bandwidth?.n ?? 0 },
        ...{ between: share / whole, within: (1 - share) / whole },
      },
    ];
  });
  if (counted < 2 || cells.length === 0) return [];
  const sum = (of: (cell: (typeof cells)[number]) => number) =>
    cells.reduce((total, cell) => total + of(cell), 0);
  const trials = relativeCi === null ? planned : sum(({ n }) => n) / cells.length;
  const rising = sum(({ perIteration, between }) => perIteration * between);
  const falling = sum(({ perRun, within }) => perRun * within);
  const fixed = sum((cell) => cell.perRun * cell.between + cell.perIteration * cell.within);
  /** The time for the current precision. */
  const seconds = (count: number) => fixed + count * rising + falling / count;
  /** How many trials the same precision then takes, as a share of the current number. */
  const times = (count: number) =>
    sum(({ between, within }) => between + within / count) / cells.length;
  const fewest = Math.min(1, LEAST_TRIALS / trials);
  // The count at which times() falls to the fewest; if that is 1, the current number of iterations.
  const room = fewest - times(Number.POSITIVE_INFINITY);
  const enough =
    room > 0
      ? Math.max(counted, (times(1) - times(Number.POSITIVE_INFINITY)) / room)
      : Number.POSITIVE_INFINITY;
  const most = Math.min(LIMITS.iterations - 1, MOST_TIMES_MORE * counted, Math.floor(enough));
  const best = Math.min(most, Math.max(1, Math.sqrt(falling / rising)));
  const candidates = [Math.floor(best), Math.ceil(best)];
  const [least = counted] = candidates.sort((a, b) => seconds(a) - seconds(b));
  const saved = 1 - seconds(least) / seconds(counted);
  if (!(saved >= LEAST_SAVING)) return [];
  // Rounding may leave a hair more than a whole number: take that number.
  const needed = Math.ceil(trials * times(least) - 1e-9);
  const change =
    relativeCi === null
      ? `with ${least + 1} iterations a run and about ${needed} trials (now ${iterations} and ${trials})`
      : `with ${least + 1} iterations a run (now ${iterations})`;
  return [`${change} the same precision takes about ${percentText(saved)} less time`];
}

/** Half widths to aim at: the next one below the width that was reached is chosen. */
const AIMS = [0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];

/** Advises a number of trials. An interval's width falls with the square root of that number. */
function trialsAdvice(
  summaries: readonly CellSummary[],
  { relativeCi }: AdvisedSweep,
): readonly string[] {
  const known = summaries.flatMap(({ cell, bandwidth }) =>
    bandwidth?.interval
      ? [{ cell, n: bandwidth.n, width: relativeHalfWidth(bandwidth.median, bandwidth.interval) }]
      : [],
  );
  const [widest] = known.toSorted((a, b) => b.width - a.width);
  if (!widest) return [];
  const aim = (relativeCi === null ? AIMS : [relativeCi]).find((width) => width < widest.width);
  if (aim === undefined) return [];
  const needed = greatest(known.map(({ n, width }) => Math.ceil(n * (width / aim) ** 2)));
  if (needed > LIMITS.trials) return [];
  const nameOf = namesOf(summaries.map(({ cell }) => cell));
  return [
    `about ${needed} trials would bring every cell to ±${percentText(aim)} (now ${widest.n}, and ±${percentText(widest.width)} at worst, with ${nameOf(widest.cell)})`,
  ];
}
