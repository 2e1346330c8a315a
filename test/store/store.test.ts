import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import type { Db } from '../../src/store/open.ts';
import { openForReading, openForWriting } from '../../src/store/open.ts';
import { chooseSweep, runsDone, stateCounts } from '../../src/store/reader.ts';
import { runHistory } from '../../src/store/run-history.ts';
import { findSweep, markSweep } from '../../src/store/sweep-writer.ts';
import { CELL, exampleResult, exampleSweep } from './example-sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-store-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let file = '';
let number = 0;
beforeEach(() => {
  file = join(folder, String(++number), 'deeper', 'sweep.db');
});

const tables = (db: Db) =>
  db
    .prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'")
    .all()
    .map(({ name }) => name);

/** Rows in every table, by its name. */
const rowCounts = (db: Db) =>
  Object.fromEntries(
    tables(db).map((name) => [
      name,
      db.prepare<[], { n: number }>(`SELECT count(*) AS n FROM ${name}`).get()?.n,
    ]),
  );

describe('a database', () => {
  it('is created with its folders, in WAL mode, at the version of its migrations', () => {
    const { db, close } = openForWriting(file);
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(db.pragma('user_version', { simple: true })).toBeGreaterThanOrEqual(1);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    close();
  });

  it('has the tables of the design, all of them STRICT', () => {
    const { db, close } = openForWriting(file);
    expect(tables(db)).toEqual(
      expect.arrayContaining(
        ['sweep', 'host', 'environment', 'cell', 'run', 'sample', 'syscall_count'].concat([
          'pipe_state',
          'pipe_transition',
          'io_size',
          'warning',
          'raw_trace',
        ]),
      ),
    );
    const loose = db
      .prepare(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'",
      )
      .all();
    expect(loose).toEqual([]);
    close();
  });

  it('keeps its contents when it is opened again', () => {
    const first = openForWriting(file);
    exampleSweep(first.db).store(exampleResult(1));
    const before = rowCounts(first.db);
    first.close();
    const again = openForWriting(file);
    expect(rowCounts(again.db)).toEqual(before);
    again.close();
  });

  it('can be read but not changed through a connection for reading', () => {
    openForWriting(file).close();
    const db = openForReading(file);
    expect(() => db.exec('DELETE FROM sweep')).toThrow(/readonly/);
    db.close();
  });

  it('is refused when it is newer, both to readers and to writers', () => {
    openForWriting(file).close();
    const newer = new Database(file);
    newer.pragma('user_version = 1000');
    newer.close();
    for (const open of [openForWriting, openForReading]) {
      expect(() => open(file)).toThrow(UserError);
      expect(() => open(file)).toThrow(/written by a newer ipc-sweep \(database version 1000/);
    }
  });

  it('that is empty is filled by a writer and refused by a reader', () => {
    const empty = join(folder, 'empty.db');
    new Database(empty).close();
    expect(() => openForReading(join(folder, 'absent.db'))).toThrow(/there is no database/);
    openForWriting(empty).close();
    openForReading(empty).close();
  });
});

describe('a stored run', () => {
  it('has a warm-up iteration only if it has several iterations', () => {
    const { db, close } = openForWriting(file);
    const { store } = exampleSweep(db);
    const { outcome } = exampleResult(1);
    if (outcome.state !== 'completed') throw new Error('the example is a good run');
    store(exampleResult(1));
    const [first] = outcome.samples;
    store(exampleResult(2, { outcome: { state: 'completed', samples: [first!] } }));
    const warmup = db.prepare('SELECT warmup FROM sample ORDER BY run_id, iteration').pluck().all();
    expect(warmup).toEqual([1, 0, 0]);
    close();
  });

  it('has a row for everything that was counted', () => {
    const { db, close } = openForWriting(file);
    const { store } = exampleSweep(db);
    store(exampleResult(1));
    expect(rowCounts(db)).toMatchObject({
      run: 1,
      sample: 2,
      syscall_count: 2,
      pipe_state: 1,
      pipe_transition: 1,
      io_size: 2,
      warning: 2,
      raw_trace: 1,
      run_condition: 1,
    });
    expect(db.prepare('SELECT * FROM sample WHERE iteration = 1').get()).toMatchObject({
      elapsed_ns: 1000,
      bandwidth_bytes_per_s: 1024e6,
      utime_ns: 7,
      stime_ns: null,
    });
    expect(db.prepare('SELECT stderr_tail FROM run').get()).toEqual({
      stderr_tail: '=1+1, "quoted"\nand\r\na tab\t',
    });
    const raw = db.prepare<[], { gzip: Buffer }>('SELECT gzip FROM raw_trace').get();
    expect(gunzipSync(raw!.gzip).toString()).toBe('end 1\n');
    close();
  });

  it('is one transaction: an error in the middle leaves nothing of it, and the other runs complete', () => {
    const { db, close } = openForWriting(file);
    const { id, store } = exampleSweep(db);
    store(exampleResult(1));
    const before = rowCounts(db);
    const wrong: Parameters<typeof exampleResult>[1][] = [
      // Refused by the last, the middle and the first of the tables it goes into.
      { rawTrace: 5 as unknown as string },
      {
        counts: {
          ...exampleResult(2).counts!,
          io_sizes: [{ role: 'receiver', operation: 'read', bytes: 1.5, count: 1 }],
        },
      },
      { outcome: { state: 'no such state' as 'failed', reason: '' } },
      { attempt: 1, planned: exampleResult(1).planned },
    ];
    for (const change of wrong) {
      expect(() => store(exampleResult(2, change))).toThrow(
        /constraint|cannot store|must be of type string/,
      );
      expect(db.inTransaction).toBe(false);
      expect(rowCounts(db)).toEqual(before);
    }
    store(exampleResult(2));
    expect(runsDone(db, id)).toBe(2);
    close();
  });

  it('is visible to a reader as soon as it has ended', () => {
    const { db, close } = openForWriting(file);
    const { id, store } = exampleSweep(db);
    const reader = openForReading(file);
    expect(runsDone(reader, id)).toBe(0);
    store(exampleResult(1));
    expect(runsDone(reader, id)).toBe(1);
    reader.close();
    close();
  });

  it('makes room for its repetition if it was interrupted, and only then', () => {
    const { db, close } = openForWriting(file);
    const { id, store } = exampleSweep(db);
    const interrupted = { state: 'interrupted', reason: 'interrupted' } as const;
    store(exampleResult(1));
    store(exampleResult(2, { outcome: interrupted, counts: undefined }));
    expect([...runHistory(db, id).ended]).toHaveLength(1);
    expect(runsDone(db, id)).toBe(1);
    store(exampleResult(2));
    expect([...stateCounts(db, id)]).toEqual([['completed', 2]]);
    expect(() => store(exampleResult(2))).toThrow(/UNIQUE/);
    close();
  });

  it('is deleted with its sweep', () => {
    const { db, close } = openForWriting(file);
    exampleSweep(db).store(exampleResult(1));
    db.exec('DELETE FROM sweep');
    const { host: _, database_identity: __, ...rest } = rowCounts(db);
    expect(Object.values(rest).every((rows) => rows === 0)).toBe(true);
    close();
  });
});

describe('a sweep', () => {
  it('is found by its identity, where the newest one counts', () => {
    const { db, close } = openForWriting(file);
    expect(findSweep(db, 'i'.repeat(64))).toBeUndefined();
    exampleSweep(db);
    const { id } = exampleSweep(db);
    expect(findSweep(db, 'i'.repeat(64))).toBe(id);
    expect(findSweep(db, 'other')).toBeUndefined();
    close();
  });

  it('is chosen by id, by name, by both, or as the newest', () => {
    const { db, close } = openForWriting(file);
    expect(() => chooseSweep(db, undefined)).toThrow(/holds no sweep/);
    exampleSweep(db);
    exampleSweep(db);
    expect(chooseSweep(db, undefined).id).toBe(2);
    expect(chooseSweep(db, '1').id).toBe(1);
    expect(chooseSweep(db, 'example').id).toBe(2);
    expect(chooseSweep(db, 'example-1').id).toBe(1);
    expect(() => chooseSweep(db, 'exam')).toThrow(/holds no sweep exam/);
    close();
  });

  it('has one of four states, and an end unless it is running', () => {
    const { db, close } = openForWriting(file);
    const { id } = exampleSweep(db);
    expect(chooseSweep(db, '1')).toMatchObject({ state: 'running', ended_at: null });
    markSweep(db, id, 'ended', new Date(0));
    expect(chooseSweep(db, '1')).toMatchObject({
      state: 'ended',
      ended_at: '1970-01-01T00:00:00.000Z',
    });
    markSweep(db, id, 'running', new Date(0));
    expect(chooseSweep(db, '1')).toMatchObject({ state: 'running', ended_at: null });
    expect(() => markSweep(db, id, 'gone' as 'ended', new Date(0))).toThrow(/CHECK/);
    close();
  });
});

describe('the views', () => {
  it('give every run with its parameters, and the samples that count', () => {
    const { db, close } = openForWriting(file);
    const { store } = exampleSweep(db);
    store(exampleResult(1));
    const warm = exampleResult(2);
    store({ ...warm, planned: { ...warm.planned, warmup: true } });
    store(exampleResult(3, { outcome: { ...warm.outcome, state: 'suspect' } as never }));
    const all = db.prepare('SELECT * FROM run_overview ORDER BY run_id').all();
    expect(all).toHaveLength(3);
    expect(all[0]).toMatchObject({
      sweep: 'example',
      cell: 1,
      trial: 1,
      state: 'completed',
      ipc: CELL.ipc,
      buffer_bytes: 512,
      total_bytes: 1024,
      tracer: 'bpftrace',
      host: 'local',
      machine: 'vm',
      iterations: 2,
    });
    expect(
      db.prepare<[], { trial: number }>('SELECT DISTINCT trial FROM good_sample_traced').all(),
    ).toEqual([{ trial: 1 }]);
    close();
  });

  it('are named in the schema, each with a comment', () => {
    const sql = readFileSync(new URL('../../src/store/schema.sql', import.meta.url), 'utf8');
    const views = [...sql.matchAll(/^(.*)\nCREATE VIEW (\w+)/gm)];
    expect(views.length).toBeGreaterThanOrEqual(2);
    for (const [, before, name] of views)
      expect([name, before]).toEqual([name, expect.stringMatching(/^-- /)]);
  });
});
