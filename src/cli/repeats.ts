import { quotedByCell } from '../analyse/bandwidths.ts';
import { environmentDifferences } from '../analyse/environment-differences.ts';
import { type SessionDeviation, sessionDeviation } from '../analyse/session-deviation.ts';
import { UserError } from '../errors.ts';
import { cellKey } from '../experiment/cell.ts';
import { cellBandwidths, type Selection } from '../store/cell-data.ts';
import { lastEnvironments, sharedFacts } from '../store/environment-rows.ts';
import type { Db } from '../store/open.ts';
import { type CellRow, cellOf, cellsOf, repeatsOf, type SweepRow } from '../store/reader.ts';
import { machinesOf } from '../store/sweep-hosts.ts';
import { cellsMeant, reading } from './comparison-side.ts';
import { parseSelector } from './selector.ts';

/** Sweeps of the same thing, repeated on the same machine, and how much they differ. */
export interface Repeats {
  readonly label: string;
  /** The sweeps, oldest first. */
  readonly sweeps: readonly SweepRow[];
  /** Sweeps under the same conditions that are not repeats, each with the reason. */
  readonly leftOut: readonly { readonly sweep: SweepRow; readonly why: string }[];
  /** The machines' own names. */
  readonly machines: readonly string[];
  readonly deviation: SessionDeviation;
}

/**
 * Measures how much sweeps like the named one differ from each other.
 * @param least the number of sweeps needed
 * @throws UserError when there are fewer, with advice on how to make more
 */
export function loadRepeats(
  text: string,
  database: string,
  selection: Selection,
  least: number,
): Repeats {
  const selector = parseSelector(text);
  return reading(selector.file ?? database, (db) => {
    const { sweep: named, cells } = cellsMeant(db, selector);
    const all = repeatsOf(db, named.id).map((sweep) => ({ sweep, ...placeOf(db, sweep) }));
    // The others must match the newest complete sweep.
    const newest = all.findLast(({ sweep }) => sweep.state === 'ended');
    const judged = all.map((each) => ({ sweep: each.sweep, why: newest && unlike(each, newest) }));
    const sweeps = judged.filter(({ why }) => why === undefined).map(({ sweep }) => sweep);
    const leftOut = judged.flatMap(({ sweep, why }) => (why === undefined ? [] : [{ sweep, why }]));
    if (newest === undefined || sweeps.length < least) {
      throw tooFew(named, newest ? sweeps.length : 0, leftOut, least);
    }
    const deviation = sessionDeviation(valuesOf(db, sweeps, cells, selection));
    if (deviation === undefined) {
      throw new UserError(`${text}: no cell has five good runs in each of two sweeps`, {
        hint: '`ipc-sweep status SWEEP` shows how its runs ended',
      });
    }
    return { label: text, sweeps, leftOut, machines: newest.machines, deviation };
  });
}

interface Place {
  readonly machines: readonly string[];
  readonly facts: ReadonlyMap<string, string>;
}

function placeOf(db: Db, { id }: SweepRow): Place {
  return {
    machines: machinesOf(db, id),
    facts: sharedFacts(db, [...lastEnvironments(db, id).values()]),
  };
}

/** The reason why a sweep is not a repeat of another one; undefined if it is. */
function unlike({ sweep, ...own }: Place & { sweep: SweepRow }, other: Place): string | undefined {
  if (sweep.state !== 'ended') return `it is ${sweep.state}`;
  if (own.machines.join() !== other.machines.join()) {
    return `it was made on ${own.machines.join(', ')}`;
  }
  return environmentDifferences(own.facts, other.facts)[0]?.message;
}

function tooFew(
  { name }: SweepRow,
  found: number,
  leftOut: Repeats['leftOut'],
  least: number,
): UserError {
  const others = leftOut.map(
    ({ sweep, why }) => `${sweep.name}-${sweep.id} does not count: ${why}`,
  );
  const said = others.length === 0 ? '' : ` (${others.slice(0, 3).join('; ')})`;
  return new UserError(
    `how far sweeps of ${name} differ takes ${least} complete ones on one machine, and there ${
      found === 1 ? 'is 1' : `are ${found}`
    }${said}`,
    { hint: 'make it again, with some time between: `ipc-sweep run SPEC --fresh`' },
  );
}

/** For each cell, the bandwidths of each sweep. */
function valuesOf(
  db: Db,
  sweeps: readonly SweepRow[],
  cells: readonly CellRow[],
  selection: Selection,
): readonly (readonly (readonly number[])[])[] {
  const keyOf = (cell: CellRow) => cellKey(cellOf(cell));
  const made = sweeps.map((sweep) => {
    const runs = quotedByCell(cellBandwidths(db, sweep.id, selection), sweep);
    return new Map(cellsOf(db, sweep.id).map((cell) => [keyOf(cell), runs.get(cell.cell) ?? []]));
  });
  return cells.map((cell) =>
    made.map((runs) => (runs.get(keyOf(cell)) ?? []).map(({ bandwidth }) => bandwidth)),
  );
}
