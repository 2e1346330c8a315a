import { UserError } from '../../../errors.ts';
import type { ComparisonReport } from '../../../report/comparison-report.ts';
import type { Selection } from '../../../store/cell-data.ts';
import { comparisonWarnings } from '../../comparison-warnings.ts';
import { floorLine, repeatLines, repeatWarnings } from '../../repeat-lines.ts';
import { loadRepeats, type Repeats } from '../../repeats.ts';
import { type LoadedSides, loadSides, matchSides, type NamedSides } from './sides.ts';

/** The sides of a comparison, and how they are to be compared. */
export interface ComparisonRequest extends NamedSides, Selection {
  /** The shares as they were written. */
  readonly failIfSlower: string | undefined;
  readonly equivalent: string | undefined;
  /** The sweep whose repeats show how much sessions differ. */
  readonly repeat: string | undefined;
}

export interface NamedComparison {
  readonly report: ComparisonReport;
  readonly loaded: LoadedSides;
  readonly repeats: Repeats | undefined;
  /** The share of `--equivalent`. */
  readonly equivalent: number | undefined;
}

/** A deviation from two sweeps is too uncertain to be used. */
const LEAST_REPEATS = 3;

/**
 * Reads the sides that are named, and compares them.
 * @param database for sides that name none
 * @throws UserError when a side cannot be read or compared, or a share is not valid
 */
export function compareNamed(request: ComparisonRequest, database: string): NamedComparison {
  const notSlowerBy = parseShare('--fail-if-slower', request.failIfSlower);
  const equivalent = parseShare('--equivalent', request.equivalent);
  const loaded = loadSides(request, database, request);
  const { base, others } = loaded;
  const repeats = repeatsFor(loaded, request, database);
  const sessions = repeats?.deviation;
  const apart = new Set([base, ...others].flatMap(({ narrowedBy }) => narrowedBy));
  const allowances = { notSlowerBy, equivalent, floor: sessions?.floor, sessions };
  const compared = matchSides(loaded, { apart, ...allowances });
  const { failIfSlower: written = '' } = request;
  const report: ComparisonReport = {
    ...{ sides: [base, ...others], compared, apart, margin: request.equivalent },
    limit: notSlowerBy === undefined ? undefined : { written, share: notSlowerBy },
    repeated: repeats ? [...repeatLines(repeats), floorLine(repeats)] : [],
    warnings: [
      ...comparisonWarnings({ ...loaded, compared, apart }),
      ...(repeats ? repeatWarnings(repeats, [base, ...others]) : []),
    ],
  };
  return { report, loaded, repeats, equivalent };
}

/** @throws UserError if the deviation between sessions does not apply to the sides */
function repeatsFor(
  { base, others }: LoadedSides,
  { repeat, suspect }: ComparisonRequest,
  database: string,
): Repeats | undefined {
  if (repeat === undefined) return undefined;
  if (others.every(({ made }) => made.sweep === base.made.sweep)) {
    const all = others.length === 1 ? 'A and B' : 'all sides';
    throw new UserError(
      `--repeat is about differences between sweeps, but ${all} are from one sweep`,
      {
        hint: 'leave --repeat out: differences between sessions affect all sides of one sweep alike',
      },
    );
  }
  return loadRepeats(repeat, database, { suspect }, LEAST_REPEATS);
}

/**
 * A share of 0 is refused: no number of runs can show that nothing at all is lost, or that two
 * things are exactly the same.
 * @throws UserError for anything that is not a share above 0
 */
function parseShare(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, number, percent] = /^(\d{1,3}(?:\.\d{1,4})?)( ?%)?$/.exec(text) ?? [];
  const share = Number(number) / (percent === undefined ? 1 : 100);
  if (share > 0 && share < 1) return share;
  throw new UserError(`${option}: expected a share such as 5% or 0.05, got ${text}`, {
    hint: 'a share is above 0 and below 100%',
  });
}
