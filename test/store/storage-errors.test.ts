import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { openForReading, openForWriting } from '../../src/store/open.ts';
import { runsDone } from '../../src/store/reader.ts';
import { storageError } from '../../src/store/storage-errors.ts';
import { exampleResult, exampleSweep } from './example-sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-storage-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sqlite = (code: string) => Object.assign(new Error('said SQLite'), { code });

describe('an error of SQLite', () => {
  it.each([
    ...['SQLITE_FULL', 'SQLITE_IOERR', 'SQLITE_IOERR_WRITE', 'SQLITE_READONLY'],
    ...['SQLITE_CANTOPEN', 'SQLITE_PERM'],
  ])('%s is blamed on the disk, with exit code 3 and what to check', (code) => {
    const error = storageError('a.db', sqlite(code)) as UserError;
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({
      message: `cannot use the database a.db: said SQLite (${code})`,
      exitCode: 3,
      hint: expect.stringMatching(/free space.*what is stored already is whole/),
    });
  });

  it.each(['SQLITE_CORRUPT', 'SQLITE_CORRUPT_INDEX', 'SQLITE_NOTADB'])(
    '%s is blamed on the file, with a hint that says how to save what can be read',
    (code) => {
      expect(storageError('a.db', sqlite(code))).toMatchObject({
        exitCode: 3,
        hint: expect.stringContaining('doctor --db a.db'),
      });
    },
  );

  it.each(['SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT', 'SQLITE_LOCKED'])(
    '%s is blamed on another program, with a hint that does not mention permissions',
    (code) => {
      const { hint } = storageError('a.db', sqlite(code)) as UserError;
      expect(hint).toContain('another program is using it');
      expect(hint).not.toContain('permissions');
    },
  );

  it('that only a bug can cause is passed on unchanged, like every other error', () => {
    const others = [sqlite('SQLITE_CONSTRAINT_UNIQUE'), sqlite('SQLITE_ERROR'), sqlite('EPIPE')];
    for (const error of [...others, new UserError('x'), null, undefined, 'text']) {
      expect(storageError('a.db', error)).toBe(error);
    }
  });
});

it('a full disk loses only the run that did not fit', () => {
  const file = join(folder, 'full.db');
  const { db, close } = openForWriting(file);
  const { id, store } = exampleSweep(db);
  store(exampleResult(1));
  const pages = db.pragma('page_count', { simple: true }) as number;
  db.pragma(`max_page_count = ${pages + 2}`);
  const large = { rawTrace: Array.from({ length: 9999 }, Math.random).join() };
  let thrown: unknown;
  try {
    store(exampleResult(2, large));
  } catch (error) {
    thrown = storageError(file, error);
  }
  expect(thrown).toMatchObject({ exitCode: 3, message: expect.stringContaining('SQLITE_FULL') });
  expect(runsDone(db, id)).toBe(1);
  db.pragma('max_page_count = 1000000');
  store(exampleResult(2, large));
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  close();
});

describe('a database of another application', () => {
  it.each([
    ['delete', 0],
    ['wal', 0],
    ['delete', 7777],
  ])('in %s mode with version %i is refused, and no byte of it changes', (mode, version) => {
    const file = join(folder, `${mode}-${version}.db`);
    const foreign = new Database(file);
    foreign.pragma(`journal_mode = ${mode}`);
    foreign.pragma(`user_version = ${version}`);
    foreign.exec("CREATE TABLE recipe (name TEXT); INSERT INTO recipe VALUES ('soup')");
    foreign.close();
    const before = readFileSync(file);
    const said = /is not a database of ipc-sweep|written by a newer ipc-sweep/;
    expect(() => openForWriting(file)).toThrow(said);
    const left = readdirSync(folder).filter((name) => name.startsWith(basename(file)));
    expect(left).toEqual([basename(file)]);
    expect(() => openForReading(file)).toThrow(said);
    expect(readFileSync(file).equals(before)).toBe(true);
    // No lock is held either: the next one is refused for the same reason.
    expect(() => openForWriting(file)).toThrow(said);
  });
});
