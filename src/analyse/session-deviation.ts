import { chiSquareQuantile, studentWidening } from './distributions.ts';
import { CONFIDENCE } from './interval.ts';
import { meanSquares } from './variance-components.ts';

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

/**
 * The deviation between sessions from a one-way random-effects analysis of variance of the logarithms
 * (Searle, Casella and McCulloch 1992, chapter 3), the mean squares of all cells taken together. What
 * moves a session moves its cells alike, so that there are no more degrees of freedom than sessions
 * less one, however many cells there are.
 *
 * The interval is that of the variance of session means by chi-square, less the part of it that runs
 * within a session explain. The floor is that variance widened as Student's t widens an interval, less
 * the same part: with it, a comparison of two sessions is a t test with these degrees of freedom.
 * @param cells of each cell the bandwidths of each session, one value a run, all above 0
 * @returns undefined unless a cell has values from two sessions, and two values in one of them
 */
export function sessionDeviation(
  cells: readonly (readonly (readonly number[])[])[],
): SessionDeviation | undefined {
  const squares = cells.flatMap(
    (sessions) => meanSquares(sessions.map((values) => values.map(Math.log))) ?? [],
  );
  if (squares.length === 0) return undefined;
  const sessions = Math.max(...squares.map(({ groups }) => groups));
  const sum = (of: (each: (typeof squares)[number]) => number) =>
    squares.reduce((total, each) => total + (each.groups - 1) * of(each), 0);
  const size = sum((each) => each.size);
  const ofMeans = sum((each) => each.between) / size;
  const explained = sum((each) => each.within) / size;
  const freedom = sessions - 1;
  const deviationAt = (factor: number) => Math.sqrt(Math.max(0, factor * ofMeans - explained));
  const tail = (1 - CONFIDENCE) / 2;
  return {
    deviation: deviationAt(1),
    low: deviationAt(freedom / chiSquareQuantile(1 - tail, freedom)),
    high: deviationAt(freedom / chiSquareQuantile(tail, freedom)),
    floor: deviationAt(studentWidening(CONFIDENCE, freedom) ** 2),
    sessions,
    cells: squares.length,
  };
}
