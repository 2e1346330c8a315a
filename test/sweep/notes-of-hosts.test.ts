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

it('a note of all hosts is printed once, and a note of some hosts with their names', () => {
  expect(notesOfAll(HOSTS)).toEqual(['sudo: nothing is traced', 'board-2: without a.bt']);
  expect(notesOfAll([])).toEqual([]);
});

it('what one of several hosts lacks counts as missing, with the name of the host', () => {
  expect(missingOnAny(HOSTS)).toEqual([
    { name: 'events', reason: 'none here' },
    { name: 'a.bt', reason: 'board-2: not run' },
  ]);
});
