import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UserError } from '../../src/errors.ts';
import { sweepsMeant, unambiguousNames } from '../../src/store/merge/sweeps-meant.ts';
import { takeOver } from '../../src/store/merge/take-over.ts';
import { openForReading, openForWriting, type WritableDb } from '../../src/store/open.ts';
import { openUntouched } from '../../src/store/open-untouched.ts';
import { chooseSweep, listSweeps, repeatsOf, sweepById } from '../../src/store/reader.ts';
import { findSweep } from '../../src/store/sweep-writer.ts';
import { exampleSweep, NEW_SWEEP } from './example-sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-choose-test-'));
let database: WritableDb;
const NAMES = ['a', 'b', 'a', 'a-3', '2', 'b'];

beforeAll(() => {
  database = openForWriting(join(folder, 'x.db'));
  for (const name of NAMES) exampleSweep(database.db, { name });
});
afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

it.each([
  [undefined, 6],
  ['1', 1],
  ['a', 3],
  ['b', 6],
  ['b-2', 2],
  ['a-3-4', 4],
  ['2-5', 5],
  ['@2', 2],
  ['@5', 5],
])('%s names one sweep: %i', (which, id) => {
  expect(chooseSweep(database.db, which).id).toBe(id);
});

it.each([
  ['a-3', 'a-3 can be sweep 3, which is called a, or sweep 4, which is called a-3', '@3 or @4'],
  ['2', '2 can be sweep 2, which is called b, or sweep 5, which is called 2', '@2 or @5'],
])('%s is refused with both of its meanings', (which, said, hint) => {
  let thrown: unknown;
  try {
    chooseSweep(database.db, which);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ message: said, exitCode: 2 });
  expect((thrown as UserError).hint).toContain(hint);
});

it('a name without a sweep is refused with the names that exist', () => {
  for (const which of ['c', '@7', '@a', '7', '@', '']) {
    expect(() => chooseSweep(database.db, which)).toThrow(`holds no sweep ${which}`);
  }
});

it('the number of a sweep always finds it, whatever the names are', () => {
  expect(sweepById(database.db, 2).name).toBe('b');
  expect(() => sweepById(database.db, 7)).toThrow('holds no sweep 7');
});

describe('a sweep that was merged', () => {
  const merged = join(folder, 'merged.db');
  const FILES = ['alice.db', 'group 1/bob/results/ipc-sweep.db', 'c/carol/ipc-sweep.db'];

  beforeAll(() => {
    const output = openForWriting(merged);
    exampleSweep(output.db, { name: 'own' });
    for (const [at, name] of FILES.entries()) {
      const file = join(folder, name);
      const { db, close } = openForWriting(file);
      for (const sweep of ['lab', 'lab', 'other']) exampleSweep(db, { name: sweep });
      db.prepare('UPDATE host SET name = ?').run(`board-${at}`);
      close();
      const input = openUntouched(file);
      takeOver(output.db, input.db, name, { asOne: false, hostsBy: 'machine' });
      input.close();
    }
    output.close();
  });

  const choose = (which: string | undefined) => {
    const db = openForReading(merged);
    try {
      return chooseSweep(db, which).id;
    } finally {
      db.close();
    }
  };

  it.each([
    ['own', 1],
    ['lab@alice', 3],
    ['other@alice', 4],
    ['@alice', 4],
    ['lab@alice.db', 3],
    ['lab@bob', 6],
    ['lab@group 1', 6],
    ['@carol', 10],
    ['lab@board-2', 9],
    ['lab-5', 5],
    ['@5', 5],
    ['@10', 10],
    ['@board-2', 10],
  ])('is named by its origin: %s', (which, id) => {
    expect(choose(which)).toBe(id);
  });

  it('is not found by a name that sweeps of other databases also have', () => {
    let thrown: unknown;
    try {
      choose('lab');
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      message: expect.stringContaining('lab can be sweep 9, which is called lab, or sweep 6'),
      hint: 'say which: lab@carol or lab@bob or lab@alice',
    });
    expect(() => choose('lab@ipc-sweep.db')).toThrow('can be sweep 9');
    expect(() => choose('lab@nobody')).toThrow('holds no sweep lab@nobody');
    expect(() => choose('lab@5')).toThrow('holds no sweep lab@5');
  });

  it('is a repeat only of sweeps of its own database', () => {
    const db = openForReading(merged);
    // All were made under the same conditions.
    expect(repeatsOf(db, 6).map(({ id }) => id)).toEqual([5, 6, 7]);
    expect(repeatsOf(db, 1).map(({ id }) => id)).toEqual([1]);
    db.close();
  });

  it('is named by its number where its name and origin mean a newer one', () => {
    const input = openForWriting(join(folder, 'dave.db'));
    for (const name of ['a', 'a', 'a-1']) exampleSweep(input.db, { name });
    const output = openForWriting(join(folder, 'of-dave.db'));
    takeOver(output.db, input.db, 'dave.db', { asOne: false, hostsBy: 'machine' });
    input.close();
    let thrown: unknown;
    try {
      chooseSweep(output.db, 'a-1');
    } catch (error) {
      thrown = error;
    }
    expect((thrown as UserError).hint).toBe('say which: @1 or a-1@dave');
    expect(chooseSweep(output.db, 'a@dave').id).toBe(2);
    output.close();
  });

  it('is named by its number where sweeps of two databases have the same name and origin', () => {
    const output = openForWriting(join(folder, 'of-two.db'));
    for (const name of ['erin.db', 'frank.db']) {
      const input = openForWriting(join(folder, name));
      exampleSweep(input.db, { name: 'lab' });
      takeOver(output.db, input.db, 'here.db', { asOne: false, hostsBy: 'machine' });
      input.close();
    }
    const sweeps = listSweeps(output.db);
    expect(unambiguousNames(output.db, sweeps, sweeps)).toEqual(['@2', '@1']);
    output.close();
  });

  it('is not continued where it was merged', () => {
    const { db, close } = openForWriting(merged);
    expect(findSweep(db, NEW_SWEEP.identity)).toBe(1);
    close();
  });
});

it('a word that begins or ends with a digit can be the name of a machine', () => {
  const { db, close } = openForWriting(join(folder, 'machines.db'));
  exampleSweep(db);
  const ids = (which: string) => sweepsMeant(db, listSweeps(db), which).map(({ id }) => id);
  for (const machine of ['2nd', 'board2']) {
    db.prepare('UPDATE host SET name = ?').run(machine);
    expect([ids(`@${machine}`), ids(`example@${machine}`), ids(`other@${machine}`)]).toEqual([
      [1],
      [1],
      [],
    ]);
  }
  close();
});
