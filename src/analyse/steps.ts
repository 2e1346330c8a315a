import { least } from '../extremes.ts';
import { studentQuantile } from './beta-distribution.ts';
import { biweightFits, deviationWithoutSteps } from './biweight.ts';
import { CONFIDENCE, type Interval } from './interval.ts';
import { normalQuantile } from './normal.ts';
import { pelt } from './pelt.ts';

/** A lasting change of the level of a series. Levels are in the unit of its values. */
export interface Step {
  /** Index of the first value after it, by the best fit. */
  readonly first: number;
  /** The first and last index that this may be, at a confidence of 95 %. */
  readonly earliest: number;
  readonly latest: number;
  readonly before: number;
  readonly after: number;
  /** Difference of the levels, after less before. */
  readonly change: number;
  /** Its interval, as if the position were known. */
  readonly interval: Interval;
}

/** A part of a series without a step. */
export interface Stretch {
  /** Index of its first value, and the index behind its last. */
  readonly from: number;
  readonly to: number;
  readonly level: number;
}

export interface Steps {
  readonly steps: readonly Step[];
  /** One more than there are steps, without gaps. */
  readonly stretches: readonly [Stretch, ...Stretch[]];
  /** Standard deviation of a value about its level. */
  readonly deviation: number;
  /**
   * The size of a step after the last value that would be found in 4 of 5 cases when two values of
   * the new level are there.
   */
  readonly detectable: number;
}

export interface StepOptions {
  /** The deviation that is believed at least, whatever the values say; above 0. */
  readonly leastDeviation: number;
  /** How many series are looked at together. */
  readonly series: number;
}

/** With fewer values nothing can be said: a step needs two on each side. */
export const LEAST_FOR_STEPS = 4;

/** The fewest values of a stretch: one bad night is not a step. */
const LEAST_STRETCH = 2;

/** The number of looks in the year for which the promise holds, one with each new value. */
const LOOKS = 365;
/** The probability that any of these looks, at any of the series, finds a step where there is none. */
const FALSE_STEPS = 1 - CONFIDENCE;
/**
 * A look tests all positions, but most of them were tested at the look before, too: it counts as so
 * many independent tests. `npm run bench:history -- false-steps` prints what that comes to.
 */
const TESTS_A_LOOK = 5;

/** Degrees of freedom of the estimated deviation for each value: `npm run bench:history -- noise`. */
const FREEDOM = 0.7;

/**
 * The square of the reach as a share of the penalty: below 1, so that one outlier never pays for a
 * step, and above 1/2, so that two values can.
 */
const REACH = 0.7;

/** How often a step of the size `detectable` is found. */
const POWER = 0.8;

/**
 * How far the cost of a position may lie above that of the best one. To the left and to the right
 * of the true step, what the likelihood ratio gains by chance is a random walk with a falling trend, whose
 * maximum is exponentially distributed where the step is small against the noise, and smaller
 * otherwise (Siegmund 1988, International Statistical Review 56).
 */
const POSITION_COST = -2 * Math.log(1 - Math.sqrt(CONFIDENCE));

/**
 * Finds lasting changes of the level of a series by penalised optimal partitioning: PELT with a
 * biweight cost, so that a single outlier makes no step.
 *
 * A step must be worth a squared Student's t. Its level is chosen so that a series that is looked
 * at again with every new value, up to 365 of them, shows a step where there is none with a
 * probability of 5 %; of several series that are looked at together, any one of them (Bonferroni).
 * The degrees of freedom are those of the deviation, which is estimated from the values: a short series
 * has to show more.
 * @returns undefined for fewer than LEAST_FOR_STEPS values
 */
export function findSteps(
  values: readonly number[],
  { leastDeviation, series }: StepOptions,
): Steps | undefined {
  const count = values.length;
  if (count < LEAST_FOR_STEPS) return undefined;
  const freedom = FREEDOM * count;
  const threshold = studentQuantile(FALSE_STEPS / (LOOKS * TESTS_A_LOOK * series), freedom);
  const penalty = threshold ** 2;
  const deviation = Math.max(leastDeviation, deviationWithoutSteps(values));
  const fit = biweightFits(
    values.map((value) => value / deviation),
    Math.sqrt(REACH * penalty),
  );
  const costOf = (from: number, to: number) => fit(from, to).cost;
  const changes = pelt(count, costOf, { penalty, least: LEAST_STRETCH });
  const ends = [...changes, count];
  const fits = ends.map((to, at) => ({ from: ends[at - 1] ?? 0, to }));
  const stretches = fits.map(({ from, to }) => {
    const { level, within } = fit(from, to);
    return { from, to, level: level * deviation, within };
  });
  const error = studentQuantile(1 - CONFIDENCE, freedom) * deviation;
  const drop = POSITION_COST * (error / deviation / normalQuantile((1 + CONFIDENCE) / 2)) ** 2;
  const steps = stretches.slice(1).map((after, at): Step => {
    const before = stretches[at]!;
    const change = after.level - before.level;
    const half = error * Math.sqrt(1 / before.within + 1 / after.within);
    return {
      first: after.from,
      ...positions(costOf, before.from, after.to, drop),
      before: before.level,
      after: after.level,
      change,
      interval: { low: change - half, high: change + half, level: CONFIDENCE },
    };
  });
  const [first, ...others] = stretches.map(({ within: _, ...stretch }) => stretch);
  const last = stretches.at(-1)!;
  const errors = threshold + normalQuantile(POWER);
  const detectable = errors * deviation * Math.sqrt(1 / LEAST_STRETCH + 1 / last.within);
  return { steps, stretches: [first!, ...others], deviation, detectable };
}

/**
 * Finds where a single step between two indexes may be: from the first to the last position that
 * fits.
 */
function positions(
  costOf: (from: number, to: number) => number,
  from: number,
  to: number,
  drop: number,
): Pick<Step, 'earliest' | 'latest'> {
  const places = Array.from({ length: to - from - 1 }, (_, at) => from + 1 + at);
  const costs = places.map((place) => costOf(from, place) + costOf(place, to));
  const limit = least(costs) + drop;
  return {
    earliest: places[costs.findIndex((cost) => cost <= limit)]!,
    latest: places[costs.findLastIndex((cost) => cost <= limit)]!,
  };
}
