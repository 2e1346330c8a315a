import type { Db } from './open.ts';

/** 32 hexadecimal digits that this database alone has, and its copies. */
export function databaseId(db: Db): string {
  const row = db.prepare<[], { id: string }>('SELECT id FROM database_identity').get();
  return row?.id ?? '';
}

/** Takes up the identity of the database that this one is saved from, instead of its own. */
export function inheritIdentity(db: Db, id: string): void {
  db.prepare('UPDATE database_identity SET id = ?').run(id);
}
