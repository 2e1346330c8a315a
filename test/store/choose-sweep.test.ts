import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { UserError } from '../../src/errors.ts';
import { openForWriting, type WritableDb } from '../../src/store/open.ts';
import { chooseSweep, sweepById } from '../../src/store/reader.ts';
import { exampleSweep } from './example-sweep.ts';

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
])('%s is refused, with both that it can be', (which, said, hint) => {
  let thrown: unknown;
  try {
    chooseSweep(database.db, which);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ message: said, exitCode: 2 });
  expect((thrown as UserError).hint).toContain(hint);
});

it('what names none is refused with what there is', () => {
  for (const which of ['c', '@7', '@a', '7', '@', '']) {
    expect(() => chooseSweep(database.db, which)).toThrow(`holds no sweep ${which}`);
  }
});

it('the program itself names a sweep by its number, which no name can be taken for', () => {
  expect(sweepById(database.db, 2).name).toBe('b');
  expect(() => sweepById(database.db, 7)).toThrow('holds no sweep 7');
});
