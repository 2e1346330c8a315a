import { databaseId } from '../database-identity.ts';
import type { Db } from '../db.ts';

/** A sweep in the database in which it was made. */
export interface SweepOrigin {
  /** The identity of the database. */
  readonly database: string;
  /** The sweep's id there. */
  readonly originalId: number;
  /**
   * Tells sweeps apart that had the same id in two copies of a database: when the sweep was started,
   * or the identity of an import.
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

/** Where a sweep was made, by how many origins it has. @param file the name of its database */
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

/** The sweep that was merged from an origin, if any, and the id of the origin there. */
export function sweepFrom(
  db: Db,
  { database, originalId, mark }: SweepOrigin,
): { readonly id: number; readonly sweepId: number } | undefined {
  return db
    .prepare<[string, number, string], { id: number; sweepId: number }>(
      `SELECT id, sweep_id AS sweepId FROM sweep_origin
       WHERE database = ? AND original_id = ? AND mark = ?`,
    )
    .get(database, originalId, mark);
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
