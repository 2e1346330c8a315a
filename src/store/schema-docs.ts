import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { Db } from './db.ts';
import { MIGRATIONS } from './migrations.ts';

/** A column of the database, as docs/database.md describes it. */
export interface DocumentedColumn {
  readonly name: string;
  readonly type: string;
  /** Empty if it has no unit. */
  readonly unit: string;
  /** Empty when no comment tells it. */
  readonly meaning: string;
}

export interface DocumentedTable {
  readonly name: string;
  readonly kind: 'table' | 'view';
  /** Empty when no comment tells it. */
  readonly meaning: string;
  readonly columns: readonly DocumentedColumn[];
}

/**
 * Lists every table and view of this version with its description from the comments of the schema.
 */
export function documentedTables(): readonly DocumentedTable[] {
  const db = new Database(':memory:');
  try {
    for (const migration of MIGRATIONS) db.exec(migration);
    const comments = commentLines();
    const before = commentsBefore();
    return db
      .prepare<[], { name: string; type: 'table' | 'view'; sql: string }>(
        "SELECT name, type, sql FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY rowid",
      )
      .all()
      .map(({ name, type, sql }) => ({
        name,
        kind: type,
        meaning: comments.get(name) ?? before.get(name) ?? '',
        columns: columnsOf(db, name, sql, comments),
      }));
  } finally {
    db.close();
  }
}

function columnsOf(
  db: Db,
  table: string,
  sql: string,
  comments: ReadonlyMap<string, string>,
): readonly DocumentedColumn[] {
  return db
    .prepare<[string], { name: string; type: string }>(
      'SELECT name, type FROM pragma_table_info(?)',
    )
    .all(table)
    .map(({ name, type }) => {
      const inline = new RegExp(`^  ${name} .*?-- (.*)$`, 'm').exec(sql)?.[1];
      const words = comments.get(`${table}.${name}`) ?? inline ?? comments.get(`*.${name}`) ?? '';
      const unit = unitOf(name);
      const [, meaning = '', told] = /^(.*?)(?: \[([^\]]*)\])?$/.exec(words)!;
      return {
        name,
        type: wordsOf(name, sql) ?? TYPES[type] ?? told ?? (unit.endsWith('/s') ? 'number' : ''),
        unit,
        meaning,
      };
    });
}

const TYPES: Readonly<Record<string, string>> = {
  INTEGER: 'whole number',
  INT: 'whole number',
  REAL: 'number',
  NUM: 'number',
  TEXT: 'text',
  BLOB: 'bytes',
  ANY: 'number or text',
};

/** The only values that a column may have, where its table limits them to a list. */
function wordsOf(name: string, sql: string): string | undefined {
  const list = new RegExp(`CHECK \\(${name} IN \\(([^)]*)\\)\\)`).exec(sql)?.[1];
  return list
    ?.split(',')
    .map((word) => `\`${word.trim().replaceAll("'", '')}\``)
    .join(', ');
}

const UNITS = [
  ['bytes_per_s', 'bytes/s'],
  ['mib_per_s', 'MiB/s'],
  ['bytes', 'bytes'],
  ['ns', 'ns'],
  ['ms', 'ms'],
  ['khz', 'kHz'],
] as const;

/** Units stand at the end of a column's name. */
function unitOf(name: string): string {
  return UNITS.find(([end]) => name === end || name.endsWith(`_${end}`))?.[1] ?? '';
}

/** The lines `-- name: meaning` of schema-comments.sql, by `table`, `table.column` or `*.column`. */
function commentLines(): ReadonlyMap<string, string> {
  const text = readFileSync(new URL('./schema-comments.sql', import.meta.url), 'utf8');
  return new Map(
    [...text.matchAll(/^-- ([*\w]+(?:\.\w+)?): (.*)$/gm)].map(([, key, words]) => [key!, words!]),
  );
}

/**
 * Reads the comment before the statement that makes each table or view. If it is made anew, the
 * last one counts.
 */
function commentsBefore(): ReadonlyMap<string, string> {
  const statements = MIGRATIONS.join('\n').matchAll(/((?:^--.*\n)+)CREATE (?:TABLE|VIEW) (\w+)/gm);
  return new Map(
    [...statements].map(([, comment, name]) => [
      name!,
      comment!
        .trim()
        .split('\n')
        .map((line) => line.replace(/^-- ?/, ''))
        .join(' '),
    ]),
  );
}
