import type { Db } from './open.ts';

/**
 * Copies every row that can be read into a new database of the same version. A table is read from
 * its first row and from its last, each time up to the damage.
 */
export function salvageRows(damaged: Db, fresh: Db): void {
  for (const { name, wr } of tablesOf(fresh)) {
    const columns = fresh.pragma(`table_info(${name})`) as { name: string; pk: number }[];
    const own = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
    const key = wr === 1 ? own.map((column) => column.name) : ['rowid'];
    const places = columns.map(() => '?').join(', ');
    const insert = fresh.prepare(`INSERT OR IGNORE INTO ${name} VALUES (${places})`);
    for (const direction of ['ASC', 'DESC']) {
      const order = key.map((column) => `${column} ${direction}`).join(', ');
      copyUntilDamage(damaged, `SELECT * FROM ${name} ORDER BY ${order}`, (row) => insert.run(row));
    }
  }
}

function copyUntilDamage(damaged: Db, query: string, copy: (row: unknown[]) => void): void {
  try {
    for (const row of damaged.prepare(query).raw().safeIntegers().iterate()) copy(row as unknown[]);
  } catch (error) {
    if (!/^SQLITE_(CORRUPT|NOTADB|ERROR|IOERR)/.test((error as { code?: string }).code ?? ''))
      throw error;
  }
}

/** Removes rows whose parents could not be saved, and then theirs. */
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

function tablesOf(db: Db): readonly { name: string; wr: number }[] {
  const all = db.pragma('table_list') as { name: string; type: string; wr: number }[];
  return all.filter(({ name, type }) => type === 'table' && !name.startsWith('sqlite_'));
}
