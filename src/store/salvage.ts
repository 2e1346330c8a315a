import type { Statement } from 'better-sqlite3';
import { databaseId } from './database-identity.ts';
import { DATABASE_VERSION, intactTables, versionOf } from './migrations.ts';
import type { Db } from './open.ts';
import { tablesOf } from './tables-of.ts';

/**
 * Copies every row that can be read into a new database of the same version. A table is read from
 * its first row and from its last, each time up to the damage. Only tables that match ours exactly
 * are read: another one of that name may be a view, which would be executed.
 */
export function salvageRows(damaged: Db, fresh: Db): void {
  const intact = new Set(readUntilDamage(() => intactTables(damaged, versionOf(fresh))) ?? []);
  for (const { name, isWithoutRowid } of tablesOf(fresh).filter((table) =>
    intact.has(table.name),
  )) {
    const columns = fresh.pragma(`table_info(${name})`) as { name: string; pk: number }[];
    const own = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
    const key = isWithoutRowid ? own.map((column) => column.name) : ['rowid'];
    const places = columns.map(() => '?').join(', ');
    const insert = fresh.prepare(`INSERT OR IGNORE INTO ${name} VALUES (${places})`);
    for (const direction of ['ASC', 'DESC']) {
      const order = key.map((column) => `${column} ${direction}`).join(', ');
      const query = `SELECT * FROM ${name} ORDER BY ${order}`;
      readUntilDamage(() => {
        // Safe integers keep numbers from being rounded on the way.
        const rows = damaged.prepare(query).raw().safeIntegers().iterate();
        for (const row of rows) insertFitting(insert, row as unknown[]);
      });
    }
  }
}

/** Inserts a row if it fits: a damaged row may hold values that its table does not allow. */
function insertFitting(insert: Statement, row: unknown[]): void {
  try {
    insert.run(row);
  } catch (error) {
    if (!(error as { code?: string }).code?.startsWith('SQLITE_CONSTRAINT')) throw error;
  }
}

function readUntilDamage<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!/^SQLITE_(CORRUPT|NOTADB|ERROR|IOERR)/.test((error as { code?: string }).code ?? ''))
      throw error;
    return undefined;
  }
}

/** The identity of a damaged database, if it can still be read. */
export function salvagedIdentity(damaged: Db): string | undefined {
  return readUntilDamage(() => {
    const isThere = intactTables(damaged, DATABASE_VERSION).includes('database_identity');
    return isThere ? databaseId(damaged) : undefined;
  });
}

/** Removes rows whose parents could not be saved, and then their own children. */
export function removeOrphans(db: Db): void {
  let removed = 1;
  while (removed > 0) {
    removed = 0;
    for (const { name } of tablesOf(db)) {
      const parents = db.pragma(`foreign_key_list(${name})`) as Record<'table' | 'from', string>[];
      for (const { table, from } of parents) {
        const orphans = `DELETE FROM ${name} WHERE ${from} NOT IN (SELECT id FROM ${table})`;
        removed += db.prepare(orphans).run().changes;
      }
    }
  }
}
