import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renewedDatabasePage } from '../../src/export/database-page.ts';
import { writeTableFiles } from '../../src/export/files.ts';
import { headerOf, type Table } from '../../src/export/table.ts';
import { sweepTables } from '../../src/export/tables.ts';
import type { Figure } from '../../src/report/figure.ts';
import { sweepResults } from '../../src/results/sweep-results.ts';
import { doubtRows } from '../../src/store/doubt-rows.ts';
import { openForWriting } from '../../src/store/open.ts';
import { chooseSweep } from '../../src/store/reader.ts';
import { documentedTables } from '../../src/store/schema-docs.ts';
import { figuresOf } from '../report/made-sweep.ts';
import { variedSweep } from './varied-sweep.ts';

const page = readFileSync(new URL('../../docs/database.md', import.meta.url), 'utf8');

describe('docs/database.md', () => {
  it('has tables that are made from the schema; `npm run docs` renews them', () => {
    expect(page).toBe(renewedDatabasePage(page));
  });

  it('describes every table, view and column', () => {
    const tables = documentedTables();
    expect(tables.length).toBeGreaterThan(30);
    const untold = tables.flatMap(({ name, meaning, columns }) => [
      ...(meaning === '' ? [name] : []),
      ...columns.flatMap((column) =>
        column.meaning === '' || column.type === '' ? [`${name}.${column.name}`] : [],
      ),
    ]);
    expect(untold).toEqual([]);
  });

  it('describes nothing that does not exist', () => {
    const url = new URL('../../src/store/schema-comments.sql', import.meta.url);
    const keys = [...readFileSync(url, 'utf8').matchAll(/^-- ([*\w]+(?:\.\w+)?): /gm)];
    const known = new Set(
      documentedTables().flatMap(({ name, columns }) => [
        name,
        ...columns.flatMap((column) => [`${name}.${column.name}`, `*.${column.name}`]),
      ]),
    );
    expect(keys.map(([, key]) => key!).filter((key) => !known.has(key))).toEqual([]);
  });
});

type Row = Readonly<Record<string, unknown>>;

/** The answers of the page, by question, for one of the two programs. */
function answersFor(program: 'sqlite' | 'duckdb'): ReadonlyMap<string, string> {
  const blocks = page.matchAll(/<!-- answer (\w+): (\w+) -->\n```sql\n([^`]*)```/g);
  return new Map(
    [...blocks].flatMap(([, name, who, sql]) => (who === program ? [[name!, sql!]] : [])),
  );
}
const sqlite = answersFor('sqlite');
const duckdb = answersFor('duckdb');

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-questions-'));
const file = join(folder, 'ipc-sweep.db');
const database = openForWriting(file);
let tables: readonly Table[];
let figures: readonly Figure[];
let doubted: ReturnType<typeof doubtRows>;
beforeAll(async () => {
  const { db } = database;
  const id = variedSweep(db, 4);
  const sweep = chooseSweep(db, undefined);
  tables = sweepTables(sweepResults(db, sweep, { suspect: false }));
  figures = figuresOf(db);
  doubted = doubtRows(db, id);
  await writeTableFiles(folder, sweep, tables, {
    ...{ preset: 'analysis', semicolon: false, formats: ['csv', 'parquet'] },
  });
});
afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

function records(name: string): readonly Row[] {
  const table = tables.find((each) => each.name === name)!;
  const header = headerOf(table);
  return [...table.rows()].map((row) =>
    Object.fromEntries(header.map((column, at) => [column, row[at]])),
  );
}

/** Truth and large numbers as numbers; an empty text is an empty cell in a file. */
function plainValue(value: unknown): unknown {
  if (typeof value === 'boolean' || typeof value === 'bigint') return Number(value);
  return value === '' ? null : value;
}
const plain = (row: Row) =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plainValue(value)]));

/** The rows of two answers agree; sums of fractions may differ in their last digits. */
function expectSame(found: readonly Row[], expected: readonly Row[]): void {
  expect(expected.length).toBeGreaterThan(0);
  expect(found.map((row) => Object.keys(row))).toEqual(expected.map((row) => Object.keys(row)));
  for (const [at, row] of expected.entries()) {
    for (const [name, value] of Object.entries(plain(row))) {
      const other = plain(found[at]!)[name];
      if (typeof value === 'number')
        expect([name, other]).toEqual([name, expect.closeTo(value, 6)]);
      else expect([name, other]).toEqual([name, value]);
    }
  }
}

function asked(name: string): readonly Row[] {
  const db = new Database(file, { readonly: true });
  try {
    return db.prepare<[], Row>(sqlite.get(name)!).all();
  } finally {
    db.close();
  }
}

async function askedDuckDb(name: string, kind: 'csv' | 'parquet'): Promise<readonly Row[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run(`SET file_search_path = '${folder}'`);
    const sql = duckdb.get(name)!.replace(/\.csv'/g, `.${kind}'`);
    const { columnNames, rows } = await answerOf(connection, sql);
    return rows.map((row) =>
      Object.fromEntries(columnNames.map((column, at) => [column, row[at]])),
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function answerOf(
  connection: Awaited<ReturnType<DuckDBInstance['connect']>>,
  sql: string,
): Promise<{ columnNames: readonly string[]; rows: readonly (readonly unknown[])[] }> {
  const reader = await connection.runAndReadAll(sql);
  return { columnNames: reader.columnNames(), rows: reader.getRowsJS() };
}

const pick = (rows: readonly Row[], names: Readonly<Record<string, string>>) =>
  rows.map((row) =>
    Object.fromEntries(Object.entries(names).map(([name, column]) => [name, row[column]])),
  );

describe('the ten questions', () => {
  const names = [...sqlite.keys()];

  it('are complete, each with both answers', () => {
    expect(names).toHaveLength(10);
    expect([...duckdb.keys()]).toEqual(names);
    expect(page.match(/^## \d+\. /gm)).toHaveLength(10);
  });

  it.each(names)(
    'are answered alike by DuckDB from CSV and Parquet and by SQLite: %s',
    async (name) => {
      const answer = asked(name);
      for (const kind of ['csv', 'parquet'] as const) {
        expectSame(await askedDuckDb(name, kind), answer);
      }
    },
  );

  it('are answered by the sqlite3 command line, too', (context) => {
    if (spawnSync('sqlite3', ['--version']).status !== 0) context.skip('needs sqlite3');
    for (const [name, sql] of sqlite) {
      const shown = execFileSync('sqlite3', ['-readonly', '-json', file, sql], {
        encoding: 'utf8',
      });
      expectSame(JSON.parse(shown) as Row[], asked(name));
    }
  });

  it('have answers that agree with the summary and the probe effect', () => {
    expectSame(
      asked('medians'),
      pick(records('summary'), {
        ...{ cell: 'cell', ipc: 'ipc', buffer_bytes: 'buffer_bytes', n: 'n' },
        mib_per_s: 'bandwidth_median_mib_per_s',
      }),
    );
    const effects = pick(records('probe_effect'), {
      ...{ cell: 'cell', traced: 'traced_median_bytes_per_s' },
      untraced: 'untraced_median_bytes_per_s',
    });
    expectSame(
      asked('tracing'),
      effects.map((row) => ({ ...row, ratio: Number(row.traced) / Number(row.untraced) })),
    );
    const best = asked('best').map(({ ipc, mib_per_s: rate }) => [ipc, rate]);
    const rates = (ipc: string) =>
      records('summary')
        .filter((row) => row.ipc === ipc)
        .map((row) => Number(row.bandwidth_median_mib_per_s));
    expect(best).toEqual(['local', 'pipe'].map((ipc) => [ipc, Math.max(...rates(ipc))]));
  });

  it('have answers that agree with the charts', () => {
    const { columns, rows } = figures.find(({ name }) => name === 'pipe-states-read')!.data;
    const at = (name: string) => columns.indexOf(name);
    const drawn = rows.map((row) => [
      row[at('cell')],
      row[at('pipe_state_names')],
      row[at('share')],
    ]);
    const found = asked('states').map((row) => [row.cell, row.pipe_state_names, row.share]);
    const order = (list: unknown[][]) => list.map((it) => JSON.stringify(it)).sort();
    expect(order(found)).toEqual(order(drawn));
    expect(drawn.length).toBeGreaterThan(8);
  });

  it('have answers that agree with the tables', () => {
    const calls = { cell: 'cell', role: 'role', syscall: 'syscall', calls_median: 'calls_median' };
    expectSame(
      asked('calls'),
      pick(records('syscalls_summary'), { ...calls, deterministic: 'deterministic' }),
    );
    const bad = records('runs')
      .filter(({ state }) => state !== 'completed')
      .toSorted((a, b) => Number(a.run_id) - Number(b.run_id));
    const columns = { run_id: 'run_id', cell: 'cell', trial: 'trial', state: 'state' };
    expectSame(asked('bad'), pick(bad, { ...columns, reason: 'reason' }));
    expectSame(
      asked('doubts'),
      doubted.runs.map(({ code, runs, suspect }) => ({ code, runs, suspect })),
    );
    const sizes = records('io_sizes').filter(
      (row) => row.state === 'completed' && !row.warmup && Number(row.bytes) > 0,
    );
    const sum = (rows: readonly Row[], of: (row: Row) => number) =>
      rows.reduce((total, row) => total + of(row), 0);
    for (const { cell, bytes_a_read: mean } of asked('sizes')) {
      const own = sizes.filter((row) => row.cell === cell);
      const bytes = sum(own, (row) => Number(row.bytes) * Number(row.count));
      expect(mean).toBeCloseTo(bytes / sum(own, (row) => Number(row.count)));
    }
  });
});
