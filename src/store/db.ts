import type Database from 'better-sqlite3';

/** An open database of sweeps. */
export type Db = Database.Database;

const originals = new WeakMap<Db, string>();

/** Remembers the file of which an open database is a copy. */
export function noteOriginal(copy: Db, file: string): void {
  originals.set(copy, file);
}

/**
 * Returns the name of a database's file for messages. If a copy is read, it is the name of the
 * original.
 */
export function fileOf(db: Db): string {
  return originals.get(db) ?? db.name;
}
