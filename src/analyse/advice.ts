import { LIMITS } from '../experiment/limits.ts';
import { formatSize } from '../experiment/sizes.ts';
import { relativeHalfWidth } from './interval.ts';
import type { CellSummary } from './summary.ts';

/** What a trial of a cell takes on average, its traced run and its control together, in seconds. */
export interface TrialCost {
  readonly seconds: number;
  /** Of these, one iteration of each of its runs. */
  readonly secondsPerIteration: number;
}

/** How a sweep is set up. */
export interface Setup {
  /** Of a run, the first one included that does not count when there are several. */
  readonly iterations: number;
  readonly trials: number;
  /** Half the width that is asked for as a share of the median; null: a fixed number of trials. */
  readonly relativeCi: number | null;
}

/** Less than this share of the time is not worth a change. */
const LEAST_SAVING = 0.1;
/** Fewer are not advised: their interval would be wide, and nothing be known of their order. */
const LEAST_TRIALS = 11;
/** What iterations do is known for as many as there were; not much more is guessed. */
const MOST_TIMES_MORE = 10;

/**
 * How another sweep of the same cells would be known better, or as well in less time; one sentence
 * each, without a full stop.
 * @param costs by the cell's number; without a cost nothing is said about iterations
 */
export function advice(
  summaries: readonly CellSummary[],
  costs: ReadonlyMap<number, TrialCost>,
  setup: Setup,
): readonly string[] {
  return [...iterationsAdvice(summaries, costs, setup), ...trialsAdvice(summaries, setup)];
}

/**
 * The number of iterations with which a precision takes the least time (Kalibera and Jones 2013):
 * sqrt(cost of an invocation / cost of an iteration * variance within / variance between), for all
 * cells together, as a spec has one number for all of them. The variance of a run's value is taken as
 * between + within / iterations, as if it were a mean.
 */
function iterationsAdvice(
  summaries: readonly CellSummary[],
  costs: ReadonlyMap<number, TrialCost>,
  { iterations, trials: planned, relativeCi }: Setup,
): readonly string[] {
  const counted = iterations - 1;
  // Variances as shares of that of a run's value, so that cells of any level can be added up.
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
  /** For the precision that there is now. */
  const seconds = (count: number) => fixed + count * rising + falling / count;
  /** How many trials the same precision takes then, as a share of those that there are now. */
  const times = (count: number) =>
    sum(({ between, within }) => between + within / count) / cells.length;
  const fewest = Math.min(1, LEAST_TRIALS / trials);
  // Where times() comes down to the fewest; at 1, that is how many iterations there are now.
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
  // A hair less than a whole number is that number.
  const needed = Math.ceil(trials * times(least) - 1e-9);
  const change =
    relativeCi === null
      ? `with ${least + 1} iterations a run and about ${needed} trials (now ${iterations} and ${trials})`
      : `with ${least + 1} iterations a run (now ${iterations})`;
  return [`${change} the same precision takes about ${percent(saved)} less time`];
}

/** Half widths, of which the next one below what was reached is aimed at. */
const AIMS = [0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];

/** An interval's width falls as the square root of the number of trials. */
function trialsAdvice(
  summaries: readonly CellSummary[],
  { trials, relativeCi }: Setup,
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
  const needed = Math.max(...known.map(({ n, width }) => Math.ceil(n * (width / aim) ** 2)));
  if (needed > LIMITS.trials) return [];
  const now = relativeCi === null ? `now ${trials}` : `now at most ${trials}`;
  return [
    `about ${needed} trials would bring every cell to ±${percent(aim)} (${now}, and ±${percent(widest.width)} at worst, with ${formatSize(widest.cell.buffer_bytes)})`,
  ];
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))}%`;
}
