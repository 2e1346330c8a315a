import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { requireMadeHere } from '../../src/cli/made-here.ts';
import { openForReading, openForWriting } from '../../src/store/open.ts';
import { listSweeps } from '../../src/store/reader.ts';
import { madeByVersion1 } from '../store/made-by-version-1.ts';
import { madeByVersion2 } from '../store/made-by-version-2.ts';
import { around, said, storeSweep } from './handed-in.ts';
import { noTerminal, PseudoTerminal } from './pseudo-terminal.ts';
import { MAIN, Workplace } from './workplace.ts';

const root = mkdtempSync(join(tmpdir(), 'ipc-sweep-change-test-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folder = '';
let number = 0;
beforeEach(() => {
  folder = join(root, String(++number));
  mkdirSync(folder);
});
const path = (name: string) => join(folder, name);
const file = () => path('ipc-sweep.db');
const rates = [3e6, 3.1e6];

function filled(...names: string[]): string {
  const { db, close } = openForWriting(file());
  for (const name of names) storeSweep(db, { rates, change: { name } });
  close();
  return file();
}
const change = (...words: string[]) => said(...words, '--results', folder);
function sweeps(): readonly string[] {
  const db = openForReading(file());
  try {
    return listSweeps(db).map(({ name, id }) => `${name}-${id}`);
  } finally {
    db.close();
  }
}

describe('delete', () => {
  it('says what it deletes and how much smaller the database is, and keeps the folder', async () => {
    filled('a', 'b');
    expect((await change('export', 'a')).code).toBe(0);
    const { code, out, talk } = await change('delete', 'a', '--yes');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^deleted sweep a-1 with 4 runs of 2 cells \(about [\d.]+ KiB, started 1970-01-01\)\n.*ipc-sweep\.db: [\d.]+ KiB before, [\d.]+ KiB now\n$/,
    );
    expect(talk).toBe(`${path('a-1')}/ stays: its files were not deleted\n`);
    expect(sweeps()).toEqual(['b-2']);
    expect(readdirSync(path('a-1'))).toContain('summary.csv');
  });

  it('removes the folder if asked, but neither links nor other people’s files in it', async () => {
    filled('a', 'b');
    for (const name of ['a', 'b']) {
      await change('export', name, '--format', 'csv,xlsx,parquet');
      await change('plot', name, '--format', 'svg');
    }
    writeFileSync(path('precious.csv'), '');
    symlinkSync(path('precious.csv'), path('a-1/runs.json'));
    writeFileSync(path('a-1/mine.csv'), '');
    writeFileSync(path('a-1/figures/mine.svg'), '');
    const first = await change('delete', 'a', '--yes', '--folder');
    expect(first.out).toMatch(
      /removed \d+ files of .*a-1\/; files that ipc-sweep did not write stay: mine\.csv, runs\.json, figures\/mine\.svg/,
    );
    expect(readdirSync(path('a-1')).sort()).toEqual(['figures', 'mine.csv', 'runs.json']);
    expect(existsSync(path('precious.csv'))).toBe(true);
    const second = await change('delete', 'b', '--yes', '--folder');
    expect(second.out).toContain(`removed ${path('b-2')}/\n`);
    expect(existsSync(path('b-2'))).toBe(false);
  });

  it('does not remove a folder of another database, or a link', async () => {
    filled('a', 'b');
    mkdirSync(path('a-1'));
    writeFileSync(path('a-1/runs.csv'), '');
    symlinkSync(path('a-1'), path('b-2'));
    for (const [name, why] of [
      ['a', 'it is not marked as a folder of this database'],
      ['b', 'it is not a folder'],
    ]) {
      const { code, talk } = await change('delete', name!, '--yes', '--folder');
      expect({ code, talk }).toMatchObject({ code: 0, talk: expect.stringContaining(why!) });
    }
    expect(existsSync(path('a-1/runs.csv'))).toBe(true);
  });

  it('asks at a terminal, and needs --yes elsewhere', async (context) => {
    filled('a', 'b');
    const { code, talk } = await change('delete', 'a');
    expect(code).toBe(2);
    expect(talk).toContain('there is no terminal on which to ask: delete sweep a-1 with 4 runs');
    expect(talk).toContain('hint: pass --yes');
    expect(sweeps()).toHaveLength(2);
    const none = noTerminal();
    if (none !== undefined) return context.skip(none);
    const place = new Workplace();
    for (const [answer, left] of [
      ['n', 2],
      ['y', 1],
    ] as const) {
      const words = ['delete', 'a', '--results', folder];
      const terminal = new PseudoTerminal(place, words, { rows: 24, columns: 80 });
      await terminal.until(({ written }) => written.includes('[y/N]'));
      terminal.tell(`type ${answer}\r`);
      await terminal.ended();
      expect(sweeps()).toHaveLength(left);
      terminal.close();
    }
    place.remove();
  });

  it('is refused while somebody writes to the database, as are rename and note', async () => {
    filled('a');
    const { close } = openForWriting(file());
    for (const words of [
      ['delete', 'a', '--yes'],
      ['rename', 'a', 'b'],
      ['note', 'a', 'x'],
    ]) {
      const { code, talk } = await change(...words);
      expect({ words, code, talk }).toMatchObject({
        code: 3,
        talk: expect.stringMatching(/in use: pid/),
      });
    }
    close();
    expect(sweeps()).toEqual(['a-1']);
  });

  it('makes no database where there is none, and names the sweeps that are there', async () => {
    for (const words of [
      ['delete', 'a', '--yes'],
      ['rename', 'a', 'b'],
      ['note', 'a', 'x'],
    ]) {
      const { code, talk } = await change(...words);
      expect({ code, talk }).toMatchObject({
        code: 2,
        talk: expect.stringContaining('there is no database'),
      });
    }
    expect(readdirSync(folder)).toEqual([]);
    filled('a');
    expect((await change('delete', 'c', '--yes')).talk).toContain('it holds a-1');
  });

  it('on a full disk deletes the sweep, loses nothing else, and says that the space is not freed', async () => {
    const { db, close } = openForWriting(file());
    storeSweep(db, { rates, change: { name: 'kept' } });
    const long = Array.from({ length: 60 }, () => 3e6);
    storeSweep(db, {
      rates: long,
      change: { name: 'large' },
      result: () => ({ stderrTail: 'x'.repeat(20_000) }),
    });
    storeSweep(db, {
      rates: long,
      change: { name: 'other' },
      result: () => ({ stderrTail: 'y'.repeat(20_000) }),
    });
    close();
    // In blocks of 512 bytes: enough for what the deletion changes, not for all that stays.
    const { status, stdout, stderr } = spawnSync(
      'sh',
      [
        '-c',
        'ulimit -f 4000; exec "$@"',
        'sh',
        process.execPath,
        MAIN,
        'delete',
        'large',
        '--yes',
        '--results',
        folder,
      ],
      { encoding: 'utf8' },
    );
    expect({ status, stdout, stderr }).toMatchObject({ status: 3 });
    expect(stdout).toContain('deleted sweep large-2');
    expect(stderr).toContain('the space of the sweep stays in');
    expect(sweeps()).toEqual(['other-3', 'kept-1']);
    expect((await said('doctor', '--db', file())).code).toBe(0);
    expect((await change('delete', 'other', '--yes')).code).toBe(0);
  });
});

describe('rename', () => {
  it('changes only the name, and says what becomes of the folder', async () => {
    filled('a', 'b');
    await change('export', 'a');
    const { code, out, talk } = await change('rename', 'a', 'aside');
    expect({ code, out }).toEqual({ code: 0, out: 'sweep a-1 is aside-1 now\n' });
    expect(talk).toBe(
      `\`run\` continues it when the spec has the name aside\n${path('a-1')}/ stays as it is, with the old name; \`ipc-sweep export @1\` writes ${path('aside-1')}/\n`,
    );
    expect(sweeps()).toEqual(['b-2', 'aside-1']);
    expect((await change('rename', 'aside', 'aside')).out).toContain('has that name already');
  });

  it.each(['../x', '', 'a b', '-x', '.', 'x'.repeat(65), 'a\x1b[2J'])(
    'refuses %j, because no spec may have that name',
    async (name) => {
      filled('a');
      const { code } = await change('rename', 'a', '--', name);
      expect(code).toBe(2);
      expect(sweeps()).toEqual(['a-1']);
    },
  );
});

describe('note', () => {
  it('is shown by status, its JSON, the report, the workbook and the data package', async () => {
    filled('a');
    const text = 'the fan was off\nfrom 14:00 on\x1b[2J <b>';
    expect(await change('note', 'a', text)).toMatchObject({
      code: 0,
      out: 'stored the note with sweep a-1\n',
    });
    const list = await change('status');
    expect(list.out).toMatch(/ note\n.* the fan was off from 14:00 on \[2J <b>\n/);
    const one = await change('status', 'a');
    expect(one.out).toContain('\nnote: the fan was off\n      from 14:00 on [2J <b>\n');
    const json = JSON.parse((await change('status', '--json')).out);
    expect(json.sweeps[0].note).toBe(text);
    await change('export', 'a', '--format', 'csv,xlsx');
    await change('report', 'a');
    expect(JSON.parse(readFileSync(path('a-1/datapackage.json'), 'utf8')).description).toBe(
      `Note: ${text}`,
    );
    expect(readFileSync(path('a-1/report.html'), 'utf8')).toContain('from 14:00 on');
    expect(readFileSync(path('a-1/report.html'), 'utf8')).not.toContain('on\x1b[2J <b>');
    const removed = await change('note', 'a', '');
    expect(removed.out).toBe('sweep a-1 has no note now\n');
    expect(removed.talk).toContain('the note before was: the fan');
    expect((await change('status')).out).not.toContain('note');
  });

  it('is limited in length', async () => {
    filled('a');
    expect((await change('note', 'a', 'x'.repeat(4001))).code).toBe(2);
    expect((await change('note', 'a', '😀'.repeat(2000))).code).toBe(0);
  });

  it('can come from standard input', () => {
    filled('a');
    const words = [MAIN, 'note', 'a', '-', '--results', folder];
    const { status } = spawnSync(process.execPath, words, { input: 'one\ntwo\n' });
    expect(status).toBe(0);
    const db = openForReading(file());
    expect(listSweeps(db)[0]?.note).toBe('one\ntwo');
    db.close();
    const long = spawnSync(process.execPath, words, {
      input: 'x'.repeat(20_000),
      encoding: 'utf8',
    });
    expect(long).toMatchObject({ status: 2, stderr: expect.stringContaining('at most 4000') });
  });
});

describe('a database whose sweeps were all made on other machines', () => {
  const made = (...machines: string[]) => {
    const { db, close } = openForWriting(file());
    for (const machine of machines) storeSweep(db, { rates, machine });
    close();
    return file();
  };
  const spec = () => {
    writeFileSync(path('spec.yaml'), 'name: homework\ntrials: 1\n');
    return path('spec.yaml');
  };

  it('is refused by `run`, which names the machines', async () => {
    made('alices-laptop', 'bobs-laptop');
    rmSync(`${file()}.lock`);
    spec();
    const before = around(folder);
    const { code, talk } = await said('run', spec(), '--db', file());
    expect(code).toBe(3);
    expect(talk).toContain(
      `the sweeps in ${file()} were made on alices-laptop, bobs-laptop, but this is ${hostname()}: nothing is written into it`,
    );
    expect(talk).toContain('--fresh starts a sweep in this one');
    const { 'spec.yaml': _, ...after } = around(folder);
    const { 'spec.yaml': __, ...rest } = before;
    expect(after).toEqual(rest);
  });

  it('is distinguished from databases of this machine, of older versions, of imports, and from a missing one', () => {
    requireMadeHere(path('missing.db'));
    expect(() => requireMadeHere(made('elsewhere'))).toThrow('were made on elsewhere');
    requireMadeHere(made(hostname()));
    const one = madeByVersion1(path('one.db'));
    one.exec(
      "INSERT INTO host VALUES (1, 'elsewhere'); INSERT INTO environment VALUES (1, 1, 1, '', '', '', '', '', '', 1, 1, 0, '', '', '')",
    );
    one.close();
    madeByVersion2(path('two.db'));
    const two = new Database(path('two.db'));
    two.exec("UPDATE host SET name = 'elsewhere'");
    two.close();
    for (const name of ['one.db', 'two.db']) {
      expect(() => requireMadeHere(path(name)), name).toThrow('nothing is written into it');
    }
    const { db, close } = openForWriting(path('imported.db'));
    storeSweep(db, { rates, machine: 'rpi', change: { runOrder: 'imported' } });
    requireMadeHere(path('imported.db'));
    close();
  });

  it('is recognised with its write-ahead log, which stays as it is', () => {
    const { db, close } = openForWriting(path('open.db'));
    storeSweep(db, { rates, machine: 'elsewhere' });
    mkdirSync(path('in'));
    spawnSync('cp', [path('open.db'), path('open.db-wal'), path('in')]);
    close();
    const before = around(path('in'));
    expect(() => requireMadeHere(path('in/open.db'))).toThrow('were made on elsewhere');
    expect(around(path('in'))).toEqual(before);
  });
});
