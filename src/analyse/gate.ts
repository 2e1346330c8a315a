import { LEAST_FOR_INTERVAL } from '../experiment/limits.ts';
import { type CellVerdict, standardError } from './compare.ts';
import { normalQuantile } from './normal.ts';
import type { SessionDeviation } from './session-deviation.ts';

/** Whether a cell has shown that it is not slower by a share. */
export type Gate =
  | { readonly state: 'passes' }
  /** It is slower by that share or more. */
  | { readonly state: 'slower' }
  /** The runs show neither of the two. */
  | {
      readonly state: 'undecided';
      /**
       * Runs per side, or blocks, that would be enough, with as many `repeats` as are named;
       * undefined if more of them would not help.
       */
      readonly trials: number | undefined;
      /**
       * Repeats that would be enough if they agree as well as those made; only with `few repeats`,
       * and undefined if that cannot be told.
       */
      readonly repeats?: number | undefined;
      /**
       * `sessions differ`: the measured deviation is too large. `few repeats`: it is not, but what
       * has to be allowed for is, as few repeats do not tell it well.
       */
      readonly because:
        | 'too few'
        | 'too wide'
        | 'near the limit'
        | 'sessions differ'
        | 'few repeats';
    };

/**
 * Level of the gate's one-sided test, and how often an unchanged cell passes with the named trials.
 */
const [LEVEL, POWER] = [0.95, 0.9];
/** Nobody makes more repeats of a sweep than this. */
const MOST_REPEATS = 100;

/**
 * A test of non-inferiority: a cell passes when the lower one-sided 95 % bound of its ratio is
 * above 1 - allowed, so that a slowdown by that share passes in at most 5 % of all cases. It is
 * slower when the upper bound is not above that limit.
 *
 * It is not corrected for the number of cells: all of them have to pass, so more cells do not make
 * it easier for a bad one to do so (an intersection-union test; Berger 1982).
 * @param allowed the slowdown that fails, from above 0 to below 1
 * @param sessions where the cell's floor is from; if undefined, the floor is exactly known
 */
export function gateOf(
  cell: CellVerdict,
  allowed: number,
  sessions?: Pick<SessionDeviation, 'deviation' | 'sessions' | 'floorOf'>,
): Gate {
  if (cell.verdict === 'too few') {
    return { state: 'undecided', trials: LEAST_FOR_INTERVAL, because: 'too few' };
  }
  const limit = 1 - allowed;
  if (cell.bounds.low > limit) return { state: 'passes' };
  if (cell.bounds.high <= limit) return { state: 'slower' };
  // An unchanged cell passes when its error is at most this small.
  const needed = -Math.log(limit) / (normalQuantile(LEVEL) + normalQuantile(POWER));
  const ofSessions = Math.SQRT2 * cell.floor;
  const n = cell.pairs ?? 2 / (1 / cell.nA + 1 / cell.nB);
  const ofRuns = Math.max(0, standardError(cell) ** 2 - ofSessions ** 2);
  if (ofSessions >= needed) {
    if (sessions === undefined || Math.SQRT2 * sessions.deviation >= needed) {
      return { state: 'undecided', trials: undefined, because: 'sessions differ' };
    }
    // Sessions get what the runs leave, but half at least: where that is less, more runs are due.
    const repeats = repeatsFor(sessions, Math.max(needed ** 2 - ofRuns, needed ** 2 / 2));
    const left = repeats === undefined ? 0 : needed ** 2 - 2 * sessions.floorOf(repeats) ** 2;
    const trials = ofRuns > left && left > 0 ? Math.ceil((n * ofRuns) / left) : undefined;
    return { state: 'undecided', trials, because: 'few repeats', repeats };
  }
  const trials = Math.ceil((n * ofRuns) / (needed ** 2 - ofSessions ** 2));
  return trials > n
    ? { state: 'undecided', trials, because: 'too wide' }
    : { state: 'undecided', trials: undefined, because: 'near the limit' };
}

/** The fewest repeats whose floor keeps the variance of a comparison within a limit. */
function repeatsFor(
  { sessions, floorOf }: Pick<SessionDeviation, 'sessions' | 'floorOf'>,
  variance: number,
): number | undefined {
  for (let repeats = sessions + 1; repeats <= MOST_REPEATS; repeats++) {
    if (2 * floorOf(repeats) ** 2 <= variance) return repeats;
  }
  return undefined;
}
