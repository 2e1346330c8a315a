import { expect, it } from 'vitest';
import { recordsOf } from '../../src/export/records.ts';
import { column, tableOf } from '../../src/export/table.ts';

it('JSON gets the names and values of a table, and null for what JSON cannot express', () => {
  const rows = [
    { of: 'a', n: 0.1 + 0.2, big: 2n ** 60n + 1n },
    { of: null, n: Number.NaN, big: 1n },
    { of: '', n: Number.POSITIVE_INFINITY, big: 0n },
  ];
  const definition = {
    name: 'x',
    description: 'x',
    columns: [
      column<(typeof rows)[number]>('of', 'string', (r) => r.of, 'text'),
      column<(typeof rows)[number]>('n_ns', 'number', (r) => r.n, 'a number', { unit: 'ns' }),
      column<(typeof rows)[number]>('value', 'integer', (r) => r.big, 'a large one'),
    ],
  };
  expect(recordsOf(tableOf(definition, () => rows, undefined))).toEqual([
    { of: 'a', n_ns: 0.30000000000000004, value: '1152921504606846977' },
    { of: null, n_ns: null, value: '1' },
    { of: '', n_ns: null, value: '0' },
  ]);
});
