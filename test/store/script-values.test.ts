import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { parse } from 'csv-parse/sync';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, describe, expect, it } from 'vitest';
import { writeTableFiles } from '../../src/export/files.ts';
import { sweepTables } from '../../src/export/tables.ts';
import { sweepResults } from '../../src/results/sweep-results.ts';
import { MIGRATIONS } from '../../src/store/migrations.ts';
import { openForReading, openForWriting } from '../../src/store/open.ts';
import { chooseSweep } from '../../src/store/reader.ts';
import { aggregationRows } from '../../src/store/run-rows.ts';
import { removeOrphans, salvageRows } from '../../src/store/salvage.ts';
import type { Aggregate } from '../../src/trace/user-scripts/script-output.ts';
import { exampleResult, exampleSweep } from './example-sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-values-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const VALUES = [0, -3, 2 ** 31, 2 ** 53 - 1, 2n ** 53n + 1n, -(2n ** 63n), 2n ** 63n - 1n] as const;
const row = (value: number | bigint, printing = 1): Aggregate => ({
  ...{ name: 'x', keys: ['a'], function: 'sum', printing, value },
  ...{ bucketFrom: 2n ** 53n + 1n, bucketTo: 2n ** 62n + 1n },
});

/** A database with a sweep of one run, in which a script has printed these values. */
async function stored(name: string, values: readonly (number | bigint)[]) {
  const file = join(folder, `${name}.db`);
  const open = openForWriting(file);
  const { store } = exampleSweep(open.db);
  const output = {
    ...{ events: [], eventsLeftOut: 0, doubts: [], unread: [] },
    aggregates: values.map((value, at) => row(value, at + 1)),
  };
  store(exampleResult(1, { scripts: [{ script: 'a.bt', output, raw: '', doubts: [] }] }));
  const sweep = chooseSweep(open.db, undefined);
  const out = join(folder, name);
  const tables = sweepTables(sweepResults(open.db, sweep, { suspect: false }));
  const formats = ['csv', 'parquet'] as const;
  await writeTableFiles(out, sweep, tables, { preset: 'analysis', semicolon: false, formats });
  open.close();
  const { buffer, byteOffset, length } = readFileSync(join(out, 'aggregations.parquet'));
  const parquet = buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer;
  return {
    file,
    sweep,
    csv: parse(readFileSync(join(out, 'aggregations.csv')), { columns: true }) as Record<
      string,
      string
    >[],
    parquet: await parquetReadObjects({ file: parquet }),
  };
}

const texts = (values: readonly unknown[]) => values.map(String);

describe('a value of 64 bits keeps its last digit', () => {
  it('in the database, in CSV and in Parquet', async () => {
    const { file, sweep, csv, parquet } = await stored('signed', VALUES);
    const db = openForReading(file);
    const rows = [...aggregationRows(db, sweep.id)];
    expect(rows.map(({ value }) => value)).toEqual(VALUES);
    expect(rows.every(({ run_id }) => typeof run_id === 'number')).toBe(true);
    const types = db.prepare('SELECT DISTINCT typeof(value) FROM aggregation').pluck().all();
    expect(types).toEqual(['integer']);
    db.close();
    expect(csv.map(({ value }) => value)).toEqual(texts(VALUES));
    expect(csv.map(({ printing }) => printing)).toEqual(texts(VALUES.map((_, at) => at + 1)));
    expect(new Set(csv.map((each) => `${each.bucket_from} ${each.bucket_to}`))).toEqual(
      new Set(['9007199254740993 4611686018427387905']),
    );
    expect(parquet.map(({ value }) => value)).toEqual(VALUES.map(BigInt));
  });

  it('when it is unsigned, in a Parquet column of texts', async () => {
    const values = [5, 2n ** 63n, 2n ** 64n - 1n];
    const { csv, parquet } = await stored('unsigned', values);
    expect(csv.map(({ value }) => value)).toEqual(texts(values));
    expect(parquet.map(({ value }) => value)).toEqual(texts(values));
  });

  it('when the rows of a damaged database are saved', async () => {
    const { file } = await stored('damaged', VALUES);
    const damaged = new Database(file, { readonly: true });
    const fresh = new Database(':memory:');
    fresh.pragma('foreign_keys = OFF');
    for (const migration of MIGRATIONS) fresh.exec(migration);
    fresh.pragma(`user_version = ${MIGRATIONS.length}`);
    salvageRows(damaged, fresh);
    removeOrphans(fresh);
    const saved = fresh.prepare('SELECT value FROM aggregation ORDER BY id').pluck().safeIntegers();
    expect(saved.all()).toEqual(VALUES.map(BigInt));
    damaged.close();
    fresh.close();
  });
});

it('the values of version 1 are kept: integers where they were exact, and the rest as they were', () => {
  const file = join(folder, 'old.db');
  const old = new Database(file);
  old.pragma('foreign_keys = OFF');
  old.exec(MIGRATIONS[0] ?? '');
  old.exec(`INSERT INTO aggregation VALUES (1, 1, 'a.bt', 'x', 'sum', NULL, 5, 12),
    (2, 1, 'a.bt', 'x', 'sum', 1, NULL, 9007199254740994.0), (3, 1, 'a.bt', 'x', 'avg', NULL, NULL, -1.5)`);
  old.exec("INSERT INTO aggregation_key VALUES (2, 1, 'key')");
  old.pragma('user_version = 1');
  old.close();
  const db = openForReading(file);
  expect(
    db.prepare('SELECT id, value, typeof(value), printing, bucket_to FROM aggregation').raw().all(),
  ).toEqual([
    [1, 12, 'integer', null, 5],
    [2, 9007199254740994, 'real', null, null],
    [3, -1.5, 'real', null, null],
  ]);
  const key = 'SELECT key FROM aggregation JOIN aggregation_key ON aggregation.id = aggregation_id';
  expect(db.prepare(key).pluck().all()).toEqual(['key']);
  db.close();
});
