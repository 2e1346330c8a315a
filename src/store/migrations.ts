import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { Db } from './db.ts';

/** Each entry takes a database from its index to the next `user_version`. */
export const MIGRATIONS: readonly string[] = [
  readFileSync(new URL('./schema.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./schema-2.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./schema-3.sql', import.meta.url), 'utf8'),
];

export const DATABASE_VERSION = MIGRATIONS.length;

/** `ipcS`, in the header of every database from version 2 on: bytes 68 to 71. */
export const APPLICATION_ID = 0x69706353;

export function versionOf(db: Db): number {
  return db.pragma('user_version', { simple: true }) as number;
}

/** Brings a database to this version and marks it as ours, in one transaction. */
export function migrate(db: Db): void {
  const id = db.pragma('application_id', { simple: true });
  if (versionOf(db) === DATABASE_VERSION && id === APPLICATION_ID) return;
  // A table that is made anew must not take with it the rows that refer to it.
  db.pragma('foreign_keys = OFF');
  db.transaction(() => {
    // First: the page that says whose it is must not be written before it does.
    db.pragma(`application_id = ${APPLICATION_ID}`);
    const version = versionOf(db);
    db.pragma(`user_version = ${DATABASE_VERSION}`);
    for (const migration of MIGRATIONS.slice(version)) db.exec(migration);
  }).immediate();
  db.pragma('foreign_keys = ON');
}

interface SchemaRow {
  readonly type: string;
  readonly name: string;
  readonly tbl_name: string;
  readonly sql: string | null;
}

/** What ANALYZE makes, which somebody may have run. */
const STATISTICS: ReadonlySet<string | null> = new Set([
  'CREATE TABLE sqlite_stat1(tbl,idx,stat)',
  'CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)',
]);

const SCHEMA = 'SELECT type, name, tbl_name, sql FROM sqlite_schema';
const textOf = ({ type, tbl_name: table, sql }: SchemaRow) => JSON.stringify([type, table, sql]);

/** The tables, views and indexes of a version: each name with all that its schema row says. */
export function schemaOf(version: number): ReadonlyMap<string, string> {
  const known = schemas.get(version);
  if (known) return known;
  const db = new Database(':memory:');
  try {
    for (const migration of MIGRATIONS.slice(0, version)) db.exec(migration);
    const rows = db.prepare<[], SchemaRow>(SCHEMA).all();
    const schema = new Map(rows.map((row) => [row.name, textOf(row)]));
    schemas.set(version, schema);
    return schema;
  } finally {
    db.close();
  }
}

const schemas = new Map<number, ReadonlyMap<string, string>>();

/**
 * What is not as a version's migrations make it. Whoever has made a database may have put a
 * trigger, or a view under one of our names, into it, which would run when we use it.
 * @returns what the first such part is, or undefined when everything is as it must be
 */
export function strangeIn(db: Db, version: number): string | undefined {
  const missing = new Map(schemaOf(version));
  for (const row of db.prepare<[], SchemaRow>(SCHEMA).iterate()) {
    if (row.type === 'table' && STATISTICS.has(row.sql)) continue;
    if (missing.get(row.name) !== textOf(row)) {
      const known = missing.has(row.name) ? 'is not as ipc-sweep makes it' : 'is not of ipc-sweep';
      return `its ${row.type} ${JSON.stringify(row.name)} ${known}`;
    }
    missing.delete(row.name);
  }
  const [name] = missing.keys();
  return name === undefined ? undefined : `it has no ${JSON.stringify(name)}`;
}

/** Tables of a database that are exactly those of a version. */
export function intactTables(db: Db, version: number): readonly string[] {
  const expected = schemaOf(version);
  const rows = db.prepare<[], SchemaRow>(`${SCHEMA} WHERE type = 'table'`).all();
  return rows.filter((row) => expected.get(row.name) === textOf(row)).map(({ name }) => name);
}
