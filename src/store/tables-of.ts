import type { Db } from './db.ts';

/** A table of a database, and whether it has no row numbers beside its primary key. */
export interface ListedTable {
  readonly name: string;
  readonly isWithoutRowid: boolean;
}

/** The tables of a database, without those of SQLite. */
export function tablesOf(db: Db): readonly ListedTable[] {
  const all = db.pragma('table_list') as { name: string; type: string; wr: number }[];
  return all
    .filter(({ name, type }) => type === 'table' && !name.startsWith('sqlite_'))
    .map(({ name, wr }) => ({ name, isWithoutRowid: wr === 1 }));
}
