import type { CellJudgement, Unknown } from './expectations.ts';

export const VERDICT_STATES = ['pass', 'fail', 'not-judged'] as const;
export type VerdictState = (typeof VERDICT_STATES)[number];

/** Why an expectation is not judged: no cell that it concerns was made, or what a cell lacks. */
export const NOT_JUDGED = [
  ...['no-such-cell', 'no-runs', 'too-few-runs', 'no-controls', 'no-instrument', 'no-such-role'],
  ...['not-in-kernel', 'no-condition'],
] as const satisfies readonly ('no-such-cell' | Unknown)[];

/** The judgement of an expectation, from all cells of a sweep together. */
export interface ExpectationVerdict {
  readonly state: VerdictState;
  /** Undefined unless it is not judged. */
  readonly because: (typeof NOT_JUDGED)[number] | undefined;
  /** The measured values, or the missing ones, in words. */
  readonly found: string;
  /** The cells that it concerns: those that were made, by what is known of them. */
  readonly cells: number;
  readonly met: number;
  readonly missed: number;
  readonly unknown: number;
  /** Cells that it concerns and that the spec asks for, but that were not made. */
  readonly missing: number;
  /** The least and the greatest measured value, in the unit of `measuredIn`. */
  readonly least: number | undefined;
  readonly most: number | undefined;
}

/**
 * Sums up what is known of the cells. One that misses the expectation makes it fail; otherwise one
 * that cannot be judged, or none at all, leaves it not judged.
 * @param missing how many cells of the spec were not made
 * @param everyCell whether such a cell, too, leaves it not judged
 */
export function expectationVerdict(
  judgements: readonly CellJudgement[],
  missing: number,
  everyCell: boolean,
): ExpectationVerdict {
  const of = (state: CellJudgement['state']) => judgements.filter((found) => found.state === state);
  const [met, missed, unknown] = [of('met'), of('missed'), of('unknown')];
  const known = valuesOf([...met, ...missed]);
  return {
    ...stateOf({ met, missed, unknown }, missing, everyCell),
    cells: judgements.length,
    met: met.length,
    missed: missed.length,
    unknown: unknown.length,
    missing,
    least: known[0]?.measured,
    most: known.at(-1)?.measured,
  };
}

type ByState = Readonly<Record<CellJudgement['state'], readonly CellJudgement[]>>;

function stateOf(
  { met, missed, unknown }: ByState,
  missing: number,
  everyCell: boolean,
): Pick<ExpectationVerdict, 'state' | 'because' | 'found'> {
  const cells = met.length + missed.length + unknown.length;
  if (missed.length > 0) {
    const where = cells === 1 ? '' : ` in ${missed.length} of ${cells} cells`;
    return { state: 'fail', because: undefined, found: `${rangeOf(missed)}${where}` };
  }
  const [first] = unknown;
  if (first?.state === 'unknown') {
    const where = cells === 1 ? '' : ` in ${unknown.length} of ${cells} cells`;
    return { state: 'not-judged', because: first.because, found: `${first.shown}${where}` };
  }
  if (cells === 0 || (everyCell && missing > 0)) {
    const found =
      cells === 0
        ? 'no cell that it concerns was made'
        : `not made: ${missing} of the spec's cells that it concerns`;
    return { state: 'not-judged', because: 'no-such-cell', found };
  }
  return { state: 'pass', because: undefined, found: rangeOf(met) };
}

function valuesOf(judgements: readonly CellJudgement[]) {
  return judgements
    .flatMap((found) => (found.state === 'unknown' ? [] : [found]))
    .sort((a, b) => a.measured - b.measured);
}

function rangeOf(judgements: readonly CellJudgement[]): string {
  const values = valuesOf(judgements);
  const [least = '', most = ''] = [values[0]?.shown, values.at(-1)?.shown];
  return least === most ? least : `${least} to ${most}`;
}
