import { statSync } from 'node:fs';
import { ExitCode, UserError } from '../errors.ts';
import { AXIS, axesOfKinds } from '../experiment/axes.ts';
import type { Db } from './db.ts';

/** A condition that a column must meet, as SQL and in words. */
interface Rule {
  readonly column: string;
  readonly holds: string;
  readonly expected: string;
}

interface TableRules {
  readonly table: string;
  /** The columns that tell its rows apart. */
  readonly key: readonly string[];
  readonly rules: readonly Rule[];
}

/** JavaScript rounds anything larger. */
const EXACT = Number.MAX_SAFE_INTEGER;
const LARGEST = Number.MAX_VALUE;

/** Tables with values of users' scripts, which may be any 64-bit value that a kernel counts. */
const ANY_INTEGER: ReadonlySet<string> = new Set(['aggregation']);

/** No text of ours comes near this. A longer one is not read, because it would fill the memory. */
const MOST_TEXT_BYTES = 16 * 1024 * 1024;

const words = (list: readonly string[]) => list.map((word) => `'${word}'`).join(', ');

/** The most keys of an aggregation, because each becomes a column of a table. */
const MOST_KEYS = 10_000;

/** Rules that the schema does not state, and that only the writer keeps. */
const MORE: Readonly<Record<string, readonly Rule[]>> = {
  cell: [
    ...axesOfKinds('size').map((axis) => ({
      column: AXIS[axis].column,
      holds: `${AXIS[axis].column} >= 1`,
      expected: 'a size above 0',
    })),
    ...axesOfKinds('word').map((axis) => ({
      column: AXIS[axis].column,
      holds: `${AXIS[axis].column} IN (${words(AXIS[axis].words)})`,
      expected: AXIS[axis].words.join(', '),
    })),
    {
      column: 'program',
      holds: "program NOT GLOB '*[^A-Za-z0-9_-]*'",
      expected: 'a name of letters, digits, dash and underscore, or none',
    },
  ],
  aggregation_key: [
    {
      column: 'position',
      holds: `position BETWEEN 1 AND ${MOST_KEYS}`,
      expected: `a place from 1 to ${MOST_KEYS}`,
    },
  ],
};

/** Files that this process has already checked: anything later was written by another ipc-sweep. */
const seen = new Set<string>();

/**
 * Checks every row of a database whose schema is ours, once. SQLite enforces the types of STRICT
 * tables only while it writes: a file that somebody has made, or a disk has changed, can hold
 * anything, and no reader is prepared for that.
 * @throws UserError naming the first row with a value that ipc-sweep never writes
 */
export function requireSoundRows(db: Db, file: string): void {
  const { dev, ino, birthtimeNs } = statSync(file, { bigint: true });
  // After a file is deleted, another one may get its inode number.
  const key = `${dev}:${ino}:${birthtimeNs}`;
  if (seen.has(key)) return;
  for (const table of rulesOf(db)) requireSoundTable(db, file, table);
  seen.add(key);
}

/** The tables in which rows have lost the rows that they belong to. */
export function orphanedTables(db: Db): readonly string[] {
  return db
    .prepare<[], string>('SELECT DISTINCT "table" FROM pragma_foreign_key_check ORDER BY 1')
    .pluck()
    .all();
}

/**
 * Makes sure that every row has the row it belongs to. SQLite gives the id of a deleted last row to
 * the next new one, which would then own the rows that the old one left behind.
 * @throws UserError naming a table with rows that have none
 */
export function requireNoOrphans(db: Db, file: string): void {
  const [table] = orphanedTables(db);
  if (table === undefined) return;
  throw new UserError(`${file} is damaged: rows of ${table} have lost the rows they belong to`, {
    hint: `somebody or a failing disk has removed rows; \`ipc-sweep doctor --db ${file}\` saves the others in a new file`,
    exitCode: ExitCode.machine,
  });
}

function requireSoundTable(db: Db, file: string, { table, key, rules }: TableRules): void {
  const sound = rules.map(({ holds }) => `(${holds})`).join(' AND ');
  const place = key
    .map((column) => `'${column} ' || quote(${beginning(column)})`)
    .join(` || ', ' || `);
  const broken = rules.map(({ holds }, at) => `WHEN (${holds}) IS NOT TRUE THEN ${at}`).join(' ');
  const found = db
    .prepare<[], { place: string; rule: number }>(
      `SELECT substr(${place}, 1, 200) AS place, CASE ${broken} END AS rule
       FROM ${table} WHERE (${sound}) IS NOT TRUE LIMIT 1`,
    )
    .get();
  if (!found) return;
  const { column, expected } = rules[found.rule]!;
  throw new UserError(
    `${file}: the row of ${table} with ${found.place} has a wrong ${column}: expected ${expected}`,
    {
      hint: 'ipc-sweep never writes that: somebody or a failing disk has changed the file; do not trust it',
      exitCode: ExitCode.machine,
    },
  );
}

/** SQLite cannot quote a value of hundreds of megabytes. */
function beginning(column: string): string {
  return `iif(typeof(${column}) IN ('text', 'blob'), substr(${column}, 1, 200), ${column})`;
}

let known: readonly TableRules[] | undefined;

/** The rules for types, words and limits that the tables declare; all our databases have the same. */
function rulesOf(db: Db): readonly TableRules[] {
  known ??= readRules(db);
  return known;
}

function readRules(db: Db): readonly TableRules[] {
  const tables = db
    .prepare<[], { name: string; sql: string }>(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*'",
    )
    .all();
  return tables.map(({ name, sql }) => {
    const columns = db.pragma(`table_info(${name})`) as ColumnInfo[];
    const key = columns.filter(({ pk }) => pk > 0).map((column) => column.name);
    return {
      table: name,
      key: key.length > 0 ? key : ['rowid'],
      rules: [
        ...columns.map((column) => typeRule(name, column)),
        ...[...sql.replace(/--.*/g, '').matchAll(CHECK)].map(([, holds = '']) => ({
          column: columns.find((one) => holds.match(/\w+/g)?.includes(one.name))?.name ?? '',
          holds,
          expected: holds.replace(/\s+/g, ' '),
        })),
        ...(MORE[name] ?? []),
      ],
    };
  });
}

/** Matches a CHECK with brackets in it, nested one level deep. */
const CHECK = /\bCHECK\s*\(((?:[^()]|\([^()]*\))*)\)/g;

interface ColumnInfo {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly pk: number;
}

const TYPES = {
  INTEGER: { is: 'integer', words: 'a whole number' },
  REAL: { is: 'real', words: 'a number' },
  TEXT: { is: 'text', words: 'text of at most 16 MiB' },
  BLOB: { is: 'blob', words: 'bytes' },
} as const;

function typeRule(table: string, { name, type, notnull, pk }: ColumnInfo): Rule {
  // The schema itself says what such a column may hold.
  if (type === 'ANY') return { column: name, holds: 'TRUE', expected: 'a value' };
  const { is, words: kind } = TYPES[type as keyof typeof TYPES];
  const expected = name === 'count' ? `${kind} from 0 on` : kind;
  const [least, most] =
    type === 'REAL' ? [-LARGEST, LARGEST] : [name === 'count' ? 0 : -EXACT, EXACT];
  const limited = type === 'REAL' || (type === 'INTEGER' && !ANY_INTEGER.has(table));
  const limits = [
    ...(limited ? [`${name} BETWEEN ${least} AND ${most}`] : []),
    ...(type === 'TEXT' ? [`octet_length(${name}) <= ${MOST_TEXT_BYTES}`] : []),
  ];
  const fits = [`typeof(${name}) = '${is}'`, ...limits].join(' AND ');
  const required = notnull === 1 || pk > 0;
  return {
    column: name,
    holds: required ? fits : `${name} IS NULL OR (${fits})`,
    expected: required ? expected : `${expected} or nothing`,
  };
}
