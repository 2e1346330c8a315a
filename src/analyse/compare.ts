import { benjaminiHochberg } from './benjamini-hochberg.ts';
import { type Ratio, ratioOfMedians } from './bootstrap.ts';
import { cliffsDelta, mannWhitney } from './mann-whitney.ts';

/** What changed from sample `a` to sample `b`. */
export interface Comparison extends Ratio {
  /** Two-sided, of the Mann-Whitney test; not corrected for the number of comparisons. */
  readonly p: number;
  /** Above 0 when values of `b` tend to be higher. */
  readonly cliffsDelta: number;
  readonly nA: number;
  readonly nB: number;
}

/**
 * @param a the base, all values above 0
 * @param b what is compared with it, all values above 0
 * @returns undefined when a sample has fewer than LEAST_FOR_INTERVAL values
 * @throws RangeError for a value that is not above 0
 */
export function compareSamples(
  a: readonly number[],
  b: readonly number[],
  { seed }: { readonly seed: number },
): Comparison | undefined {
  const ratio = ratioOfMedians(a, b, { seed });
  if (!ratio) return undefined;
  return {
    ...ratio,
    p: mannWhitney(a, b).p,
    cliffsDelta: cliffsDelta(a, b),
    nA: a.length,
    nB: b.length,
  };
}

/** Bandwidths of one cell in two sweeps; one value an invocation. */
export interface CellPair {
  readonly a: readonly number[];
  readonly b: readonly number[];
}

/** What is said about a cell; `b` is 'faster' when its bandwidths are higher. */
export type CellVerdict =
  | { readonly verdict: 'too few'; readonly nA: number; readonly nB: number }
  | (Comparison & {
      readonly verdict: 'faster' | 'slower' | 'no evidence';
      /** Corrected for the number of cells that could be compared. */
      readonly correctedP: number;
    });

export interface CompareOptions {
  readonly seed: number;
  /** 0.05 unless told otherwise. */
  readonly alpha?: number;
}

/**
 * Compares two sweeps cell by cell. A difference is called only when the p of its cell, corrected
 * over all cells by Benjamini and Hochberg, is below alpha and the 95 % interval of the ratio
 * excludes 1. The ratio of a cell does not depend on which other cells are compared.
 * @returns in the order of `pairs`
 * @throws RangeError for a value that is not above 0
 */
export function compareCells(
  pairs: readonly CellPair[],
  { seed, alpha = 0.05 }: CompareOptions,
): readonly CellVerdict[] {
  const compared = pairs.map(({ a, b }) => compareSamples(a, b, { seed }));
  const corrected = benjaminiHochberg(compared.flatMap((cell) => cell?.p ?? []));
  let next = 0;
  return compared.map((cell, at) => {
    if (!cell) return { verdict: 'too few', nA: pairs[at]!.a.length, nB: pairs[at]!.b.length };
    const correctedP = corrected[next++]!;
    return { ...cell, correctedP, verdict: correctedP < alpha ? direction(cell) : 'no evidence' };
  });
}

function direction({ low, high }: Comparison): 'faster' | 'slower' | 'no evidence' {
  if (low > 1) return 'faster';
  return high < 1 ? 'slower' : 'no evidence';
}
