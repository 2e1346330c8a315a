import { spawnSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { databaseId } from '../../src/store/database-identity.ts';
import { findDamage } from '../../src/store/integrity.ts';
import { APPLICATION_ID } from '../../src/store/migrations.ts';
import { type Db, openForReading, openForWriting } from '../../src/store/open.ts';
import { openUntouched } from '../../src/store/open-untouched.ts';
import { listSweeps } from '../../src/store/reader.ts';
import { exampleSweep } from './example-sweep.ts';
import { madeByVersion1 } from './made-by-version-1.ts';
import { madeByVersion2 } from './made-by-version-2.ts';

const root = mkdtempSync(join(tmpdir(), 'ipc-sweep-recognise-test-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let file = '';
let number = 0;
beforeEach(() => {
  file = join(root, String(++number), 'a.db');
  mkdirSync(dirname(file));
});

/** Every file beside the database, with its content. */
const around = () =>
  Object.fromEntries(
    readdirSync(dirname(file)).map((name) => [
      name,
      readFileSync(join(dirname(file), name), 'hex'),
    ]),
  );

/** The database is refused by whoever opens it, and nothing of it or beside it changes. */
function expectRefused(said: RegExp): void {
  const before = around();
  for (const use of [openForReading, openForWriting, findDamage]) {
    expect(() => use(file), use.name).toThrow(said);
    expect(around(), use.name).toEqual(before);
  }
}

/** Runs some lines in SQLite, and leaves the files as they are when the process is killed. */
function leftByKilled(sql: string): void {
  const program = `const { default: Database } = await import('better-sqlite3');
    const db = new Database(process.argv[1]); db.exec(process.argv[2]); process.kill(process.pid, 'SIGKILL');`;
  spawnSync(process.execPath, ['--input-type=module', '-e', program, file, sql]);
  expect(existsSync(file)).toBe(true);
}

describe('a database of another application', () => {
  const RECIPES = "CREATE TABLE recipe (name TEXT); INSERT INTO recipe VALUES ('soup');";

  it.each([-1, 0, 1, 2, 7777])(
    'with version %i is refused and unchanged, as is its folder, in any journal mode',
    (version) => {
      for (const mode of ['delete', 'wal', 'truncate']) {
        rmSync(file, { force: true });
        const db = new Database(file);
        db.pragma(`journal_mode = ${mode}`);
        db.exec(RECIPES);
        db.pragma(`user_version = ${version}`);
        db.close();
        expectRefused(/a\.db is not a database of ipc-sweep/);
      }
    },
  );

  it.each([0, 1])('with version %i and an unread log is refused and unchanged', (version) => {
    leftByKilled(`PRAGMA journal_mode = wal; ${RECIPES} PRAGMA user_version = ${version};`);
    expect(Object.keys(around())).toContain('a.db-wal');
    expectRefused(/is not a database of ipc-sweep/);
  });

  it.each([0, 1])(
    'with version %i and an unfinished transaction is refused and unchanged',
    (version) => {
      leftByKilled(`PRAGMA user_version = ${version}; ${RECIPES} PRAGMA cache_size = 1;
      BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000)
      INSERT INTO recipe SELECT hex(randomblob(100)) FROM n;`);
      expect(Object.keys(around())).toContain('a.db-journal');
      expectRefused(/is not a database of ipc-sweep/);
    },
  );

  it('that has the tables of version 1 and another one is not taken for version 1', () => {
    const db = madeByVersion1(file);
    db.exec('CREATE TABLE recipe (name TEXT)');
    db.close();
    expectRefused(/is not a database of ipc-sweep/);
  });
});

describe('a database of ipc-sweep', () => {
  it('that is empty because the disk was full is started anew', () => {
    new Database(file).exec('BEGIN EXCLUSIVE; COMMIT').close();
    expect(readFileSync(file).length).toBeGreaterThan(0);
    expect(() => openForReading(file)).toThrow('is empty');
    openForWriting(file).close();
    expect(listSweeps(openForReading(file))).toEqual([]);
  });

  it('bears our mark and an identity of its own, which it keeps', () => {
    const first = openForWriting(file);
    const id = databaseId(first.db);
    first.close();
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    const db = new Database(file, { readonly: true });
    expect(db.pragma('application_id', { simple: true })).toBe(APPLICATION_ID);
    db.close();
    expect(readFileSync(file).toString('latin1', 68, 72)).toBe('ipcS');
    const again = openForWriting(file);
    expect(databaseId(again.db)).toBe(id);
    again.close();
    const other = openForWriting(`${file}.other`);
    expect(databaseId(other.db)).not.toBe(id);
    other.close();
  });

  it('is named in messages, even if a copy of it is read, because it is old or in WAL mode', () => {
    madeByVersion2(file);
    const old = new Database(file);
    old.exec("UPDATE sweep SET name = '../x'");
    old.close();
    const names: string[] = [];
    const namesItself = (db: Db) => {
      expect(() => listSweeps(db)).toThrow(`sweep 1 of ${file} is called "../x"`);
      names.push(db.name);
      return db;
    };
    namesItself(openForReading(file)).close();
    for (const journal of ['delete', 'wal']) {
      const db = new Database(file);
      db.pragma(`journal_mode = ${journal}`);
      db.close();
      const { db: read, close } = openUntouched(file);
      namesItself(read);
      close();
    }
    // Otherwise no copy was read.
    expect(names).not.toContain(file);
  });

  it.each(['delete', 'wal'] as const)(
    'of version 1 (journal: %s) is read without a change, and marked when it is written',
    (mode) => {
      madeByVersion1(file, mode).close();
      const before = around();
      const reader = openForReading(file);
      expect(listSweeps(reader).map(({ name }) => name)).toEqual(['old']);
      reader.close();
      expect(around()['a.db']).toBe(before['a.db']);
      openForWriting(file).close();
      const db = new Database(file, { readonly: true });
      expect(db.pragma('application_id', { simple: true })).toBe(APPLICATION_ID);
      db.close();
    },
  );

  it('of version 1 whose writer was killed early is recognised by its log', () => {
    madeByVersion1(`${file}.made`).close();
    const made = new Database(`${file}.made`, { readonly: true });
    const rows = made
      .prepare<[], { sql: string }>('SELECT sql FROM sqlite_schema WHERE sql NOT NULL')
      .all();
    made.close();
    rmSync(`${file}.made`);
    leftByKilled(
      `PRAGMA journal_mode = wal; BEGIN; ${rows.map(({ sql }) => sql).join(';')}; PRAGMA user_version = 1; COMMIT;`,
    );
    // The version stands in the log alone.
    expect(readFileSync(file).readInt32BE(60)).toBe(0);
    openForWriting(file).close();
    openForReading(file).close();
  });
});

describe('a database whose schema somebody has changed', () => {
  const additions = [
    ['trigger', 'CREATE TRIGGER evil AFTER INSERT ON sweep BEGIN DELETE FROM sweep; END'],
    [
      'view',
      'CREATE VIEW evil AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT * FROM n',
    ],
    ['table', 'CREATE TABLE evil (x)'],
    ['index', 'CREATE INDEX evil ON sweep (length(hex(name)))'],
  ] as const;

  it.each(additions)('is not used for its %s', (kind, sql) => {
    openForWriting(file).close();
    const db = new Database(file);
    db.exec(sql);
    db.close();
    const before = around();
    for (const open of [openForReading, openForWriting]) {
      expect(() => open(file)).toThrow(
        new RegExp(
          `somebody has changed the database .*a\\.db: its ${kind} "evil" is not of ipc-sweep`,
        ),
      );
    }
    expect(around()['a.db']).toBe(before['a.db']);
    expect(findDamage(file)).toEqual([`its ${kind} "evil" is not of ipc-sweep`]);
  });

  it('is not used if a view of ours was replaced or removed', () => {
    openForWriting(file).close();
    const db = new Database(file);
    db.exec('DROP VIEW good_run');
    expect(() => openForReading(file)).toThrow('it has no "good_run"');
    db.exec("CREATE VIEW good_run AS SELECT 'forged' AS sweep_id");
    db.close();
    expect(() => openForReading(file)).toThrow('its view "good_run" is not as ipc-sweep makes it');
  });

  it('is used if nothing but ANALYZE was done to it', () => {
    const { db, close } = openForWriting(file);
    exampleSweep(db);
    db.exec('ANALYZE');
    close();
    openForReading(file).close();
    openForWriting(file).close();
  });
});

describe('a database with several names', () => {
  it('is refused to writers, with what to do, but can be read while nobody writes', () => {
    const { db, close } = openForWriting(file);
    exampleSweep(db);
    close();
    linkSync(file, `${file}.backup`);
    const before = around();
    for (const name of [file, `${file}.backup`]) {
      expect(() => openForWriting(name)).toThrow(/has 2 names \(hard links\)/);
      const reader = openForReading(name);
      expect(listSweeps(reader)).toHaveLength(1);
      reader.close();
    }
    expect(around()).toEqual(before);
  });

  it('is refused to readers while its newest pages are in a log beside one of the names', () => {
    const { close } = openForWriting(file);
    linkSync(file, `${file}.other`);
    expect(() => openForReading(`${file}.other`)).toThrow(/has 2 names/);
    close();
  });
});

describe('a writer', () => {
  const OPEN = new URL('../../dist/store/open.js', import.meta.url).href;
  const TRY = `const { openForWriting } = await import(process.argv[1]);
    try { openForWriting(process.argv[2]).close(); console.log('opened'); }
    catch (error) { console.log(error.message); }`;
  /** Returns what another process is told that opens a database for writing. */
  const elsewhere = (name: string) =>
    spawnSync(process.execPath, ['--input-type=module', '-e', TRY, OPEN, name], {
      encoding: 'utf8',
    }).stdout.trim();

  it('keeps others out under every name that its file gets meanwhile', () => {
    const { db, close } = openForWriting(file);
    exampleSweep(db);
    const moved = join(root, `moved-${number}.db`);
    renameSync(file, moved);
    expect(elsewhere(moved)).toBe(`${moved} is in use: another program has it open`);
    expect(readdirSync(root).filter((name) => name.startsWith('moved-'))).toEqual([
      `moved-${number}.db`,
    ]);
    renameSync(moved, file);
    close();
    renameSync(file, moved);
    expect(elsewhere(moved)).toBe('opened');
    const reader = openForReading(moved);
    expect(listSweeps(reader)).toHaveLength(1);
    reader.close();
  });

  it('keeps others out through a link to its folder', () => {
    symlinkSync(dirname(file), join(root, `link-${number}`));
    const { close } = openForWriting(file);
    expect(elsewhere(join(root, `link-${number}`, 'a.db'))).toMatch(/is in use: pid \d+/);
    close();
  });

  it('keeps others out through a bind mount of its file', (context) => {
    const { close } = openForWriting(file);
    const other = join(root, `mounted-${number}`, 'b.db');
    mkdirSync(dirname(other));
    writeFileSync(other, '');
    const script = 'mount --bind "$1" "$2" && echo mounted && shift 2 && exec "$@"';
    const words = [file, other, process.execPath, '--input-type=module', '-e', TRY, OPEN, other];
    const { stdout } = spawnSync('unshare', ['-m', 'sh', '-c', script, 'sh', ...words], {
      encoding: 'utf8',
    });
    close();
    if (!stdout?.startsWith('mounted\n')) return context.skip('needs root and Linux, to mount');
    expect(stdout).toBe(`mounted\n${other} is in use: another program has it open\n`);
    expect(readdirSync(dirname(other))).toEqual(['b.db']);
  });
});
