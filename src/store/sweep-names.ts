import Database from 'better-sqlite3';
import { AXIS, MATRIX_AXES, type MatrixAxisName } from '../experiment/axes.ts';
import { SWEEP_NAME } from '../experiment/sweep-name.ts';
import { versionOf } from './migrations.ts';
import { harden, recognise, requireOurSchema } from './recognise.ts';

/** How long to wait for a lock, in ms. It is short because somebody has pressed a key and waits. */
const PATIENCE_MS = 200;
const MOST_SWEEPS = 500;
const MOST_CELLS = 10_000;

/** A sweep as its name and number tell it apart from the others. */
export interface NamedSweep {
  readonly id: number;
  readonly name: string;
}

/** The stored values of a cell on the axes of the matrix, of any type. */
export type StoredAxes = Readonly<Record<MatrixAxisName, unknown>>;

/** The names in a database, for the completion of words. */
export interface SweepNames {
  /** The newest first. */
  readonly sweeps: readonly NamedSweep[];
  /** The values may be of any type, because nothing has checked them. */
  readonly cellsOf: (sweepId: number) => readonly StoredAxes[];
}

/**
 * Reads the names in a database, without looking at all its rows. Rows that ipc-sweep never writes
 * are left out.
 * @returns undefined if there is no database, or one that ipc-sweep would not use
 */
export function sweepNames<T>(file: string, use: (names: SweepNames) => T): T | undefined {
  let db: Database.Database | undefined;
  try {
    if (!recognise(file, 'read')) return undefined;
    db = new Database(file, { readonly: true, fileMustExist: true, timeout: PATIENCE_MS });
    harden(db);
    requireOurSchema(db, file);
    if (versionOf(db) < 1) return undefined;
    return use({ sweeps: sweepsIn(db), cellsOf: (id) => cellsIn(db!, id) });
  } catch {
    // If something is wrong with it, the command says so once it is started.
    return undefined;
  } finally {
    db?.close();
  }
}

function sweepsIn(db: Database.Database): readonly NamedSweep[] {
  return db
    .prepare<[number], { id: unknown; name: unknown }>(
      'SELECT id, substr(name, 1, 100) AS name FROM sweep ORDER BY id DESC LIMIT ?',
    )
    .all(MOST_SWEEPS)
    .flatMap(({ id, name }) =>
      typeof id === 'number' && typeof name === 'string' && SWEEP_NAME.test(name)
        ? [{ id, name }]
        : [],
    );
}

function cellsIn(db: Database.Database, sweepId: number): readonly StoredAxes[] {
  const columns = MATRIX_AXES.map((axis) => {
    const { kind, column } = AXIS[axis];
    return `${kind === 'word' ? `substr(${column}, 1, 20)` : column} AS ${axis}`;
  });
  return db
    .prepare<[number, number], StoredAxes>(
      `SELECT DISTINCT ${columns.join(', ')}
       FROM (SELECT * FROM cell WHERE sweep_id = ? AND asked = 1 LIMIT ?)`,
    )
    .all(sweepId, MOST_CELLS);
}
