import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { openForReading, openForWriting } from '../../src/store/open.ts';
import { exampleResult, exampleSweep } from './example-sweep.ts';
import { leaveHalfChanged } from './half-changed.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-half-changed-test-'));
const file = join(folder, 'a.db');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let whole: unknown[];

beforeEach(() => {
  for (const side of ['', '-journal', '.lock']) rmSync(file + side, { force: true });
  const { db, close } = openForWriting(file);
  const { store } = exampleSweep(db);
  for (let trial = 1; trial <= 20; trial++) store(exampleResult(trial));
  whole = db.prepare('SELECT * FROM sample').all();
  close();
  leaveHalfChanged(file);
});

it('a reader undoes what a killed writer has half changed', () => {
  const db = openForReading(file);
  try {
    expect(db.prepare('SELECT * FROM sample').all()).toEqual(whole);
    expect(() => db.exec('DELETE FROM sample')).toThrow(/readonly/);
  } finally {
    db.close();
  }
  expect(existsSync(`${file}-journal`)).toBe(false);
});
