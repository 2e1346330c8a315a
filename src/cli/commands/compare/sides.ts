import type { CompareSidesOptions } from '../../../analyse/comparison.ts';
import { AmbiguousCells, type ComparedSides, compareSides } from '../../../analyse/comparison.ts';
import { UserError } from '../../../errors.ts';
import type { AxisName } from '../../../experiment/axes.ts';
import type { Selection } from '../../../store/cell-data.ts';
import { sweepsMeant } from '../../../store/merge/sweeps-meant.ts';
import { chooseSweep, listSweeps } from '../../../store/reader.ts';
import { type LoadedSide, loadSide, loadSidesOver, reading } from '../../comparison-side.ts';
import { SELECTOR_HINT } from '../../selector-hint.ts';

export interface NamedSides {
  /** At least one. */
  readonly sides: readonly string[];
  /** The side with which all are compared; undefined for the first of them. */
  readonly base: string | undefined;
  /** If given, each value of this axis is a side. */
  readonly over: AxisName | undefined;
}

export interface LoadedSides {
  readonly base: LoadedSide;
  readonly others: readonly LoadedSide[];
}

/** The word for the newest sweep of a database. @throws UserError when there is none */
export function newestSweep(database: string): string {
  return reading(database, (db) => {
    const { name, id } = chooseSweep(db, undefined);
    const named = `${name}-${id}`;
    return sweepsMeant(db, listSweeps(db), named).length === 1 ? named : `@${id}`;
  });
}

/** @throws UserError when a side cannot be read, or there is nothing to compare the base with */
export function loadSides(
  { sides, base: baseNamed, over }: NamedSides,
  database: string,
  selection: Selection,
): LoadedSides {
  // A single sweep compares its programs.
  const axis = over ?? (sides.length === 1 && baseNamed === undefined ? 'program' : undefined);
  const loaded = sides.flatMap((text) =>
    axis === undefined
      ? [loadSide(text, database, selection)]
      : loadSidesOver(axis, text, database, selection),
  );
  const [first, ...rest] = loaded;
  const base = baseNamed === undefined ? first : loadSide(baseNamed, database, selection);
  // The base may be one of the sides, so that a list of them need not be written anew.
  const others = baseNamed === undefined ? rest : loaded.filter((side) => !isSame(side, base!));
  if (base && others.length > 0) return { base, others };
  throw new UserError(`there is nothing to compare ${base?.selector ?? 'the base'} with`, {
    hint: `name another side; ${SELECTOR_HINT}`,
  });
}

function isSame(a: LoadedSide, b: LoadedSide): boolean {
  const numbers = ({ cells }: LoadedSide) => cells.map(({ cell }) => cell).join();
  return a.made.sweep === b.made.sweep && numbers(a) === numbers(b);
}

/** @throws UserError when nothing, or nothing unambiguous, can be compared */
export function matchSides(
  { base, others }: LoadedSides,
  options: CompareSidesOptions,
): ComparedSides {
  const sides = [base, ...others];
  let compared: ComparedSides;
  try {
    compared = compareSides(base, others, options);
  } catch (error) {
    if (!(error instanceof AmbiguousCells)) throw error;
    const named = sides.map(({ selector }) => selector).join(' and ');
    const which = others.length === 1 ? '' : ` of ${sides[error.side]?.selector}`;
    throw new UserError(`${named} cannot be compared: ${error.message}${which}`, {
      hint: `narrow all sides by that axis, such as ipc=pipe and ipc=local; ${SELECTOR_HINT}`,
    });
  }
  const alone = others.find((_, side) => !compared.cells.some((cell) => cell.side === side));
  if (alone === undefined) return compared;
  const shared =
    options.apart.has('host') &&
    sides.some(({ cells }) => cells.some((cell) => cell.host_axis === 0));
  throw new UserError(`no cell of ${base.selector} has a counterpart in ${alone.selector}`, {
    hint: `cells belong together when they agree in every axis that no side names${
      shared ? '; where hosts share the cells of a sweep, each cell is made on one of them' : ''
    }`,
  });
}
