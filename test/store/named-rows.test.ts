import { expect, it } from 'vitest';
import { rowMaker } from '../../src/store/named-rows.ts';

interface Row {
  readonly id: number;
  readonly text: string | null;
  readonly host: string;
  readonly cell: number;
}

it('the values of a row, and those that it shares with other rows, are read by name', () => {
  const make = rowMaker<Row>(['id', 'text'], ['host'], ['cell']);
  const host = ['local', 'hidden'];
  const rows = [
    make([1, 'one'], [host, [1]]),
    make([2, null], [host, [2]]),
    make([3, 'three'], [['b'], [2]]),
  ];
  expect(rows.map(({ id, text, host: where, cell }) => [id, text, where, cell])).toEqual([
    [1, 'one', 'local', 1],
    [2, null, 'local', 2],
    [3, 'three', 'b', 2],
  ]);
});
