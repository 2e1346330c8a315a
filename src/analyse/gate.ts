import { LEAST_FOR_INTERVAL } from '../experiment/trials.ts';
import { type CellVerdict, standardError } from './compare.ts';
import { normalQuantile } from './normal.ts';

/** Whether a cell has shown that it is not slower by a share. */
export type Gate =
  | { readonly state: 'passes' }
  /** It is slower by that share or more. */
  | { readonly state: 'slower' }
  /** Neither is shown. */
  | {
      readonly state: 'undecided';
      /**
       * Runs per side, or blocks, that would be enough; undefined if more of them would not help.
       */
      readonly trials: number | undefined;
      readonly because: 'too few' | 'too wide' | 'near the limit' | 'sessions differ';
    };

/**
 * Level of the gate's one-sided test, and how often an unchanged cell passes with the named trials.
 */
const [LEVEL, POWER] = [0.95, 0.9];

/**
 * A test of non-inferiority: a cell passes when the lower one-sided 95 % bound of its ratio is
 * above 1 - allowed, so that a slowdown by that share passes in at most 5 % of all cases. It is
 * slower when the upper bound is not above that limit.
 *
 * It is not corrected for the number of cells: all of them have to pass, so more cells do not make
 * it easier for a bad one to do so (an intersection-union test; Berger 1982).
 * @param allowed the slowdown that fails, from above 0 to below 1
 */
export function gateOf(cell: CellVerdict, allowed: number): Gate {
  if (cell.verdict === 'too few') {
    return { state: 'undecided', trials: LEAST_FOR_INTERVAL, because: 'too few' };
  }
  const limit = 1 - allowed;
  if (cell.bounds.low > limit) return { state: 'passes' };
  if (cell.bounds.high <= limit) return { state: 'slower' };
  // An unchanged cell passes when its error is at most this small.
  const needed = -Math.log(limit) / (normalQuantile(LEVEL) + normalQuantile(POWER));
  const ofSessions = Math.SQRT2 * cell.floor;
  if (ofSessions >= needed) {
    return { state: 'undecided', trials: undefined, because: 'sessions differ' };
  }
  const n = cell.pairs ?? 2 / (1 / cell.nA + 1 / cell.nB);
  const ofRuns = standardError(cell) ** 2 - ofSessions ** 2;
  const trials = Math.ceil((n * ofRuns) / (needed ** 2 - ofSessions ** 2));
  return trials > n
    ? { state: 'undecided', trials, because: 'too wide' }
    : { state: 'undecided', trials: undefined, because: 'near the limit' };
}
