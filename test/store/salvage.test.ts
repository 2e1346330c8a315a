import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, expect, it } from 'vitest';
import { databaseId } from '../../src/store/database-identity.ts';
import { findDamage, recover } from '../../src/store/integrity.ts';
import { openForReading, openForWriting } from '../../src/store/open.ts';
import { listSweeps } from '../../src/store/reader.ts';
import { exampleResult, exampleSweep } from './example-sweep.ts';
import { madeByVersion1 } from './made-by-version-1.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-salvage-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a saved database has the identity of the damaged one, and every bit of every number', () => {
  const file = join(folder, 'a.db');
  const { db, close } = openForWriting(file);
  const id = databaseId(db);
  exampleSweep(db).store(exampleResult(1));
  // Above what a number of JavaScript holds.
  db.exec('UPDATE syscall_count SET count = 9007199254740993');
  db.exec('CREATE VIEW mine AS SELECT * FROM run');
  close();
  expect(recover(file, `${file}.recovered`)).toEqual({ state: 'saved', sweeps: 1, runs: 1 });
  // As it is: ipc-sweep itself refuses such a count.
  const saved = new Database(`${file}.recovered`, { readonly: true });
  expect(databaseId(saved)).toBe(id);
  const counts = saved.prepare('SELECT DISTINCT CAST(count AS TEXT) AS n FROM syscall_count').all();
  expect(counts).toEqual([{ n: '9007199254740993' }]);
  saved.close();
  expect(findDamage(`${file}.recovered`)).toEqual([]);
});

it('a view in the place of a table is not read, and the other tables are saved', () => {
  const file = join(folder, 'b.db');
  const { db, close } = openForWriting(file);
  exampleSweep(db).store(exampleResult(1));
  db.exec('DROP VIEW good_run; DROP VIEW run_overview; DROP TABLE sample');
  // It would be read for ever.
  db.exec(
    'CREATE VIEW sample AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n',
  );
  close();
  expect(recover(file, `${file}.recovered`)).toEqual({ state: 'saved', sweeps: 1, runs: 1 });
});

it('a database of version 1 is saved in the current version', () => {
  const file = join(folder, 'c.db');
  const db = madeByVersion1(file);
  db.close();
  expect(recover(file, `${file}.recovered`)).toEqual({ state: 'saved', sweeps: 1, runs: 0 });
  const saved = openForReading(`${file}.recovered`);
  expect(listSweeps(saved)).toMatchObject([{ id: 1, name: 'old', trials_max: 1 }]);
  expect(databaseId(saved)).toMatch(/^[0-9a-f]{32}$/);
  saved.close();
});

it('a row that does not fit its table is left out, and the rest is saved', () => {
  const file = join(folder, 'd.db');
  const { db, close } = openForWriting(file);
  const { store } = exampleSweep(db);
  for (const trial of [1, 2, 3]) store(exampleResult(trial));
  close();
  const bent = new Database(file);
  bent.pragma('ignore_check_constraints = ON');
  bent.prepare("UPDATE run SET state = 'splendid' WHERE trial = 2").run();
  bent.close();
  expect(recover(file, `${file}.recovered`)).toEqual({ state: 'saved', sweeps: 1, runs: 2 });
  expect(findDamage(`${file}.recovered`)).toEqual([]);
});
