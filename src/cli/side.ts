import { quotedByCell } from '../analyse/bandwidths.ts';
import { axisOf, type Side } from '../analyse/comparison.ts';
import { isNote, type SweepDoubt, sumUpDoubts } from '../analyse/doubts.ts';
import { featuresByCell } from '../analyse/features.ts';
import { UserError } from '../errors.ts';
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
import { isTracedSweep } from '../store/provenance.ts';
import { type CellRow, cellsOf, chooseSweep, type SweepRow, stateBits } from '../store/reader.ts';
import { storageError } from '../store/storage-errors.ts';
import { sweepPrograms } from '../store/sweep-hosts.ts';
import { stateNames } from '../trace/pipe-state-bits.ts';
import { parseSelector, type Selector, withProgram } from './selector.ts';

/** A side, with the facts and doubts about its origin. */
export interface LoadedSide extends Side {
  /** Words for it, which are its selector if it has one. */
  readonly label: string;
  /** The words that name it to `compare`; undefined if no one selector names all its programs. */
  readonly selector: string | undefined;
  readonly sweep: SweepRow;
  /** Whether its bandwidths were measured without a tracer. */
  readonly untraced: boolean;
  /** The facts that are the same in the last environments of all its hosts. */
  readonly facts: ReadonlyMap<string, string>;
  /** Doubts about the quoted runs of its cells, its machine, and missing parts of the sweep. */
  readonly sweepDoubts: readonly SweepDoubt[];
  /** The own names of the hosts of its cells, by their names in the spec. */
  readonly machines: ReadonlyMap<string, string>;
}

type NamedSide = Pick<LoadedSide, 'label' | 'selector'>;

/** @throws UserError when the database, the sweep or its cells do not exist */
export function loadSide(text: string, database: string, selection: Selection): LoadedSide {
  const selector = parseSelector(text);
  return reading(selector.file ?? database, (db) => {
    const { sweep, cells } = cellsMeant(db, selector);
    return readSide(db, sweep, cells, { label: text, selector: text }, selection);
  });
}

/** The first program of a sweep that compares several, and the others. */
export interface LoadedPrograms {
  readonly first: LoadedSide;
  readonly others: LoadedSide;
}

/** @throws UserError when the named cells are not made by several programs */
export function loadPrograms(text: string, database: string, selection: Selection): LoadedPrograms {
  const selector = parseSelector(text);
  return reading(selector.file ?? database, (db) => {
    const { sweep, cells } = cellsMeant(db, selector);
    const inSpec = sweepPrograms(db, sweep.id).map(({ name }) => name);
    const made = new Set(cells.map(({ program }) => program));
    const [first, ...others] = [...new Set([...inSpec, ...made])].filter((name) => made.has(name));
    if (first === undefined || others.length === 0) {
      throw new UserError(`${text} names runs of one program: two things to compare are expected`, {
        hint: 'name both: `ipc-sweep compare A B`; only a sweep of several programs (benchmark.programs) can be named alone',
      });
    }
    const narrowed = (names: readonly string[]) => {
      const own = cells.filter(({ program }) => names.includes(program));
      return readSide(db, sweep, own, namedBy(text, selector, names), selection);
    };
    return { first: narrowed([first]), others: narrowed(others) };
  });
}

/** Names some of the programs that a selector leaves. */
function namedBy(text: string, { cells }: Selector, programs: readonly string[]): NamedSide {
  const [first = '', ...others] = programs;
  if (others.length > 0) {
    const last = others.pop();
    const names = `${[first, ...others].join(', ')} and ${last}`;
    return { label: `${text}, programs ${names}`, selector: undefined };
  }
  const selector = withProgram(text, cells, first);
  return { label: selector, selector };
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

function readSide(
  db: Db,
  sweep: SweepRow,
  cells: readonly CellRow[],
  naming: NamedSide,
  selection: Selection,
): LoadedSide {
  const bits = stateBits(db, sweep.id);
  const named = (row: { operation: string; state: number }) =>
    `${row.operation} ${stateNames(row.state, bits)}`;
  const names = new Set(cells.map(({ host }) => host));
  const last = lastEnvironments(db, sweep.id);
  const environments = [...names].flatMap((host) => last.get(host) ?? []);
  return {
    ...naming,
    sweep,
    untraced: sweep.controls === 1 || !isTracedSweep(db, sweep),
    cells,
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
