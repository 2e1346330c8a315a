import { studentQuantile } from './beta-distribution.ts';
import { chiSquareQuantile } from './chi-square.ts';
import { standardError } from './compare.ts';
import { CONFIDENCE } from './interval.ts';
import { medianInterval } from './median-interval.ts';
import { normalQuantile } from './normal.ts';
import { median } from './statistics.ts';

/** How far sweeps of the same thing differ, made again on the same machine. */
export interface SessionDeviation {
  /** Standard deviation between sessions as a share of the bandwidth; 0 when none shows. */
  readonly deviation: number;
  /** Ends of its 95 % interval. */
  readonly low: number;
  readonly high: number;
  /** What a comparison of two sessions is to allow for: more than the deviation, as that is not known well. */
  readonly floor: number;
  readonly sessions: number;
  /** Cells that it is made from. */
  readonly cells: number;
}

/** A cell's median in one session, on the log scale, and the variance that its own runs explain. */
interface Level {
  readonly level: number;
  readonly explained: number;
}

/**
 * The deviation between sessions, a random effect on the logarithm of each cell's median. It is the
 * one with which the squared distances of the sessions from their cell's mean, each divided by what the
 * deviation and the cell's own runs explain together, add up to what they are expected to be (Paule and
 * Mandel 1982). A cell whose runs scatter says little that way, and an outlier among them nothing.
 *
 * What moves a session moves its cells alike: there are no more degrees of freedom than sessions less
 * one, however many cells there are. The interval is the one that chi-square with so many leaves
 * (Q-profile, Viechtbauer 2007). The floor is the deviation that widens the interval of a comparison of
 * two sessions as Student's t with so many does.
 * @param cells of each cell the bandwidths of each session, one value a run, all above 0
 * @returns undefined unless a cell has five runs or more in each of two sessions
 */
export function sessionDeviation(
  cells: readonly (readonly (readonly number[])[])[],
): SessionDeviation | undefined {
  const known = cells
    .map((sessions) => sessions.flatMap((values) => levelOf(values) ?? []))
    .filter((levels) => levels.length >= 2);
  if (known.length === 0) return undefined;
  const sessions = Math.max(...known.map((levels) => levels.length));
  const expected = known.reduce((sum, levels) => sum + levels.length - 1, 0);
  const freedom = sessions - 1;
  const deviationAt = (share: number) => Math.sqrt(varianceWith(known, share * expected));
  const tail = (1 - CONFIDENCE) / 2;
  return {
    deviation: deviationAt(1),
    low: deviationAt(chiSquareQuantile(1 - tail, freedom) / freedom),
    high: deviationAt(chiSquareQuantile(tail, freedom) / freedom),
    floor: deviationAt(studentWidening(freedom) ** -2),
    sessions,
    cells: known.length,
  };
}

function levelOf(values: readonly number[]): Level | undefined {
  const interval = medianInterval(values);
  return interval && { level: Math.log(median(values)), explained: standardError(interval) ** 2 };
}

/** Keeps runs that are all alike from counting for ever. */
const LEAST_VARIANCE = 1e-20;

/** The variance between sessions with which the scaled squared distances add up to a sum; 0 when even that is too much. */
function varianceWith(cells: readonly (readonly Level[])[], sum: number): number {
  const scaled = (variance: number) =>
    cells.reduce((total, levels) => total + scaledDistances(levels, variance), 0);
  if (scaled(0) <= sum) return 0;
  let high = 1e-6;
  while (scaled(high) > sum) high *= 2;
  let low = 0;
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2;
    if (scaled(middle) > sum) low = middle;
    else high = middle;
  }
  return high;
}

function scaledDistances(levels: readonly Level[], variance: number): number {
  const weights = levels.map(({ explained }) => 1 / (variance + explained + LEAST_VARIANCE));
  const weight = weights.reduce((total, own) => total + own, 0);
  const mean = levels.reduce((total, { level }, at) => total + level * weights[at]!, 0) / weight;
  return levels.reduce((total, { level }, at) => total + weights[at]! * (level - mean) ** 2, 0);
}

/** By how much wider an interval is that takes its standard error from so many degrees of freedom. */
function studentWidening(freedom: number): number {
  return studentQuantile(1 - CONFIDENCE, freedom) / normalQuantile((1 + CONFIDENCE) / 2);
}
