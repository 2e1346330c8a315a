import type { Db } from './open.ts';

/** 32 hexadecimal digits that only this database and its copies have. */
export function databaseId(db: Db): string {
  const row = db.prepare<[], { id: string }>('SELECT id FROM database_identity').get();
  return row?.id ?? '';
}

/** Takes over the identity of the database from which this one was saved, replacing its own. */
export function inheritIdentity(db: Db, id: string): void {
  db.prepare('UPDATE database_identity SET id = ?').run(id);
}
