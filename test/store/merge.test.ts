import {
  copyFileSync,
  linkSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UserError } from '../../src/errors.ts';
import type { RunResult } from '../../src/execute/outcome.ts';
import { databaseId } from '../../src/store/database-identity.ts';
import { findDamage } from '../../src/store/integrity.ts';
import { checkInputs, readInput } from '../../src/store/merge/inputs.ts';
import { originsOf } from '../../src/store/merge/origins.ts';
import { tableNamed, tablesOfSweep } from '../../src/store/merge/owned-tables.ts';
import { RowCopier } from '../../src/store/merge/row-copier.ts';
import { takeOver } from '../../src/store/merge/take-over.ts';
import { openForWriting } from '../../src/store/open.ts';
import { listSweeps, sweepById } from '../../src/store/reader.ts';
import { deleteSweep } from '../../src/store/sweep-changes.ts';
import { updateSweep } from '../../src/store/sweep-writer.ts';
import { hostileSweep } from '../export/hostile-sweep.ts';
import { CELL, exampleResult, exampleSweep, NEW_SWEEP } from './example-sweep.ts';
import { madeByVersion1 } from './made-by-version-1.ts';
import { madeByVersion2 } from './made-by-version-2.ts';
import { dump, merge, resumed, student, sum, write } from './merging.ts';

const root = mkdtempSync(join(tmpdir(), 'ipc-sweep-merge-test-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let number = 0;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(root, `${++number}-`));
});
const at = (name: string) => join(folder, name);

it('every table of the schema holds parts of a sweep, or is on the list of those that do not', () => {
  write(at('a.db'), (db) => {
    const names = (tables: ReturnType<typeof tablesOfSweep>): string[] =>
      tables.flatMap((table) => [table.name, ...names(table.owned)]);
    expect(names(tablesOfSweep(db))).toEqual(
      expect.arrayContaining(['cell', 'run', 'raw_trace', 'aggregation_key', 'sweep_origin']),
    );
    db.exec('CREATE TABLE future (id INTEGER PRIMARY KEY, sweep_id REFERENCES sweep (id))');
    expect(() => tablesOfSweep(db)).toThrow('rows of future belong to no sweep');
  });
});

it('a table whose rows would belong to two rows at once is refused', () => {
  write(at('a.db'), (db) => {
    const owner = (table: string) => `NOT NULL REFERENCES ${table} (id) ON DELETE CASCADE`;
    db.exec(
      `CREATE TABLE twice (sweep_id INTEGER ${owner('sweep')}, run_id INTEGER ${owner('run')})`,
    );
    expect(() => tablesOfSweep(db)).toThrow('rows of twice belong to two rows at once');
  });
});

it('a row that has its id from the row to which it belongs always has that row', () => {
  write(at('a.db'), (db) => {
    db.exec(`CREATE TABLE twice (run_id INTEGER PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
      sweep_id INTEGER NOT NULL REFERENCES sweep (id) ON DELETE CASCADE)`);
    expect(() => tablesOfSweep(db)).toThrow('rows of twice belong to two rows at once');
  });
});

it('a table of a sweep is found by its name, at any depth', () => {
  write(at('a.db'), (db) => {
    const tables = tablesOfSweep(db);
    expect(tableNamed(tables, 'cell').owner).toBe('sweep_id');
    expect(tableNamed(tables, 'aggregation_key').owner).toBe('aggregation_id');
    expect(() => tableNamed(tables, 'host')).toThrow('no table host holds parts of a sweep');
  });
});

it('rows that own other rows are not told apart by their values alone', () => {
  write(at('a.db'), (db) => {
    exampleSweep(db);
    const newIds = new Map();
    const copier = new RowCopier(db, db, { file: 'a.db', newIds, changed: (_, row) => row });
    const cell = tableNamed(tablesOfSweep(db), 'cell');
    expect(() => copier.addOwned([cell], 1n, 1n)).toThrow('rows of cell cannot be told apart');
  });
});

/** Makes a database whose newest runs are in a log beside it. */
function makeWithLog(name: string): void {
  student(at('made.db'), { sweeps: 1, runs: 1 });
  const db = new Database(at('made.db'));
  db.pragma('journal_mode = WAL');
  db.pragma('wal_autocheckpoint = 0');
  resumed(db, 1).store(exampleResult(2));
  for (const side of ['', '-wal']) copyFileSync(at(`made.db${side}`), at(name + side));
  db.close();
}

describe('merging', () => {
  it('copies every row of every table, with new ids', () => {
    write(at('a.db'), (db) => {
      hostileSweep(db);
      db.exec(`INSERT INTO sweep_script (sweep_id, name, path, tracer, json, text) VALUES (1, 's.bt', '/s.bt', 'bpftrace', 0, 'BEGIN {}');
        INSERT INTO sweep_host VALUES (1, 'local', 'vm', '/b', 'h', '');
        INSERT INTO sweep_program VALUES (1, 'local', 'a', 1, '/a', 'ha');
        INSERT INTO host_trouble VALUES (1, 'board', 'away', 'gone');
        INSERT INTO sweep_missing VALUES (1, 'io-sizes', 'no such probe');
        INSERT INTO hook_call (sweep_id, host, run_id, hook, command, started_at, wall_ns, output_tail)
          SELECT 1, 'local', min(id), 'prepare', '["/p"]', '', 1, '' FROM run`);
    });
    // Another one first, so that no id stays what it was.
    student(at('other.db'), { runs: 3 });
    merge([at('other.db'), at('a.db')], at('c.db'));
    const without = (file: string, sweepId: number) => {
      const db = new Database(file, { readonly: true });
      try {
        const counts: Record<string, unknown> = {};
        const read = (tables: ReturnType<typeof tablesOfSweep>, owners: unknown[]) => {
          for (const table of tables) {
            const columns = table.columns.filter(
              (column) => column !== table.owner && !table.references.has(column),
            );
            const found = owners.flatMap((owner) =>
              db
                .prepare<unknown[], Record<string, unknown>>(
                  `SELECT * FROM ${table.name} WHERE ${table.owner} = ?${table.hasId ? ' ORDER BY id' : ''}`,
                )
                .safeIntegers()
                .all(owner),
            );
            // A table may belong to two others, as calls do to their sweep and to their run.
            counts[`${table.name}.${table.owner}`] = found.map((row) =>
              columns.map((column) => row[column]),
            );
            read(table.owned, table.hasId ? found.map(({ id }) => id) : []);
          }
        };
        read(tablesOfSweep(db), [sweepId]);
        return Object.fromEntries(
          Object.entries(counts).filter(([table]) => !/_origin\b/.test(table)),
        );
      } finally {
        db.close();
      }
    };
    const [taken] = write(at('c.db'), (db) => listSweeps(db));
    expect(taken).toMatchObject({ id: 3, name: 'example' });
    const before = without(at('a.db'), 1);
    expect(without(at('c.db'), 3)).toEqual(before);
    const empty = Object.keys(before).filter((table) => (before[table] as unknown[]).length === 0);
    expect(empty).toEqual([]);
    expect(findDamage(at('c.db'))).toEqual([]);
  });

  it('adds nothing the second time: 30 databases of 30 sweeps, in any order, in one step or many', () => {
    const files = Array.from({ length: 30 }, (_, n) =>
      student(at(`${n}.db`), { sweeps: 30, runs: 1 }),
    );
    expect(sum(merge(files, at('c.db')))).toEqual({ sweeps: 900, runs: 900 });
    const first = dump(at('c.db'));
    expect(first.sweep).toHaveLength(900);
    expect(sum(merge(files.toReversed(), at('c.db')))).toEqual({ sweeps: 0, runs: 0 });
    expect(dump(at('c.db'))).toEqual(first);
    for (const file of files.slice(10, 13)) merge([file, file], at('c.db'));
    expect(dump(at('c.db'))).toEqual(first);
  });

  it('adds the runs and the sweeps that are new in a database', () => {
    student(at('a.db'), { sweeps: 1, runs: 2 });
    merge([at('a.db')], at('c.db'));
    copyFileSync(at('a.db'), at('before.db'));
    write(at('a.db'), (db) => {
      const { store } = resumed(db, 1);
      for (const trial of [3, 4, 5]) store(exampleResult(trial));
      db.exec("UPDATE sweep SET planned_runs = 99, active_ms = 7000, ended_at = '2026-01-01'");
      exampleSweep(db, { name: 'another' });
    });
    expect(merge([at('a.db')], at('c.db'))).toMatchObject([
      { state: 'known', newRuns: 3 },
      { state: 'new', newRuns: 0, name: 'another' },
    ]);
    const grown = dump(at('c.db'));
    expect(grown.run).toHaveLength(5);
    expect(grown.sweep?.[0]).toContain('"99"');
    // What it was before adds nothing, and takes nothing back.
    expect(sum(merge([at('before.db'), at('a.db'), at('before.db')], at('c.db')))).toEqual({
      ...{ sweeps: 0, runs: 0 },
    });
    expect(dump(at('c.db'))).toEqual(grown);
  });

  it('replaces an interrupted run by the run that was made in its place', () => {
    const interrupted: RunResult['outcome'] = { state: 'interrupted', reason: 'Ctrl-C' };
    write(at('a.db'), (db) => {
      exampleSweep(db).store(exampleResult(1, { outcome: interrupted }));
    });
    merge([at('a.db')], at('c.db'));
    copyFileSync(at('a.db'), at('before.db'));
    write(at('a.db'), (db) => resumed(db, 1).store(exampleResult(1, { wallNs: 77 })));
    expect(sum(merge([at('a.db')], at('c.db')))).toEqual({ sweeps: 0, runs: 1 });
    const after = dump(at('c.db'));
    expect(after.run).toHaveLength(1);
    expect(after.run?.[0]).toContain('completed');
    merge([at('before.db'), at('a.db')], at('c.db'));
    expect(dump(at('c.db'))).toEqual(after);
  });

  it('replaces an interrupted run by a later one that was interrupted, too, and not the reverse', () => {
    const interrupted = (minute: number, pid: number) =>
      exampleResult(1, {
        outcome: { state: 'interrupted', reason: 'Ctrl-C' },
        ...{ startedAt: new Date(60_000 * minute), pid },
      });
    write(at('a.db'), (db) => exampleSweep(db).store(interrupted(1, 5)));
    copyFileSync(at('a.db'), at('same.db'));
    merge([at('a.db')], at('c.db'));
    copyFileSync(at('a.db'), at('before.db'));
    write(at('a.db'), (db) => resumed(db, 1).store(interrupted(2, 6)));
    expect(sum(merge([at('a.db')], at('c.db')))).toEqual({ sweeps: 0, runs: 1 });
    const after = dump(at('c.db'));
    expect(after.run).toHaveLength(1);
    expect(after.run?.[0]).toContain('1970-01-01T00:02:00.000Z');
    expect(sum(merge([at('before.db')], at('c.db')))).toEqual({ sweeps: 0, runs: 0 });
    expect(dump(at('c.db'))).toEqual(after);
    // Neither of two that were started at the same time is the later one.
    write(at('same.db'), (db) => resumed(db, 1).store(interrupted(2, 7)));
    expect(() => merge([at('same.db')], at('c.db'))).toThrow('has another traced run of cell');
  });

  it('takes back nothing for an older copy, although its sweep had run as long', () => {
    student(at('a.db'), { sweeps: 1 });
    copyFileSync(at('a.db'), at('before.db'));
    write(at('a.db'), (db) => {
      resumed(db, 1);
      updateSweep(db, 1, {
        ...{ ...NEW_SWEEP, cells: [CELL], description: 'newer' },
        expectations: ['runs.completed == 1'],
      });
    });
    merge([at('a.db')], at('c.db'));
    const before = dump(at('c.db'));
    expect(before.sweep?.[0]).toContain('newer');
    expect(before.expectation).toHaveLength(1);
    merge([at('before.db')], at('c.db'));
    expect(dump(at('c.db'))).toEqual(before);
  });

  it('keeps a fact of an environment as it was first merged', () => {
    student(at('a.db'), { sweeps: 1 });
    merge([at('a.db')], at('c.db'));
    const before = dump(at('c.db'));
    write(at('a.db'), (db) => db.exec("UPDATE environment_fact SET value = 'other'"));
    merge([at('a.db')], at('c.db'));
    expect(dump(at('c.db'))).toEqual(before);
  });

  const differing: readonly (readonly [string, number, string])[] = [
    ['the row of a run', 1, "UPDATE run SET reason = 'x' WHERE id = 1"],
    ['the rows of all runs', 2, 'UPDATE run SET exit_code = 7'],
    [
      'the first row',
      1,
      "UPDATE syscall_count SET count = 9 WHERE run_id = 1 AND syscall = 'read'",
    ],
    [
      'the last row',
      1,
      "UPDATE syscall_count SET count = 9 WHERE run_id = 1 AND syscall = 'write'",
    ],
    ['a missing row', 1, "DELETE FROM warning WHERE run_id = 1 AND code = 'raw-cut'"],
    [
      'a blob',
      1,
      `UPDATE raw_trace SET gzip = (SELECT gzip FROM raw_trace WHERE run_id = 2) WHERE run_id = 1`,
    ],
    ['nothing', 0, 'UPDATE run SET id = id'],
  ];

  it.each(differing)('counts the runs that differ from their copies by %s', (_, runs, sql) => {
    student(at('a.db'), { sweeps: 1 });
    merge([at('a.db')], at('c.db'));
    const before = dump(at('c.db'));
    change(at('a.db'), sql);
    const expected = [{ state: 'known', newRuns: 0, changedRuns: runs }];
    expect(merge([at('a.db')], at('c.db'))).toMatchObject(expected);
    expect(dump(at('c.db'))).toEqual(before);
    merge([at('a.db')], at('d.db'));
    student(at('b.db'), { sweeps: 1 });
    merge([at('b.db')], at('e.db'));
    change(at('e.db'), sql);
    expect(merge([at('b.db')], at('e.db'))).toMatchObject(expected);
  });

  it('updates a changed spec, but keeps a name that was changed in the output', () => {
    student(at('a.db'), { sweeps: 1 });
    merge([at('a.db')], at('c.db'));
    write(at('c.db'), (db) => db.exec("UPDATE sweep SET name = 'alice'"));
    write(at('a.db'), (db) => {
      updateSweep(db, 1, { ...NEW_SWEEP, cells: [CELL], expectations: ['runs.completed == 1'] });
    });
    merge([at('a.db')], at('c.db'));
    write(at('c.db'), (db) => {
      expect(db.prepare('SELECT name FROM sweep').pluck().all()).toEqual(['alice']);
      expect(db.prepare('SELECT text FROM expectation').pluck().all()).toEqual([
        'runs.completed == 1',
      ]);
      expect(db.prepare('SELECT asked FROM cell ORDER BY id').pluck().all()).toEqual([1, 0]);
    });
  });

  it('keeps the first origin through any number of merges', () => {
    student(at('a.db'), { sweeps: 1 });
    student(at('b.db'), { sweeps: 1 });
    merge([at('a.db')], at('c.db'));
    merge([at('b.db'), at('c.db')], at('d.db'));
    const [a, b] = ['a.db', 'b.db'].map((name) => write(at(name), databaseId));
    const origins = write(at('d.db'), (db) =>
      listSweeps(db)
        .toReversed()
        .map(({ id }) => originsOf(db, id, '')),
    );
    expect(origins).toMatchObject([
      [{ database: b, originalId: 1, file: at('b.db') }],
      [{ database: a, originalId: 1, file: at('a.db') }],
    ]);
    const before = dump(at('d.db'));
    expect(sum(merge([at('a.db'), at('c.db'), at('b.db')], at('d.db')))).toEqual({
      ...{ sweeps: 0, runs: 0 },
    });
    expect(dump(at('d.db'))).toEqual(before);
  });

  it('leaves sweeps of the output itself alone, even when they come back from elsewhere', () => {
    student(at('a.db'), { sweeps: 1 });
    student(at('b.db'), { sweeps: 1 });
    copyFileSync(at('b.db'), at('backup.db'));
    merge([at('a.db'), at('b.db')], at('c.db'));
    const own = merge([at('c.db'), at('backup.db')], at('b.db'));
    expect(own.map(({ id, state }) => ({ id, state }))).toEqual([
      { id: 2, state: 'new' },
      { id: 1, state: 'own' },
      { id: 1, state: 'own' },
    ]);
    expect(dump(at('b.db')).sweep).toHaveLength(2);
  });

  it('refuses two different runs of one cell and trial, names them, and takes nothing from that database', () => {
    student(at('a.db'), { sweeps: 1, runs: 1 });
    copyFileSync(at('a.db'), at('copy.db'));
    write(at('a.db'), (db) => resumed(db, 1).store(exampleResult(2)));
    write(at('copy.db'), (db) => {
      exampleSweep(db, { name: 'unrelated' });
      resumed(db, 1).store(exampleResult(2, { wallNs: 1, startedAt: new Date(86_400_000) }));
    });
    merge([at('a.db')], at('c.db'));
    const before = dump(at('c.db'));
    expect(() => merge([at('copy.db')], at('c.db'))).toThrow(
      /copy\.db: sweep lab-2-1 has another traced run of cell pipe,2proc,512,1024, trial 2 than .*a\.db: one was started at 1970-01-02/,
    );
    expect(dump(at('c.db'))).toEqual(before);
  });

  it('says what to do where two copies of a database have each made an untraced run', () => {
    const untraced = (wallNs: number) => {
      const { planned } = exampleResult(2);
      return exampleResult(2, { planned: { ...planned, traced: false }, wallNs });
    };
    student(at('a.db'), { sweeps: 1, runs: 1 });
    copyFileSync(at('a.db'), at('copy.db'));
    write(at('a.db'), (db) => resumed(db, 1).store(untraced(1)));
    write(at('copy.db'), (db) => resumed(db, 1).store(untraced(2)));
    merge([at('a.db')], at('c.db'));
    expect(() => merge([at('copy.db')], at('c.db'))).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('has another run of cell pipe,2proc,512,1024, trial 2'),
        hint: expect.stringContaining('two copies of one database have each gone on'),
        exitCode: 3,
      }),
    );
  });

  it('tells a sweep of the output from another one with its number, of a copy that went on', () => {
    student(at('b.db'), { sweeps: 1 });
    copyFileSync(at('b.db'), at('fork.db'));
    write(at('b.db'), (db) => exampleSweep(db, { name: 'mine', startedAt: new Date(1) }));
    write(at('fork.db'), (db) => exampleSweep(db, { name: 'theirs', startedAt: new Date(2) }));
    expect(merge([at('fork.db')], at('b.db'))).toMatchObject([
      { id: 1, state: 'own' },
      { id: 3, state: 'new', name: 'theirs' },
    ]);
  });

  it("takes back the output's own sweep, which was deleted there, from a copy", () => {
    student(at('b.db'), { sweeps: 1 });
    copyFileSync(at('b.db'), at('backup.db'));
    write(at('b.db'), (db) => deleteSweep(db, sweepById(db, 1), new Date(0)));
    expect(merge([at('backup.db')], at('b.db'))).toMatchObject([
      { id: 2, state: 'new', newRuns: 2 },
    ]);
  });

  it('refuses a run of another sweep in a database that nobody has checked', () => {
    student(at('a.db'));
    change(
      at('a.db'),
      'UPDATE run SET environment_id = (SELECT max(id) FROM environment) WHERE id = 1',
    );
    const input = new Database(at('a.db'), { readonly: true });
    const setting = { asOne: false, hostsBy: 'machine' } as const;
    expect(() => write(at('c.db'), (db) => takeOver(db, input, 'a.db', setting))).toThrow(
      expect.objectContaining({
        message: 'a.db is damaged: a row of run refers to environment 2, of another sweep',
        ...{ hint: 'leave it out', exitCode: 3 },
      }),
    );
    input.close();
  });

  it('brings back a sweep that was deleted in the output', () => {
    student(at('a.db'));
    merge([at('a.db')], at('c.db'));
    write(at('c.db'), (db) => db.prepare('DELETE FROM sweep WHERE id = 1').run());
    expect(findDamage(at('c.db'))).toEqual([]);
    expect(dump(at('c.db')).environment_origin).toHaveLength(1);
    expect(sum(merge([at('a.db')], at('c.db')))).toEqual({ sweeps: 1, runs: 2 });
  });

  /** Reads the states from the file itself: opening it for writing may change them at once. */
  const storedStates = () => {
    const db = new Database(at('c.db'), { readonly: true });
    try {
      return db.prepare('SELECT state FROM sweep').pluck().all();
    } finally {
      db.close();
    }
  };

  it('marks a sweep as interrupted that its own database calls running', () => {
    student(at('a.db'), { sweeps: 1 });
    const db = new Database(at('a.db'));
    db.exec("UPDATE sweep SET state = 'running', ended_at = NULL");
    db.close();
    for (const _ of ['new', 'known']) {
      merge([at('a.db')], at('c.db'));
      expect(storedStates()).toEqual(['interrupted']);
    }
  });

  it.each(['ended', 'stopped'])('keeps the state of a sweep that has %s', (state) => {
    student(at('a.db'), { sweeps: 1 });
    write(at('a.db'), (db) => db.prepare('UPDATE sweep SET state = ?').run(state));
    for (const _ of ['new', 'known']) {
      merge([at('a.db')], at('c.db'));
      expect(storedStates()).toEqual([state]);
    }
  });

  it('reads versions 1 and 2, and recognises them again after their migration', () => {
    const one = madeByVersion1(at('one.db'));
    one.close();
    madeByVersion2(at('two.db'));
    const before = ['one.db', 'two.db'].map((name) => readFileSync(at(name), 'hex'));
    expect(sum(merge([at('one.db'), at('two.db')], at('c.db')))).toEqual({ sweeps: 2, runs: 1 });
    expect(['one.db', 'two.db'].map((name) => readFileSync(at(name), 'hex'))).toEqual(before);
    for (const name of ['one.db', 'two.db']) openForWriting(at(name)).close();
    expect(sum(merge([at('one.db'), at('two.db')], at('c.db')))).toEqual({ sweeps: 0, runs: 0 });
  });
});

describe('an input of a merge', () => {
  /** Every file in the folder, with its content. */
  const around = () =>
    Object.fromEntries(
      readdirSync(folder)
        .filter((name) => !name.startsWith('c.db'))
        .map((name) => [name, readFileSync(at(name), 'hex')]),
    );

  it('whose newest runs are in a log beside it is read completely, and nothing beside it changes', () => {
    makeWithLog('a.db');
    rmSync(at('made.db'));
    const before = around();
    expect(Object.keys(before)).toEqual(expect.arrayContaining(['a.db', 'a.db-wal']));
    expect(sum(merge([at('a.db')], at('c.db')))).toEqual({ sweeps: 1, runs: 2 });
    expect(around()).toEqual(before);
  });

  it('that a killed program has half changed is read in its earlier state, and not changed', () => {
    student(at('made.db'), { sweeps: 1, runs: 2 });
    const db = new Database(at('made.db'));
    // Changed pages get to the file before the transaction ends.
    db.pragma('cache_size = 1');
    db.exec(`BEGIN; UPDATE run SET reason = printf('%.*c', 20000, 'x'); UPDATE cell SET asked = 0`);
    for (const side of ['', '-journal']) copyFileSync(at(`made.db${side}`), at(`a.db${side}`));
    db.exec('ROLLBACK');
    db.close();
    rmSync(at('made.db'));
    const before = around();
    expect(before['a.db-journal']).toBeDefined();
    expect(sum(merge([at('a.db')], at('c.db')))).toEqual({ sweeps: 1, runs: 2 });
    const merged = new Database(at('c.db'), { readonly: true });
    expect(merged.prepare("SELECT count(*) AS n FROM run WHERE reason LIKE 'xxx%'").get()).toEqual({
      n: 0,
    });
    merged.close();
    const after = around();
    expect(after['a.db']).toEqual(before['a.db']);
    expect(after['a.db-journal']).toEqual(before['a.db-journal']);
  });

  it('is refused as the output, under any name', () => {
    student(at('a.db'), { sweeps: 1 });
    linkSync(at('a.db'), at('hard.db'));
    const before = around();
    for (const output of ['a.db', './a.db', 'hard.db', 'x/../a.db']) {
      expect(() => merge([at('a.db')], `${folder}/${output}`)).toThrow('merged into itself');
    }
    expect(() => merge([at('new.db')], at('new.db'))).toThrow('merged into itself');
    expect(around()).toEqual(before);
  });

  it('is named with its other name when it is the output', () => {
    student(at('a.db'), { sweeps: 1 });
    linkSync(at('a.db'), at('hard.db'));
    const hint = expect.stringContaining('name another file with -o');
    expect(() => merge([at('a.db')], at('a.db'))).toThrow(
      expect.objectContaining({ message: `${at('a.db')} cannot be merged into itself`, hint }),
    );
    const also = `which is the same file as ${at('hard.db')}, cannot be merged into itself`;
    expect(() => merge([at('a.db')], at('hard.db'))).toThrow(
      expect.objectContaining({ message: `${at('a.db')}, ${also}`, hint }),
    );
  });

  const inodeOf = (path: string) => lstatSync(path, { throwIfNoEntry: false })?.ino;
  const sameInode = inodeOf('/proc') !== undefined && inodeOf('/proc') === inodeOf('/sys');
  it.skipIf(!sameInode)(
    `is not taken for an output on another file system whose inode has the same number ${sameInode ? '' : '(those of /proc and /sys differ)'}`,
    () => {
      expect(() => checkInputs(['/proc'], '/sys', { asOne: false })).toThrow(
        '/sys is a folder, not a file',
      );
    },
  );

  it('in a folder that is not there is not taken for an output in another such folder', () => {
    expect(() => merge([at('no/a.db')], at('none/c.db'))).toThrow(
      `there is no database ${at('no/a.db')}`,
    );
  });

  it('is read from a copy that is removed when it has been read', () => {
    makeWithLog('a.db');
    const scratch = mkdtempSync(join(folder, 'scratch-'));
    vi.stubEnv('TMPDIR', scratch);
    const during: number[] = [];
    try {
      const [input] = checkInputs([at('a.db')], at('c.db'), { asOne: false });
      readInput(input!, () => during.push(readdirSync(scratch).length));
    } finally {
      vi.unstubAllEnvs();
    }
    expect(during).toEqual([1]);
    expect(readdirSync(scratch)).toEqual([]);
  });

  it('that changes between check and merge is refused', () => {
    student(at('a.db'), { sweeps: 1 });
    const [input] = checkInputs([at('a.db')], at('c.db'), { asOne: false });
    write(at('a.db'), (db) => resumed(db, 1).store(exampleResult(3)));
    expect(() => readInput(input!, () => {})).toThrow('a.db has changed since it was checked');
  });

  it('that changes but keeps its size between check and merge is refused', () => {
    student(at('a.db'), { sweeps: 1 });
    const { size } = statSync(at('a.db'));
    const [input] = checkInputs([at('a.db')], at('c.db'), { asOne: false });
    expect(readInput(input!, () => 'read')).toBe('read');
    write(at('a.db'), (db) => db.exec('UPDATE sweep SET seed = seed + 1'));
    expect(statSync(at('a.db')).size).toBe(size);
    expect(() => readInput(input!, () => {})).toThrow(
      expect.objectContaining({
        message: `${at('a.db')} has changed since it was checked`,
        ...{ hint: 'merge again when nobody is writing to it', exitCode: 3 },
      }),
    );
  });

  it('that is damaged can be left out or saved, as the hint says', () => {
    student(at('a.db'));
    change(
      at('a.db'),
      'UPDATE run SET environment_id = (SELECT max(id) FROM environment) WHERE id = 1',
    );
    const hint = `leave it out; or \`ipc-sweep doctor --db ${at('a.db')}\` saves what can be read in a new file`;
    expect(() => merge([at('a.db')], at('c.db'))).toThrow(
      expect.objectContaining({ hint, exitCode: 3 }),
    );
  });

  const broken: readonly (readonly [string, RegExp, (file: string) => void])[] = [
    [
      'of a newer version',
      /bad\.db was written by a newer ipc-sweep/,
      (file) => change(file, 'PRAGMA user_version = 99'),
    ],
    [
      'with a trigger',
      /somebody has changed the database .*bad\.db: its trigger "evil"/,
      (file) =>
        change(file, 'CREATE TRIGGER evil AFTER INSERT ON run BEGIN DELETE FROM sweep; END'),
    ],
    [
      'with a view in the place of a table',
      /bad\.db: its (table|view|index)/,
      (file) =>
        change(file, 'ALTER TABLE warning RENAME TO w; CREATE VIEW warning AS SELECT * FROM w'),
    ],
    [
      'with rows that have lost the rows they belong to',
      /bad\.db is damaged: rows of \w+ have lost the rows they belong to/,
      (file) => change(file, 'PRAGMA foreign_keys = OFF; DELETE FROM run WHERE id = 1'),
    ],
    [
      'with a run that belongs to two sweeps',
      /bad\.db is damaged: run 1 belongs to two sweeps/,
      (file) =>
        change(
          file,
          'UPDATE run SET environment_id = (SELECT max(id) FROM environment) WHERE id = 1',
        ),
    ],
    [
      'with an environment from two sweeps',
      /bad\.db is damaged: environment 1 belongs to two sweeps/,
      (file) =>
        change(
          file,
          "INSERT INTO sweep_origin VALUES (1, 2, 'd', 1, 'm', 'f', 0); INSERT INTO environment_origin VALUES (1, 1, 1)",
        ),
    ],
    [
      'with a sweep whose name leads elsewhere',
      /sweep 1 of .*bad\.db is called "\.\.\/\.\.\/etc", but a sweep can only have a name of/,
      (file) => change(file, "UPDATE sweep SET name = '../../etc' WHERE id = 1"),
    ],
    [
      'with a huge blob',
      /bad\.db has a value of more than 72 MiB in its table raw_trace/,
      (file) => change(file, 'UPDATE raw_trace SET gzip = zeroblob(80000000) WHERE run_id = 1'),
    ],
    [
      'with a number that is none of ours',
      /bad\.db: the row of run with id 1 has a wrong wall_ns/,
      (file) => change(file, 'UPDATE run SET wall_ns = 9223372036854775807 WHERE id = 1'),
    ],
    [
      'with damaged pages',
      /bad\.db/,
      (file) => {
        const bytes = readFileSync(file);
        bytes.fill(0xa5, 8192, bytes.length - 4096);
        rmSync(file);
        new Database(file).close();
        writeFileSync(file, bytes);
      },
    ],
    [
      'of something else',
      /is not a database/,
      (file) => writeFileSync(file, Buffer.alloc(9000, 'x')),
    ],
  ];

  it.each(broken)('%s is refused by name before anything is written', (_, said, spoil) => {
    student(at('good.db'));
    student(at('bad.db'));
    spoil(at('bad.db'));
    // A file that this process has not checked before.
    copyFileSync(at('bad.db'), at('copy.db'));
    renameSync(at('copy.db'), at('bad.db'));
    const before = around();
    expect(() => merge([at('good.db'), at('bad.db')], at('c.db'))).toThrow(said);
    expect(around()).toEqual(before);
    expect(readdirSync(folder).filter((name) => name.startsWith('c.db'))).toEqual([]);
  });
});

describe('several inputs that cannot be merged', () => {
  const refused = (files: readonly string[]) => {
    try {
      checkInputs(files, at('c.db'), { asOne: false });
    } catch (error) {
      return error as UserError;
    }
    throw new Error('they were not refused');
  };
  const missing = (count: number) => Array.from({ length: count }, (_, n) => at(`no-${n}.db`));

  it('are all named, with a hint if it is the same for all of them', () => {
    student(at('good.db'), { sweeps: 1 });
    const [one = '', two = ''] = missing(2);
    const { message, hint, exitCode } = refused([one, at('good.db'), two]);
    expect(message.split('\n')).toEqual([
      '2 of 3 databases cannot be merged',
      `  there is no database ${one}`,
      `  there is no database ${two}`,
    ]);
    expect(hint).toBe('`ipc-sweep run SPEC` makes it; --db names another one');
    expect(exitCode).toBe(3);
  });

  it('can be left out if each has a fault of its own', () => {
    const [one = ''] = missing(1);
    writeFileSync(at('x.db'), Buffer.alloc(9000, 'x'));
    const hint = expect.stringContaining('nothing was written: leave them out');
    expect(refused([one, at('x.db'), one])).toMatchObject({ hint });
  });

  it('are not blamed for a fault of the program, which stays as it is', () => {
    const files = ['a.db', 'b.db'].map((name) => student(at(name), { sweeps: 1 }));
    const fault = new TypeError('no such function');
    const broken = vi.spyOn(Database.prototype, 'prepare').mockImplementation(() => {
      throw fault;
    });
    try {
      expect(refused(files)).toBe(fault);
    } finally {
      broken.mockRestore();
    }
  });

  it('are reported as one is if there is only one', () => {
    const [one = ''] = missing(1);
    student(at('good.db'), { sweeps: 1 });
    expect(refused([at('good.db'), one])).toMatchObject({
      ...{ message: `there is no database ${one}`, exitCode: 2 },
    });
  });

  it.each([
    [30, 30, []],
    [31, 30, ['  and 1 more']],
    [33, 30, ['  and 3 more']],
  ])('are named up to a number: %i', (count, named, more) => {
    const lines = refused(missing(count)).message.split('\n');
    expect(lines).toEqual([
      `${count} of ${count} databases cannot be merged`,
      ...missing(named).map((file) => `  there is no database ${file}`),
      ...more,
    ]);
  });
});

function change(file: string, sql: string): void {
  const db = new Database(file);
  db.pragma('ignore_check_constraints = ON');
  db.exec(sql);
  db.close();
}
