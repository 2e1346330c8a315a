import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { IO_SIZES } from '../../src/instruments/io-sizes/instrument.ts';
import { type Db, openForWriting, type WritableDb } from '../../src/store/open.ts';
import {
  countRows,
  type RunRow,
  runRows,
  sampleRows,
  warningRows,
} from '../../src/store/run-rows.ts';
import { exampleResult, exampleSweep } from './example-sweep.ts';

let folder: string;
let database: WritableDb;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-run-rows-test-'));
  database = openForWriting(join(folder, 'sweep.db'));
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Reads the same from the view for users. */
const inView = (db: Db, sql: string, id: number) => db.prepare<[number], object>(sql).all(id);

it('the rows of a sweep are its own, even if the runs of several sweeps alternate', () => {
  const { db } = database;
  const sweeps = [exampleSweep(db), exampleSweep(db)];
  for (const trial of [1, 2, 3]) {
    for (const { store } of sweeps) store(exampleResult(trial));
  }
  // A run without rows of its own between others.
  sweeps[0]!.store(exampleResult(4, { counts: undefined, doubts: [] }));
  sweeps[0]!.store(exampleResult(5));
  for (const { id } of sweeps) {
    const columns = 'SELECT run_id, buffer_bytes, total_bytes, host';
    const samples = inView(
      db,
      `${columns}, iteration, elapsed_ns, nvcsw FROM run_overview JOIN sample USING (run_id)
       WHERE sweep_id = ? ORDER BY run_id, iteration`,
      id,
    );
    const sizes = inView(
      db,
      `${columns}, role, operation, bytes, count FROM run_overview JOIN io_size USING (run_id)
       WHERE sweep_id = ? ORDER BY run_id, role, operation, bytes`,
      id,
    );
    expect(samples.length).toBeGreaterThan(5);
    expect([...sampleRows(db, id)]).toMatchObject(samples);
    expect(sizes.length).toBeGreaterThan(5);
    expect([...countRows(db, id, IO_SIZES)]).toMatchObject(sizes);
  }
});

it('runs are in their planned order, with everything that the view says of them', () => {
  const { db } = database;
  const { id, store } = exampleSweep(db);
  for (const trial of [3, 1, 2]) store(exampleResult(trial));
  const { planned } = exampleResult(4);
  store(exampleResult(4, { planned: { ...planned, traced: false } }));
  const sql = 'SELECT * FROM run_overview WHERE sweep_id = ? ORDER BY ordinal, attempt';
  const viewed = inView(db, sql, id).map((row) => {
    const { sweep, sweep_id, ...own } = row as RunRow & { sweep: string; sweep_id: number };
    return own;
  });
  expect(viewed.map(({ trial, tracer }) => [trial, tracer])).toEqual([
    ...[1, 2, 3].map((trial) => [trial, 'bpftrace']),
    [4, 'none'],
  ]);
  expect([...runRows(db, id)]).toMatchObject(viewed);
});

it('runs of a cell that the spec no longer asks for are left out', () => {
  const { db } = database;
  const { id, store } = exampleSweep(db);
  store(exampleResult(1));
  expect([...warningRows(db, id)]).toHaveLength(2);
  db.exec('UPDATE cell SET asked = 0');
  expect([...warningRows(db, id), ...runRows(db, id), ...sampleRows(db, id)]).toEqual([]);
  expect([...sampleRows(db, 99)]).toEqual([]);
});

it('bad runs alone are read in their planned order', () => {
  const { db } = database;
  const { id, store } = exampleSweep(db);
  const failed = { state: 'failed', reason: 'exit code 71' } as const;
  store(exampleResult(3, { outcome: failed }));
  store(exampleResult(1));
  store(exampleResult(2, { outcome: { state: 'suspect', samples: [] } }));
  const found = [...runRows(db, id, 'bad')];
  expect(found.map(({ trial, state }) => [trial, state])).toEqual([
    [2, 'suspect'],
    [3, 'failed'],
  ]);
});
