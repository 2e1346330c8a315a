import type { Db } from './db.ts';

/** The names of a database's tables, without those of SQLite. */
export function tablesOf(db: Db): readonly string[] {
  const all = db.pragma('table_list') as { name: string; type: string }[];
  return all
    .filter(({ name, type }) => type === 'table' && !name.startsWith('sqlite_'))
    .map(({ name }) => name);
}
