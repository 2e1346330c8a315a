import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { markEnd } from '../../src/sweep/run-sweep.ts';

it('a sweep whose end cannot be stored ends with the reason why it was given up, if there is one', () => {
  const unwritable = new Database(':memory:');
  expect(() =>
    markEnd(unwritable, 1, 'stopped', new Error('the database was deleted')),
  ).not.toThrow();
  expect(() => markEnd(unwritable, 1, 'ended', undefined)).toThrow('no such table: sweep');
  unwritable.close();
});
