import { greatest } from '../extremes.ts';
import { studentQuantile } from './beta-distribution.ts';
import { bisected } from './bisected.ts';
import { chiSquareQuantile } from './chi-square.ts';
import { standardError } from './compare.ts';
import { CONFIDENCE } from './interval.ts';
import { medianInterval } from './median-interval.ts';
import { normalQuantile } from './normal.ts';
import { median } from './statistics.ts';

/** How much sweeps of the same thing differ when repeated on the same machine. */
export interface SessionDeviation {
  /** Standard deviation between sessions as a share of the bandwidth; 0 if none is visible. */
  readonly deviation: number;
  /** Ends of its 95 % interval. */
  readonly low: number;
  readonly high: number;
  /**
   * The deviation that a comparison of two sessions has to allow for: larger than the estimate,
   * which is uncertain.
   */
  readonly floor: number;
  /** The floor of so many sessions, if they agree with each other as well as these do. */
  readonly floorOf: (sessions: number) => number;
  readonly sessions: number;
  /** The number of cells that it is based on. */
  readonly cells: number;
}

/** A cell's median in one session, on the log scale, and the variance that its own runs explain. */
interface Level {
  readonly level: number;
  readonly explained: number;
}

/**
 * The deviation between sessions, a random effect on the logarithm of each cell's median. It is the
 * value for which the squared distances of the sessions from their cell's mean, each divided by the
 * variance that the deviation and the cell's own runs explain together, add up to their expected
 * sum (Paule and Mandel 1982). This way a cell whose runs scatter says little, and an outlier among
 * them nothing.
 *
 * Whatever affects a session affects its cells alike: the degrees of freedom are at most the number
 * of sessions minus one, however many cells there are. The interval comes from chi-square with that
 * many (Q-profile, Viechtbauer 2007). The floor is the deviation that widens the interval of a
 * comparison of two sessions as much as Student's t with that many does.
 * @param cells for each cell the bandwidths of each session, one value per run, all above 0
 * @returns undefined unless a cell has five runs or more in each of two sessions
 */
export function sessionDeviation(
  cells: readonly (readonly (readonly number[])[])[],
): SessionDeviation | undefined {
  const known = cells
    .map((sessions) => sessions.flatMap((values) => levelOf(values) ?? []))
    .filter((levels) => levels.length >= 2);
  if (known.length === 0) return undefined;
  const sessions = greatest(known.map((levels) => levels.length));
  const expected = known.reduce((sum, levels) => sum + levels.length - 1, 0);
  const freedom = sessions - 1;
  const deviationAt = (share: number) => Math.sqrt(varianceWith(known, share * expected));
  const floorOf = (count: number) => deviationAt(studentWidening(count - 1) ** -2);
  const tail = (1 - CONFIDENCE) / 2;
  return {
    deviation: deviationAt(1),
    low: deviationAt(chiSquareQuantile(1 - tail, freedom) / freedom),
    high: deviationAt(chiSquareQuantile(tail, freedom) / freedom),
    floor: floorOf(sessions),
    floorOf,
    sessions,
    cells: known.length,
  };
}

function levelOf(values: readonly number[]): Level | undefined {
  const interval = medianInterval(values);
  return interval && { level: Math.log(median(values)), explained: standardError(interval) ** 2 };
}

/** Keeps identical runs from getting an infinite weight. */
const LEAST_VARIANCE = 1e-20;

/**
 * The variance between sessions for which the scaled squared distances add up to the given sum; 0
 * if even that is too much.
 */
function varianceWith(cells: readonly (readonly Level[])[], sum: number): number {
  const scaled = (variance: number) =>
    cells.reduce((total, levels) => total + scaledDistances(levels, variance), 0);
  if (scaled(0) <= sum) return 0;
  let high = 1e-6;
  while (scaled(high) > sum) high *= 2;
  return bisected(high, 0, (variance) => scaled(variance) <= sum);
}

function scaledDistances(levels: readonly Level[], variance: number): number {
  const weights = levels.map(({ explained }) => 1 / (variance + explained + LEAST_VARIANCE));
  const weight = weights.reduce((total, own) => total + own, 0);
  const mean = levels.reduce((total, { level }, at) => total + level * weights[at]!, 0) / weight;
  return levels.reduce((total, { level }, at) => total + weights[at]! * (level - mean) ** 2, 0);
}

/** How much wider an interval is if its standard error has this many degrees of freedom. */
function studentWidening(freedom: number): number {
  return studentQuantile(1 - CONFIDENCE, freedom) / normalQuantile((1 + CONFIDENCE) / 2);
}
