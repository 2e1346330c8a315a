import { createHash } from 'node:crypto';
import type { Db } from './db.ts';

/** 32 hexadecimal digits that only this database and its copies have. */
export function databaseId(db: Db): string {
  const row = db.prepare<[], { id: string }>('SELECT id FROM database_identity').get();
  return row?.id ?? '';
}

/** Takes over the identity of the database from which this one was saved, replacing its own. */
export function inheritIdentity(db: Db, id: string): void {
  db.prepare('UPDATE database_identity SET id = ?').run(id);
}

/**
 * Makes an identity for a database of version 1, which had none: a hash of how its first sweep
 * began. The result is the same whenever the file is read, and when it is migrated.
 * @returns undefined if there is no sweep
 */
export function identityOfFirstVersion(db: Db): string | undefined {
  const first = db
    .prepare<[], Record<string, string | number | null>>(
      `SELECT sweep.name, identity, spec_text, seed, started_at, captured_at, host.name AS machine
       FROM sweep LEFT JOIN environment ON environment.sweep_id = sweep.id
       LEFT JOIN host ON host.id = host_id
       ORDER BY sweep.id, environment.id LIMIT 1`,
    )
    .get();
  if (first === undefined) return undefined;
  return createHash('sha256').update(JSON.stringify(first)).digest('hex').slice(0, 32);
}
