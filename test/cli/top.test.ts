import { readFileSync, renameSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openForWriting, type WritableDb } from '../../src/store/open.ts';
import { markSweep } from '../../src/store/sweep-writer.ts';
import { exampleResult, exampleSweep } from '../store/example-sweep.ts';
import { noTerminal, PseudoTerminal } from './pseudo-terminal.ts';
import { Workplace } from './workplace.ts';

const place = new Workplace();
afterAll(() => {
  const left = place.processes();
  place.remove();
  expect(left).toEqual([]);
});

const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const SIZE = { rows: 24, columns: 80 };
const why = noTerminal();
const count = (text: string, part: string) => text.split(part).length - 1;
const doneIn = (lines: readonly string[]) =>
  Number(/ (\d+)\/\d+ runs$/m.exec(lines.join('\n'))?.[1]);

describe('top without a terminal', () => {
  beforeAll(async () => {
    place.spec('seen', 'answers');
    expect((await place.run('run', 'seen.yaml', '--db', 'seen.db')).code).toBe(0);
  });

  it('prints the sweep once, without control sequences', async () => {
    const { code, stdout, stderr } = await place.run('top', '--db', 'seen.db');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^sweep seen-1: ended, none, started /);
    expect(stdout).toMatch(/ 100% {2}4\/4 runs$/m);
    expect(stdout).toMatch(/^ 512 B +2\/2 +3\.91 /m);
    expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
    expect((await place.run('top', 'seen', '--once', '--db', 'seen.db')).stdout).toBe(stdout);
  });

  it.each([
    ['a database that is not there', ['--db', 'none.db'], 'there is no database none.db'],
    ['a sweep that is not there', ['gone', '--db', 'seen.db'], 'no sweep gone'],
    [
      'half a second',
      ['--interval', '0.5', '--db', 'seen.db'],
      'expected 1 to 86400 seconds, got 0.5',
    ],
    ['no number', ['--interval', 'often', '--db', 'seen.db'], '--interval: expected a number'],
  ])('says what is wrong with %s', async (_, words, said) => {
    expect(await place.run('top', ...words)).toMatchObject({
      ...{ code: 2, stdout: '', stderr: expect.stringContaining(said) },
    });
  });
});

describe.skipIf(why !== undefined)(`top in a terminal${why ? ` (${why})` : ''}`, () => {
  it('shows the progress of a sweep, and restores the terminal on q', async () => {
    place.spec('slow', 'answers', 'matrix: { buffer_size: [512, 1KiB] }\ntrials: 500');
    place.write('programs/answers.delay', '0.02');
    const sweep = place.start(['run', 'slow.yaml', '--db', 'slow.db']);
    await sweep.says(/untraced, about/);
    const terminal = new PseudoTerminal(place, ['top', '--db', 'slow.db'], SIZE);
    try {
      await terminal.until(({ shown }) => doneIn(shown) > 0);
      const before = doneIn(terminal.shown);
      expect(await terminal.restored()).toBe(false);
      await terminal.until(({ shown }) => doneIn(shown) > before);
      const { shown, written } = terminal;
      expect(shown[0]).toMatch(/^sweep slow-1: running, none, started /);
      expect(shown.join('\n')).toMatch(/ runs\/s, .* left, last run ended /);
      expect(shown.join('\n')).toMatch(/^completed +pipe 2proc +(512 B|1 KiB) /m);
      expect(shown.join('\n')).toMatch(/^ *512 B +\d+\/500 /m);
      expect(shown.at(-1)).toBe('q ends');
      expect(written.startsWith(ENTER)).toBe(true);
      terminal.tell('type q');
      expect(await terminal.ended()).toEqual({ code: 0, restored: true });
      expect(terminal.written.endsWith(LEAVE)).toBe(true);
      expect(count(terminal.written, ENTER)).toBe(1);
    } finally {
      terminal.close();
      sweep.process.kill('SIGINT');
    }
    expect((await sweep.ended).code).toBe(130);
    rmSync(place.path('programs/answers.delay'));
  });

  it.each([
    ['coloured', '', true],
    ['not coloured', '1', false],
  ])('is %s where NO_COLOR is %j', async (_, NO_COLOR, coloured) => {
    const { db, close } = openForWriting(place.path('ended.db'));
    markSweep(db, exampleSweep(db).id, 'ended', new Date(0));
    close();
    const terminal = new PseudoTerminal(place, ['top', '--db', 'ended.db'], SIZE, { NO_COLOR });
    try {
      expect(await terminal.ended()).toMatchObject({ code: 0 });
      expect(/\x1b\[\d+m/.test(terminal.written)).toBe(coloured);
    } finally {
      terminal.close();
    }
  });
});

describe.skipIf(why !== undefined)(
  `top at a sweep that the test writes${why ? ` (${why})` : ''}`,
  () => {
    let database: WritableDb;
    let sweep: ReturnType<typeof exampleSweep>;
    let terminal: PseudoTerminal;
    const file = place.path('own.db');

    beforeEach(async () => {
      database = openForWriting(file);
      sweep = exampleSweep(database.db);
      for (let trial = 1; trial <= 3; trial++) sweep.store(exampleResult(trial));
      terminal = new PseudoTerminal(place, ['top', '--db', 'own.db'], SIZE);
      await terminal.until(({ shown }) => doneIn(shown) === 3);
    });

    afterEach(async () => {
      terminal.close();
      await terminal.ended();
      database.close();
      for (const side of ['', '.lock', '-wal', '-shm']) rmSync(file + side, { force: true });
    });

    it('ends by itself when the sweep has ended, and leaves the last frame behind', async () => {
      sweep.store(exampleResult(4));
      markSweep(database.db, sweep.id, 'ended', new Date(0));
      expect(await terminal.ended()).toEqual({ code: 0, restored: true });
      const [, after = ''] = terminal.written.split(LEAVE);
      expect(after.startsWith('\x1b[1msweep example-1\x1b[22m: ended')).toBe(true);
      expect(after).toContain(' 4/20 runs');
    });

    it('ends when its writer was killed', async () => {
      // As the kernel does when a process ends.
      database.close();
      expect(await terminal.ended()).toMatchObject({ code: 0, restored: true });
      const [, after = ''] = terminal.written.split(LEAVE);
      database = openForWriting(file);
      expect(after).toContain('sweep example-1\x1b[22m: interrupted');
    });

    it('does not keep the write-ahead log when the sweep has ended', async () => {
      database.close();
      expect(() => readFileSync(`${file}-wal`)).toThrow('ENOENT');
      database = openForWriting(file);
    });

    it('adapts to any size of the terminal', async () => {
      for (const [rows, columns] of [
        [8, 40],
        [3, 12],
        [50, 200],
      ] as const) {
        const before = terminal.written.length;
        terminal.tell(`resize ${rows} ${columns}`);
        await terminal.until(({ written }) => written.slice(before).endsWith('\x1b[J'));
        await terminal.until(({ shown }) => shown.every((line) => line.length <= columns));
        expect(terminal.shown.length).toBeLessThanOrEqual(rows);
      }
      // A frame of the size before may have been under way.
      await terminal.until(({ shown }) => shown.join('\n').includes('sweep example-1'));
    });

    it.each(['type \x1a', 'signal SIGTSTP'])(
      'restores the terminal while it is stopped (%j)',
      async (how) => {
        terminal.tell(how);
        await terminal.until(({ written }) => written.endsWith(LEAVE));
        expect(await terminal.stopped()).toBe(true);
        terminal.tell('signal SIGCONT');
        await terminal.until(({ written }) => count(written, ENTER) === 2);
        sweep.store(exampleResult(4));
        await terminal.until(({ shown }) => doneIn(shown) === 4);
        terminal.tell('type q');
        expect(await terminal.ended()).toEqual({ code: 0, restored: true });
      },
    );

    it.each(['type \x03', 'signal SIGTERM', 'signal SIGHUP'])('ends on %j', async (how) => {
      terminal.tell(how);
      expect(await terminal.ended()).toEqual({ code: 0, restored: true });
      expect(terminal.written.endsWith(LEAVE)).toBe(true);
    });

    it('ends when the terminal goes away', async () => {
      terminal.tell('hang-up');
      // By a signal: there is nobody left to give a code to.
      expect((await terminal.ended()).code).toBeLessThan(0);
    });

    it('keeps showing what it has read while the database is missing or locked, and goes on afterwards', async () => {
      const move = (from: string, to: string) => {
        for (const side of ['', '-wal', '-shm']) renameSync(from + side, to + side);
      };
      move(file, `${file}.away`);
      await terminal.until(({ shown }) => shown.at(-1)!.includes('there is no database'));
      expect(doneIn(terminal.shown)).toBe(3);
      openForWriting(`${file}.other`).close();
      renameSync(`${file}.other`, file);
      const other = new Database(file);
      other.exec('BEGIN EXCLUSIVE');
      try {
        await terminal.until(({ shown }) => /locked/.test(shown.at(-1)!));
      } finally {
        other.close();
      }
      move(`${file}.away`, file);
      sweep.store(exampleResult(4));
      await terminal.until(({ shown }) => doneIn(shown) === 4);
      expect(terminal.shown.at(-1)).toBe('q ends');
    });
  },
);
