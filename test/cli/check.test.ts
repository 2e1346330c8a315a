import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { openForWriting } from '../../src/store/open.ts';
import { JOURNAL_MAGIC, leaveHalfChanged } from '../store/half-changed.ts';
import { LooseDatabase } from '../store/loose-database.ts';
import { madeByVersion1 } from '../store/made-by-version-1.ts';
import { madeByVersion2 } from '../store/made-by-version-2.ts';
import { around, CELLS, type HandedIn, handedIn, said, storeSweep } from './handed-in.ts';

const root = mkdtempSync(join(tmpdir(), 'ipc-sweep-check-test-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folder = '';
let number = 0;
beforeEach(() => {
  folder = join(root, String(++number));
  mkdirSync(join(folder, 'in'), { recursive: true });
});
const path = (name: string) => join(folder, name);
const student = (name: string, ...sweeps: HandedIn[]) => handedIn(path(`in/${name}`), ...sweeps);

const CONDITIONS =
  'matrix: { buffer_size: [512, 1024], total_size: 4096 }\ntrials: 5\nbenchmark: { bare: true, rusage: true }\n';
function spec(...expected: string[]): string {
  const lines = expected.map((line) => `  - ${line}\n`).join('');
  writeFileSync(path('spec.yaml'), `name: homework\n${CONDITIONS}expect:\n${lines}`);
  return path('spec.yaml');
}

const fast = [3e6, 3.1e6, 3.2e6, 3.3e6, 3.4e6];
const slow = fast.map((rate) => rate / 4);

type Row = Record<string, string>;
async function rowsOf(...words: string[]): Promise<{ code: number; rows: Row[]; talk: string }> {
  const { code, out, talk } = await said('check', ...words, '--csv');
  return { code, rows: parse(out, { columns: true }), talk };
}

/** Judges, and makes sure that nothing of the databases or beside them has changed. */
async function judged(...words: string[]): Promise<Row[]> {
  const before = around(path('in'));
  const { rows } = await rowsOf(...words);
  expect(around(path('in'))).toEqual(before);
  return rows;
}

describe('30 databases and one expectation', () => {
  it('give 30 rows and a line that names who did not pass, and nothing is written anywhere', async () => {
    const files = Array.from({ length: 30 }, (_, at) =>
      student(`s${at}.db`, { rates: at % 10 === 3 ? slow : fast }),
    );
    const words = [spec('bandwidth.median > 1MB/s'), '--db', ...files];
    const before = around(folder);
    const { code, rows, talk } = await rowsOf(...words);
    expect(around(folder)).toEqual(before);
    expect(code).toBe(1);
    expect(rows.map((row) => row.student)).toEqual(files.map((_, at) => `s${at}`));
    expect(rows.map(({ state }) => state)).toEqual(
      files.map((_, at) => (at % 10 === 3 ? 'fail' : 'pass')),
    );
    expect(rows[3]).toMatchObject({
      ...{ database: files[3], sweep: 'homework-1', expectation: 'bandwidth.median > 1MB/s' },
      ...{ cells: '2', cells_met: '0', cells_missed: '2', cells_missing: '0' },
      ...{ measured_least: '800000', measured_most: '800000', measured_unit: 'bytes/s' },
      ...{ found: '0.8MB/s in 2 of 2 cells', differences: '', machine: 'vm' },
    });
    expect(talk).toBe('27 of 30 pass\nfail (3): s3, s13, s23\n');
    const { out } = await said('check', ...words);
    expect(out).toMatch(/^s0 +homework-1 +pass +bandwidth\.median > 1MB\/s +3\.2MB\/s$/m);
    expect(out).toContain('\n27 of 30 pass\nfail (3): s3, s13, s23\n');
  });

  it('exit with 0 when all pass, and are written as a grade list', async () => {
    const files = ['a', 'b'].map((name) => student(`${name}/ipc-sweep.db`, { rates: fast }));
    const grades = path('grades.csv');
    const words = ['--out', grades, '--preset', 'spreadsheet', '--semicolon'];
    const { code } = await said('check', spec('runs.completed == 5'), ...files, ...words);
    expect(code).toBe(0);
    const [header, first, second] = readFileSync(grades, 'utf8').split('\r\n');
    expect(header).toMatch(/^\ufeffstudent;database;sweep;/);
    expect([first, second]).toEqual([
      expect.stringMatching(/^a;.*;pass;/),
      expect.stringMatching(/^b;.*;pass;/),
    ]);
  });

  it('are never overwritten by --out, and neither is the spec', async () => {
    const file = student('a.db', { rates: fast });
    linkSync(file, path('other-name'));
    for (const out of [file, path('other-name'), spec('runs.failed == 0')]) {
      const { code, talk } = await said('check', path('spec.yaml'), file, '--out', out);
      expect(code).toBe(2);
      expect(talk).toContain('which would be overwritten');
    }
    rmSync(path('other-name'));
  });

  it('are not written over anything but a file, such as /dev/stdout', async () => {
    const file = student('a.db', { rates: fast });
    spawnSync('mkfifo', [path('pipe')]);
    symlinkSync('/dev/null', path('link'));
    for (const [out, kind] of [
      ['pipe', 'a named pipe (fifo), not a file'],
      ['link', 'a symbolic link, which is not followed'],
    ] as const) {
      const words = [spec('runs.failed == 0'), file, '--out', path(out)];
      const { code, talk } = await said('check', ...words);
      expect(code).toBe(3);
      expect(talk).toContain(`${path(out)} is ${kind}`);
    }
  });

  it('are refused without an expectation', async () => {
    writeFileSync(path('spec.yaml'), `name: homework\n${CONDITIONS}`);
    const { code, talk } = await said('check', path('spec.yaml'), student('a.db'));
    expect(code).toBe(2);
    expect(talk).toContain('has no expectations');
  });
});

describe('an expectation', () => {
  const EXPECTED = [
    'bandwidth.median >= 3MB/s',
    'bandwidth.cv < 1%',
    'bandwidth.median > 1MB/s when buffer_size == 65536 || buffer_size == 512',
    'runs.suspect == 0',
    'syscalls.sender.write > 1',
    'pipe_states.read has no DIRECTW',
    'probe_effect > 50%',
  ];

  it('passes, fails or is not judged, each time with what was measured', async () => {
    const file = student('a.db', { rates: fast });
    const rows = await judged(spec(...EXPECTED), file);
    const shown = rows.map(({ state, because, found }) => [state, because, found]);
    expect(shown).toEqual([
      ['pass', '', '3.2MB/s'],
      ['fail', '', '4.941% in 2 of 2 cells'],
      ['pass', '', '3.2MB/s'],
      ['pass', '', '0'],
      ['pass', '', '4'],
      ['not-judged', 'not-in-kernel', 'this kernel has no state DIRECTW in 2 of 2 cells'],
      ['not-judged', 'no-controls', 'nothing was measured in 2 of 2 cells'],
    ]);
    const { out } = await said('check', path('spec.yaml'), file, '--json');
    const json = JSON.parse(out);
    expect(json.expectations[0]).toEqual({
      ...{ expectation: EXPECTED[0], unit: 'bytes/s', operator: '>=', value: 3e6 },
    });
    expect(json.databases[0].expectations[0]).toMatchObject({
      ...{ state: 'pass', because: null, cells: 2, cells_met: 2, measured_least: 3.2e6 },
      by_cell: [
        { cell: 1, buffer_bytes: 512, state: 'met', measured: 3.2e6, because: null },
        { cell: 2, buffer_bytes: 1024, state: 'met', measured: 3.2e6, because: null },
      ],
    });
    expect(json.databases[0].expectations[0].by_cell[0]).toEqual({
      ...{ cell: 1, ipc: 'pipe', mode: '2proc', buffer_bytes: 512, total_bytes: 4096 },
      ...{ socket_buffers: false, host: null, program: null },
      ...{ state: 'met', measured: 3.2e6, because: null, found: '3.2MB/s' },
    });
    expect(json.summary).toEqual({ pass: [], fail: ['a'], not_judged: [] });
  });

  it('is not judged without runs, with too few runs, or without a trace', async () => {
    const none = student('none.db', { rates: [] });
    const few = student('few.db', { rates: fast.slice(2) });
    const untraced = student('untraced.db', { rates: fast, change: { tracer: 'none' } });
    const names = [spec('bandwidth.ci_low > 1MB/s', 'syscalls.write > 0'), none, few, untraced];
    const rows = await judged(...names);
    expect(rows.map(({ student: own, state, because }) => [own, state, because])).toEqual([
      ['none', 'not-judged', 'no-runs'],
      ['none', 'not-judged', 'no-instrument'],
      ['few', 'not-judged', 'too-few-runs'],
      ['few', 'pass', ''],
      ['untraced', 'pass', ''],
      ['untraced', 'not-judged', 'no-instrument'],
    ]);
  });

  it('is also judged in cells that the spec does not have, unless every cell is wanted', async () => {
    const part = student('part.db', { rates: fast, change: { cells: CELLS.slice(0, 1) } });
    const other = CELLS.map((cell) => ({ ...cell, totalBytes: 8192 }));
    const others = student('others.db', { rates: fast, change: { cells: other } });
    const small = 'bandwidth.median > 1MB/s when buffer_size > 512';
    const words = [spec('bandwidth.median > 1MB/s', small), part, others];
    const states = (rows: readonly Row[]) => rows.map((row) => [row.state, row.because]);
    expect(states(await judged(...words))).toEqual([
      ['pass', ''],
      ['not-judged', 'no-such-cell'],
      ['pass', ''],
      ['pass', ''],
    ]);
    const rows = await judged(...words, '--every-cell');
    expect(new Set(rows.map(({ because }) => because))).toEqual(new Set(['no-such-cell']));
    expect(rows[0]).toMatchObject({
      found: "not made: 1 of the spec's cells that it concerns",
      cells_missing: '1',
      differences: 'not made: 1 of 2 cells of the spec (pipe 2proc 1 KiB of 4 KiB)',
    });
    expect(rows[2]?.differences).toContain('not in the spec: 2 of 2 cells (');
  });

  it('is not judged in a cell whose sizes make its condition impossible to compute', async () => {
    const file = student('a.db', {
      rates: fast,
      change: { cells: [{ ...CELLS[0]!, bufferBytes: 256 }] },
    });
    const [row] = await judged(
      spec('runs.failed == 0 when total_size / (buffer_size - 256) > 0'),
      file,
    );
    expect(row).toMatchObject({ state: 'not-judged', because: 'no-condition' });
    expect(row?.found).toContain('the condition fails for');
  });

  it('about programs applies to no cell of a sweep without programs', async () => {
    const file = student('a.db', { rates: fast });
    writeFileSync(
      path('spec.yaml'),
      `name: homework\n${CONDITIONS.replace('bare', 'programs: { base: ./a, new: ./b }, bare')}expect:\n  - runs.failed == 0 when program != "base"\n`,
    );
    const [row] = await judged(path('spec.yaml'), file);
    expect(row).toMatchObject({ state: 'not-judged', because: 'no-such-cell', cells: '0' });
  });
});

describe('the other things that are reported about a database', () => {
  it('include every condition that differs from the spec, and none of them hides its runs', async () => {
    const file = student('a.db', {
      rates: fast.slice(1),
      change: {
        ...{ name: 'mine', warmup: 1, runOrder: 'sequential', iterations: 3, bare: false },
        ...{ rusage: false, controls: true, tracer: 'none', instruments: [] },
        specText: 'name: mine\nbenchmark: { program: ./own }\n',
      },
    });
    const { out } = await said('check', spec('runs.completed > 0'), file, '--json');
    const [database] = JSON.parse(out).databases;
    const messages = database.differences.map((each: { message: string }) => each.message);
    expect(messages).toEqual([
      'name: the spec asks for homework, the sweep has mine',
      'trials: the spec asks for 5, the sweep has 4',
      'warm-up trials: the spec asks for 0, the sweep has 1',
      'order: the spec asks for shuffled, the sweep has sequential',
      'benchmark: the spec asks for bundled, the sweep has ./own',
      'iterations: the spec asks for 1, the sweep has 3',
      'bare benchmark: the spec asks for yes, the sweep has no',
      'rusage of samples: the spec asks for yes, the sweep has no',
      'tracer: the spec asks for auto, the sweep has none',
      'controls: the spec asks for no, the sweep has yes',
    ]);
    expect(database.expectations[0].state).toBe('pass');
    const text = await said('check', path('spec.yaml'), file);
    expect(text.out).toContain('\n  differs: trials: the spec asks for 5, the sweep has 4\n');
  });

  it('include each doubt about its runs; suspect runs are left out, or let in', async () => {
    const file = student('a.db', {
      rates: [...fast, 1],
      result: (trial) =>
        trial === 6
          ? {
              outcome: { state: 'suspect', reason: 'x', samples: [] },
              doubts: [{ code: 'drops', message: 'the tracer lost lines', suspect: true }],
            }
          : {},
    });
    const [row] = await judged(spec('runs.suspect == 0'), file);
    expect(row?.state).toBe('fail');
    expect(row?.doubts).toContain('2 of 12 runs: suspect: the tracer lost lines (drops)');
  });

  it('include that it is a copy of another one', async () => {
    const file = student('a.db', { rates: fast });
    copyFileSync(file, path('in/b.db'));
    const rows = await judged(spec('runs.failed == 0'), file, path('in/b.db'));
    expect(rows[0]?.doubts).toBe('');
    expect(rows[1]?.doubts).toContain(`it has the identity of ${file}: one is a copy of the other`);
  });

  it('include which of several sweeps is judged: the newest of the name, or the one that is asked for', async () => {
    const own = { rates: fast };
    const other = { rates: slow, change: { name: 'other' } };
    const both = student('both.db', own, other);
    const foreign = student('foreign.db', other, { ...other, rates: fast });
    const words = [spec('bandwidth.median > 1MB/s'), both, foreign];
    const sweeps = (rows: readonly Row[]) => rows.map((row) => [row.sweep, row.sweeps, row.state]);
    expect(sweeps(await judged(...words))).toEqual([
      ['homework-1', '2', 'pass'],
      ['other-2', '2', 'pass'],
    ]);
    expect(sweeps(await judged(...words, '--sweep', 'other'))).toEqual([
      ['other-2', '2', 'fail'],
      ['other-2', '2', 'pass'],
    ]);
    const rows = await judged(...words, '--sweep', '@3');
    expect(rows.map(({ because }) => because)).toEqual(['no-sweep', 'no-sweep']);
    expect(rows[0]?.found).toContain('holds no sweep @3; it holds other-2, homework-1');
  });
});

/** Opens a database as whoever wants to deceive the reader. */
function tampered(file: string, sql: string): void {
  const db = new Database(file);
  db.unsafeMode(true);
  db.exec(sql);
  db.close();
}

describe('an unreadable database', () => {
  it('is a row with the reason, and the others are judged', async () => {
    const good = { rates: fast };
    const files = {
      missing: path('in/missing.db'),
      empty: path('in/empty.db'),
      text: path('in/text.db'),
      cut: student('cut.db', good),
      newer: student('newer.db', good),
      foreign: path('in/foreign.db'),
      trigger: student('trigger.db', good),
      view: student('view.db', good),
      link: path('in/link.db'),
      fifo: path('in/fifo.db'),
      folder: path('in/folder.db'),
      named: student('named.db', good),
      none: student('none.db'),
      good: student('good.db', good),
    };
    writeFileSync(files.empty, '');
    writeFileSync(files.text, 'not a database\n'.repeat(100));
    truncateSync(files.cut, 20_000);
    tampered(files.newer, 'PRAGMA user_version = 99');
    tampered(files.foreign, 'CREATE TABLE recipe (name TEXT)');
    tampered(files.trigger, 'CREATE TRIGGER t AFTER UPDATE ON sweep BEGIN DELETE FROM run; END');
    tampered(files.view, 'DROP VIEW run_overview; CREATE VIEW run_overview AS SELECT 1 AS run_id');
    tampered(files.named, "UPDATE sweep SET name = 'a' || char(27) || '[2J'");
    symlinkSync(files.good, files.link);
    spawnSync('mkfifo', [files.fifo]);
    mkdirSync(files.folder);
    const rows = await judged(spec('bandwidth.median > 1MB/s'), ...Object.values(files));
    expect(rows.map((row) => [row.student, row.state, row.because])).toEqual(
      Object.keys(files).map((name) =>
        name === 'good'
          ? [name, 'pass', '']
          : [name, 'not-judged', name === 'none' ? 'no-sweep' : 'unreadable'],
      ),
    );
    const reasons = Object.fromEntries(rows.map((row) => [row.student, row.found]));
    expect(reasons).toMatchObject({
      missing: expect.stringContaining('there is no database'),
      empty: expect.stringContaining('is empty'),
      text: expect.stringContaining('file is not a database'),
      cut: expect.stringContaining('malformed'),
      newer: expect.stringContaining('written by a newer ipc-sweep'),
      foreign: expect.stringContaining('is not a database of ipc-sweep'),
      trigger: expect.stringContaining('its trigger "t" is not of ipc-sweep'),
      view: expect.stringContaining('"run_overview" is not as ipc-sweep makes it'),
      link: expect.stringContaining('a symbolic link'),
      fifo: expect.stringContaining('a named pipe'),
      folder: expect.stringContaining('a folder'),
      named: expect.stringContaining(
        'is called "a\\u001b[2J", but a sweep can only have a name of',
      ),
      none: expect.stringContaining('holds no sweep'),
    });
  });

  it('may have values of wrong types, or texts that would fill the memory', async () => {
    const sound = student('sound.db', { rates: fast });
    const loose = new LooseDatabase(sound, path('loose.db'));
    const long = `CAST(zeroblob(${20 * 1024 * 1024}) AS TEXT)`;
    const changes = {
      type: "UPDATE sample SET bandwidth_bytes_per_s = 'fast'",
      text: `UPDATE sweep SET spec_text = ${long}`,
      name: `UPDATE sweep SET name = ${long}`,
      key: `UPDATE syscall_count SET syscall = ${long} WHERE run_id = 1 AND role = 'sender'`,
    };
    for (const [name, sql] of Object.entries(changes)) {
      loose.changed(path(`in/${name}.db`), (db) => db.exec(sql));
    }
    const names = Object.keys(changes);
    const rows = await judged(
      spec('bandwidth.median > 1MB/s'),
      ...names.map((name) => path(`in/${name}.db`)),
    );
    expect(rows.map((row) => [row.student, row.because])).toEqual(
      names.map((name) => [name, 'unreadable']),
    );
    expect(rows[1]?.found).toContain('has a wrong spec_text: expected text of at most 16 MiB');
    for (const { found } of rows) expect(found!.length).toBeLessThanOrEqual(500);
  });

  it('is not made by a huge blob that nothing asks for: it is judged all the same', async () => {
    const file = student('a.db', { rates: fast });
    tampered(file, `UPDATE raw_trace SET gzip = zeroblob(${300 * 1024 * 1024}) WHERE run_id = 1`);
    const before = process.memoryUsage().rss;
    const { code } = await said('check', spec('bandwidth.median > 1MB/s'), file);
    expect(code).toBe(0);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
    rmSync(file);
  });
});

describe('a database that SQLite would have to change before it can be read', () => {
  it('is read with what a killed writer has left in its log, and stays as it is', async () => {
    const home = path('home.db');
    const { db, close } = openForWriting(home);
    storeSweep(db, { rates: fast });
    for (const side of ['', '-wal']) copyFileSync(home + side, path(`in/killed.db${side}`));
    close();
    const [row] = await judged(spec('runs.completed == 5'), path('in/killed.db'));
    expect(row?.state).toBe('pass');
    // Without its log it has no sweep; SQLite would make a new log merely by looking.
    copyFileSync(path('in/killed.db'), path('in/alone.db'));
    const [alone] = await judged(path('spec.yaml'), path('in/alone.db'));
    expect(alone?.state).toBe('not-judged');
  });

  it('is read in the state before the change that a killed program has begun', async () => {
    const file = student('a.db', { rates: fast });
    leaveHalfChanged(file);
    const [row] = await judged(spec('bandwidth.median > 1MB/s'), file);
    expect(row?.state).toBe('pass');
  });

  it('is refused if its journal would have SQLite delete another file', async () => {
    const precious = path('precious');
    writeFileSync(precious, 'x');
    const file = student('a.db', { rates: fast });
    leaveHalfChanged(file);
    nameInJournal(`${file}-journal`, precious);
    const [row] = await judged(spec('runs.failed == 0'), file);
    expect(row?.found).toContain('names another file, which would be deleted with it');
    const { code, talk } = await said('status', '--db', file);
    expect({ code, talk }).toMatchObject({ code: 3, talk: expect.stringContaining('deleted') });
    expect(() => openForWriting(file)).toThrow('which would be deleted with it');
    expect(existsSync(precious)).toBe(true);
  });

  it('is migrated as a copy if it is of an older version, and the file stays as it is', async () => {
    madeByVersion1(path('in/one.db'));
    madeByVersion2(path('in/two.db'));
    const words = [path('in/one.db'), path('in/two.db')];
    const rows = await judged(spec('runs.completed == 1'), ...words);
    expect(rows.map(({ because, sweeps }) => [because === 'unreadable', sweeps])).toEqual([
      [false, '1'],
      [false, '1'],
    ]);
    expect(rows[1]).toMatchObject({ sweep: 'old-1', state: 'pass' });
  });
});

/** https://www.sqlite.org/fileformat2.html#the_rollback_journal */
function nameInJournal(journal: string, name: string): void {
  const record = Buffer.alloc(4 + name.length + 4 + 4);
  record.writeUInt32BE(0x40000, 0);
  record.write(name, 4);
  record.writeUInt32BE(name.length, 4 + name.length);
  record.writeUInt32BE(
    [...Buffer.from(name)].reduce((sum, byte) => sum + byte, 0),
    8 + name.length,
  );
  writeFileSync(journal, Buffer.concat([readFileSync(journal), record, JOURNAL_MAGIC]));
}
