import { expect, it } from 'vitest';
import { missingOnAny, notesOfAll } from '../../src/sweep/notes-of-hosts.ts';

const host = (name: string, notes: readonly string[], missing: readonly [string, string][]) => ({
  ...{ host: { name }, notes },
  missing: missing.map(([what, reason]) => ({ name: what, reason })),
});

const HOSTS = [
  host('board-1', ['sudo: nothing is traced'], [['events', 'none here']]),
  host(
    'board-2',
    ['sudo: nothing is traced', 'without a.bt'],
    [
      ['events', 'none here'],
      ['a.bt', 'not run'],
    ],
  ),
];

it('what every host says is said once, and what only some say with their names', () => {
  expect(notesOfAll(HOSTS)).toEqual(['sudo: nothing is traced', 'board-2: without a.bt']);
  expect(notesOfAll([])).toEqual([]);
});

it('what is missing on one host of several is missing, with its name', () => {
  expect(missingOnAny(HOSTS)).toEqual([
    { name: 'events', reason: 'none here' },
    { name: 'a.bt', reason: 'board-2: not run' },
  ]);
});
