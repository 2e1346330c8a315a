import { databaseId } from '../database-identity.ts';
import type { Db } from '../db.ts';

/** A sweep in the database in which it was made. */
export interface SweepOrigin {
  /** The identity of the database. */
  readonly database: string;
  /** The sweep's id there. */
  readonly originalId: number;
  /**
   * Tells apart sweeps that had the same id in two copies of a database. It is the time when the
   * sweep was started, or the identity of an import.
   */
  readonly mark: string;
  /** The database as it was named when the sweep was first merged. */
  readonly file: string;
  /** Whether it was joined with others of the same experiment. */
  readonly asOne: boolean;
}

/** An origin as a row of its database, by whose id environments refer to it. */
export interface StoredOrigin extends SweepOrigin {
  /** Undefined for the database in which the sweep was made. */
  readonly id: number | undefined;
}

const MARK = "CASE started_at WHEN '' THEN identity ELSE started_at END";

/**
 * Returns where a sweep was made. A sweep that was joined from several has several origins.
 * @param file the name of its database
 */
export function originsOf(db: Db, sweepId: number, file: string): readonly StoredOrigin[] {
  const stored = storedOrigins(db, sweepId);
  if (stored.length > 0) return stored;
  const mark = db
    .prepare<[number], string>(`SELECT ${MARK} FROM sweep WHERE id = ?`)
    .pluck()
    .get(sweepId)!;
  return [
    { id: undefined, database: databaseId(db), originalId: sweepId, mark, file, asOne: false },
  ];
}

/** The origins of a sweep that was merged; none for a sweep that was made in its database. */
export function storedOrigins(db: Db, sweepId: number): readonly StoredOrigin[] {
  return db
    .prepare<[number], Omit<StoredOrigin, 'asOne'> & { asOne: number }>(
      `SELECT id, database, original_id AS originalId, mark, file, as_one AS asOne
       FROM sweep_origin WHERE sweep_id = ? ORDER BY id`,
    )
    .all(sweepId)
    .map((row) => ({ ...row, asOne: row.asOne === 1 }));
}

/** A stored origin, and the sweep that was merged from it. */
export interface Merged {
  readonly id: number;
  readonly sweepId: number;
  readonly asOne: boolean;
}

/** Finds out whether an origin has been merged. */
export function sweepFrom(db: Db, { database, originalId, mark }: SweepOrigin): Merged | undefined {
  const row = db
    .prepare<[string, number, string], Omit<Merged, 'asOne'> & { asOne: number }>(
      `SELECT id, sweep_id AS sweepId, as_one AS asOne FROM sweep_origin
       WHERE database = ? AND original_id = ? AND mark = ?`,
    )
    .get(database, originalId, mark);
  return row && { ...row, asOne: row.asOne === 1 };
}

/** Whether an origin is this database itself, and the sweep is still there. */
export function isOwn(db: Db, { database, originalId, mark }: SweepOrigin): boolean {
  if (database !== databaseId(db)) return false;
  const found = db
    .prepare<[number], { mark: string }>(
      `SELECT ${MARK} AS mark FROM sweep WHERE id = ?
         AND NOT EXISTS (SELECT 1 FROM sweep_origin WHERE sweep_id = sweep.id)`,
    )
    .get(originalId);
  return found?.mark === mark;
}

/** @returns the id of the stored origin */
export function recordOrigin(db: Db, sweepId: number, origin: SweepOrigin): number {
  const { lastInsertRowid } = db
    .prepare(
      `INSERT INTO sweep_origin (sweep_id, database, original_id, mark, file, as_one)
       VALUES (@sweepId, @database, @originalId, @mark, @file, @asOne)`,
    )
    .run({ ...origin, id: null, asOne: Number(origin.asOne), sweepId });
  return Number(lastInsertRowid);
}

/** Returns where each merged sweep was made, by the sweep's id. */
export function allOrigins(db: Db): ReadonlyMap<number, readonly SweepOrigin[]> {
  const rows = db
    .prepare<[], Omit<SweepOrigin, 'asOne'> & { sweepId: number; asOne: number }>(
      `SELECT sweep_id AS sweepId, database, original_id AS originalId, mark, file, as_one AS asOne
       FROM sweep_origin ORDER BY id`,
    )
    .all();
  const origins = new Map<number, SweepOrigin[]>();
  for (const { sweepId, asOne, ...row } of rows) {
    const own = origins.get(sweepId) ?? [];
    own.push({ ...row, asOne: asOne === 1 });
    origins.set(sweepId, own);
  }
  return origins;
}

/** Names that `run` gives to databases and their folders. They tell no database from another. */
const USUAL: ReadonlySet<string> = new Set(['ipc-sweep', 'results', '.', '..', '']);

/** The parts of a database's path that can name it, the most telling one first. */
export function namesOfOrigin(file: string): readonly [string, ...string[]] {
  const parts = file.split('/').toReversed();
  const [last = file] = parts;
  const names = [last.replace(/\.(db|sqlite3?)$/, ''), ...parts.slice(1)];
  const telling = names.filter((name) => !USUAL.has(name));
  const [first = names[0]!, ...others] = telling;
  return [first, ...others, last];
}

/**
 * Finds a name for each origin that no other database has, if there is one: the folder `alice` for
 * `alice/lab.db` when there is `bob/lab.db`, too.
 */
export function tellingNames(
  origins: ReadonlyMap<number, readonly SweepOrigin[]>,
): (origin: SweepOrigin) => string {
  const databases = new Map<string, Set<string>>();
  for (const { database, file } of [...origins.values()].flat()) {
    for (const name of namesOfOrigin(file)) {
      databases.set(name, (databases.get(name) ?? new Set()).add(database));
    }
  }
  return ({ file }) => {
    const names = namesOfOrigin(file);
    return names.find((name) => databases.get(name)?.size === 1) ?? names[0];
  };
}

/** The database in which an environment of a merged sweep was captured, and the sweep's id there. */
export type EnvironmentOrigin = Pick<SweepOrigin, 'database' | 'originalId' | 'file'>;

export function environmentOrigins(
  db: Db,
  sweepId: number,
): ReadonlyMap<number, EnvironmentOrigin> {
  const rows = db
    .prepare<[number], EnvironmentOrigin & { id: number }>(
      `SELECT environment_id AS id, database, sweep_origin.original_id AS originalId, file
       FROM environment_origin JOIN sweep_origin ON sweep_origin.id = origin_id
       WHERE sweep_id = ?`,
    )
    .all(sweepId);
  return new Map(rows.map(({ id, ...origin }) => [id, origin]));
}

/** The origins of a merged sweep, each with the machines that its runs were made on. */
export function originsWithMachines(
  db: Db,
  sweepId: number,
): readonly (SweepOrigin & { readonly machines: readonly string[] })[] {
  const rows = db
    .prepare<[number], { id: number; machine: string }>(
      `SELECT DISTINCT origin_id AS id, host.name AS machine
       FROM environment_origin JOIN environment ON environment.id = environment_id
       JOIN host ON host.id = host_id WHERE sweep_id = ? ORDER BY host.name`,
    )
    .all(sweepId);
  return storedOrigins(db, sweepId).map((origin) => ({
    ...origin,
    machines: rows.filter(({ id }) => id === origin.id).map(({ machine }) => machine),
  }));
}
