import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { identityOfFirstVersion, inheritIdentity } from './database-identity.ts';
import type { Db } from './db.ts';

/** Each entry takes a database from its index to the next `user_version`. */
export const MIGRATIONS: readonly string[] = [
  readFileSync(new URL('./schema.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./schema-2.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./schema-3.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./schema-4.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./schema-5.sql', import.meta.url), 'utf8'),
];

export const DATABASE_VERSION = MIGRATIONS.length;

/**
 * The SHA-256 of {@link schemaOf} for this version. Every command opens a database, and making the
 * schema to compare it would take some milliseconds. A test prints the value that belongs here.
 */
export const SCHEMA_SHA256 = '649bf0913889237a5f8421a1dfd92ae6643c6acbea2c1c37eecdb02edf81cb3c';

/** `ipcS`, in the header of every database from version 2 on: bytes 68 to 71. */
export const APPLICATION_ID = 0x69706353;

export function versionOf(db: Db): number {
  return db.pragma('user_version', { simple: true }) as number;
}

/** Brings a database to this version and marks it as ours, in one transaction. */
export function migrate(db: Db): void {
  const id = db.pragma('application_id', { simple: true });
  if (versionOf(db) === DATABASE_VERSION && id === APPLICATION_ID) return;
  // Recreating a table must not delete the rows that refer to it.
  db.pragma('foreign_keys = OFF');
  db.transaction(() => {
    // This comes first, so that the page that marks the database as ours is never written later
    // than the version.
    db.pragma(`application_id = ${APPLICATION_ID}`);
    const version = versionOf(db);
    db.pragma(`user_version = ${DATABASE_VERSION}`);
    for (const migration of MIGRATIONS.slice(version)) db.exec(migration);
    const id = version === 1 ? identityOfFirstVersion(db) : undefined;
    if (id !== undefined) inheritIdentity(db, id);
  }).immediate();
  db.pragma('foreign_keys = ON');
}

interface SchemaRow {
  readonly type: string;
  readonly name: string;
  readonly tbl_name: string;
  readonly sql: string | null;
}

/** Tables that ANALYZE makes; somebody may have run it. */
const STATISTICS: ReadonlySet<string | null> = new Set([
  'CREATE TABLE sqlite_stat1(tbl,idx,stat)',
  'CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)',
]);

const SCHEMA = 'SELECT type, name, tbl_name, sql FROM sqlite_schema';
const textOf = ({ type, tbl_name: table, sql }: SchemaRow) => JSON.stringify([type, table, sql]);

/** The tables, views and indexes of a version: each name with everything in its schema row. */
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
 * Finds anything that differs from what a version's migrations make. The creator of a database may
 * have put a trigger into it, or a view under one of our names, which would run when we use it.
 * @returns a description of the first such part, or undefined when there is none
 */
export function strangeIn(db: Db, version: number): string | undefined {
  if (version === DATABASE_VERSION && isThisSchema(db)) return undefined;
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

/** Ours has some dozens of rows; a hostile one can have millions, which are not to be read at once. */
const MOST_ROWS = 1000;

function isThisSchema(db: Db): boolean {
  const rows = db.prepare<[], SchemaRow>(`${SCHEMA} LIMIT ${MOST_ROWS}`).all();
  return schemaSha256(rows.map((row) => [row.name, textOf(row)])) === SCHEMA_SHA256;
}

/** @param rows each name with everything in its schema row, in any order */
export function schemaSha256(rows: Iterable<readonly [name: string, text: string]>): string {
  return createHash('sha256')
    .update(JSON.stringify([...rows].sort()))
    .digest('hex');
}

/** The tables of a database that match those of a version exactly. */
export function intactTables(db: Db, version: number): readonly string[] {
  const expected = schemaOf(version);
  const rows = db.prepare<[], SchemaRow>(`${SCHEMA} WHERE type = 'table'`).all();
  return rows.filter((row) => expected.get(row.name) === textOf(row)).map(({ name }) => name);
}
