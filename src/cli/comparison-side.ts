import { quotedByCell } from '../analyse/bandwidths.ts';
import type { Side } from '../analyse/comparison.ts';
import { isNote, type SweepDoubt, sumUpDoubts } from '../analyse/doubts.ts';
import { featuresByCell } from '../analyse/features.ts';
import { UserError } from '../errors.ts';
import type { AxisName } from '../experiment/axes.ts';
import { cellBandwidths, runStateShares, runSyscalls, type Selection } from '../store/cell-data.ts';
import { databaseId } from '../store/database-identity.ts';
import { doubtCodesByCell, doubtRows } from '../store/doubt-rows.ts';
import {
  lastEnvironments,
  programHashKey,
  programOfHashKey,
  sharedFacts,
} from '../store/environment-rows.ts';
import { type Db, openForReading } from '../store/open.ts';
import { type CellProfile, cellProfiles } from '../store/profiles.ts';
import { isTracedSweep } from '../store/provenance.ts';
import {
  axisOf,
  type CellRow,
  cellsOf,
  chooseSweep,
  type SweepRow,
  stateBits,
} from '../store/reader.ts';
import { storageError } from '../store/storage-errors.ts';
import { sweepPrograms } from '../store/sweep-hosts.ts';
import { stateNames } from '../trace/pipe-state-bits.ts';
import { parseSelector, type Selector, withAxis } from './selector.ts';

/** A side, with the facts and doubts about its origin. */
export interface LoadedSide extends Side {
  /** The words that name it to `compare`. */
  readonly selector: string;
  /** The database, as it was named. */
  readonly file: string;
  /** The axes by which it was narrowed. */
  readonly narrowedBy: readonly AxisName[];
  readonly sweep: SweepRow;
  /** Whether its bandwidths were measured without a tracer. */
  readonly untraced: boolean;
  /** The facts that are the same in the last environments of all its hosts. */
  readonly facts: ReadonlyMap<string, string>;
  /** Doubts about the quoted runs of its cells, its machine, and missing parts of the sweep. */
  readonly sweepDoubts: readonly SweepDoubt[];
  /** The own names of the hosts of its cells, by their names in the spec. */
  readonly machines: ReadonlyMap<string, string>;
  /** The profiles of its cells. */
  readonly profiles: readonly CellProfile[];
}

/** Reads one side. @throws UserError when the database, the sweep or its cells do not exist */
export function loadSide(text: string, database: string, selection: Selection): LoadedSide {
  const selector = parseSelector(text);
  const file = selector.file ?? database;
  return reading(file, (db) => {
    const { sweep, cells } = cellsMeant(db, selector);
    const named = { selector: text, file, narrowedBy: [...selector.cells.keys()] };
    return sideOf(db, { sweep, cells }, named, readSweep(db, sweep, selection));
  });
}

/**
 * Reads a side for each value that an axis has in the named cells: programs in the order of the
 * spec, other values in that of the cells.
 * @throws UserError when the axis has one value there
 */
export function loadSidesOver(
  axis: AxisName,
  text: string,
  database: string,
  selection: Selection,
): readonly LoadedSide[] {
  const selector = parseSelector(text);
  const file = selector.file ?? database;
  return reading(file, (db) => {
    const { sweep, cells } = cellsMeant(db, selector);
    const values = valuesOf(db, sweep, cells, axis);
    if (values.length < 2) throw oneValue(axis, text);
    const read = readSweep(db, sweep, selection);
    return values.map((value) => {
      const own = cells.filter((cell) => axisOf(cell, axis) === value);
      const named = {
        selector: withAxis(text, selector.cells, axis, value),
        file,
        narrowedBy: [...selector.cells.keys(), axis],
      };
      return sideOf(db, { sweep, cells: own }, named, read);
    });
  });
}

function valuesOf(
  db: Db,
  sweep: SweepRow,
  cells: readonly CellRow[],
  axis: AxisName,
): readonly (string | number | boolean)[] {
  const made = new Set(cells.map((cell) => axisOf(cell, axis)));
  const inSpec = axis === 'program' ? sweepPrograms(db, sweep.id).map(({ name }) => name) : [];
  return [...new Set([...inSpec, ...made])].filter((value) => made.has(value));
}

function oneValue(axis: AxisName, text: string): UserError {
  if (axis === 'program') {
    return new UserError(`${text} names runs of one program only: expected two things to compare`, {
      hint: 'name both: `ipc-sweep compare A B`; only a sweep of several programs (benchmark.programs) can be named alone, or with `--over AXIS` one of several values of an axis',
    });
  }
  return new UserError(`the cells of ${text} all have the same ${axis}`, {
    hint: '`--over` takes an axis of which they have several values; `ipc-sweep status SWEEP` shows them',
  });
}

/** Opens a database, and reads a consistent snapshot of it. */
export function reading<T>(file: string, read: (db: Db) => T): T {
  const db = openForReading(file);
  try {
    db.exec('BEGIN');
    return read(db);
  } catch (error) {
    throw storageError(file, error);
  } finally {
    db.close();
  }
}

function cellsNamed({ cells }: Selector): string {
  return [...cells].map(([axis, value]) => `${axis}=${value}`).join(',');
}

/** The sweep that a side names, and the selected cells. @throws UserError when there are none */
export function cellsMeant(
  db: Db,
  selector: Selector,
): { readonly sweep: SweepRow; readonly cells: readonly CellRow[] } {
  const sweep = chooseSweep(db, selector.sweep);
  const cells = cellsOf(db, sweep.id).filter((cell) =>
    [...selector.cells].every(([axis, value]) => axisOf(cell, axis) === value),
  );
  if (cells.length === 0) {
    throw new UserError(
      `sweep ${sweep.name}-${sweep.id} has no cell with ${cellsNamed(selector)}`,
      {
        hint: '`ipc-sweep status SWEEP` shows its cells',
      },
    );
  }
  return { sweep, cells };
}

type NamedSide = Pick<LoadedSide, 'selector' | 'file' | 'narrowedBy'>;

/** The data that all sides of one sweep share; those of cells by the numbers of its cells. */
interface ReadSweep
  extends Pick<
    LoadedSide,
    'untraced' | 'runs' | 'made' | 'doubts' | 'syscalls' | 'pipeStates' | 'profiles'
  > {
  readonly selection: Selection;
}

function readSweep(db: Db, sweep: SweepRow, selection: Selection): ReadSweep {
  const bits = stateBits(db, sweep.id);
  const named = (row: { operation: string; state: number }) =>
    `${row.operation} ${stateNames(row.state, bits)}`;
  return {
    selection,
    untraced: sweep.controls === 1 || !isTracedSweep(db, sweep),
    runs: quotedByCell(cellBandwidths(db, sweep.id, selection), sweep),
    made: {
      sweep: `${databaseId(db)} ${sweep.id} ${sweep.started_at}`,
      order: sweep.run_order,
    },
    doubts: new Map(
      [...doubtCodesByCell(db, sweep.id, selection)].map(([cell, codes]) => [
        cell,
        codes.filter((code) => !isNote(code)),
      ]),
    ),
    syscalls: featuresByCell(
      runSyscalls(db, sweep.id, selection),
      ({ role, syscall }) => `${role} ${syscall}`,
      ({ count }) => count,
    ),
    pipeStates: featuresByCell(
      runStateShares(db, sweep.id, selection),
      named,
      ({ value }) => value,
    ),
    profiles: [...cellProfiles(db, sweep.id, selection)],
  };
}

function sideOf(
  db: Db,
  { sweep, cells }: Pick<LoadedSide, 'sweep' | 'cells'>,
  named: NamedSide,
  { selection, ...read }: ReadSweep,
): LoadedSide {
  const hosts = new Set(cells.map(({ host }) => host));
  const last = lastEnvironments(db, sweep.id);
  const environments = [...hosts].flatMap((host) => last.get(host) ?? []);
  return {
    ...named,
    ...{ sweep, cells },
    ...read,
    sweepDoubts: sumUpDoubts(
      doubtRows(db, sweep.id, { cells: cells.map(({ cell }) => cell), ...selection }),
    ).filter(({ note }) => !note),
    facts: ofOneProgram(sharedFacts(db, environments), cells),
    machines: new Map(environments.map(({ host, machine }) => [host, machine])),
  };
}

/** If one of several programs made all the cells, its hash is used for the side's benchmark. */
export function ofOneProgram(
  facts: ReadonlyMap<string, string>,
  cells: readonly CellRow[],
): ReadonlyMap<string, string> {
  const [program = '', ...others] = new Set(cells.map((cell) => cell.program));
  if (program === '' || others.length > 0) return facts;
  const hash = facts.get(programHashKey(program));
  const rest = [...facts].filter(([key]) => programOfHashKey(key) === undefined);
  return new Map(hash === undefined ? rest : [...rest, [programHashKey(''), hash]]);
}
