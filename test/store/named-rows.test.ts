import { expect, it } from 'vitest';
import { rowMaker } from '../../src/store/named-rows.ts';

interface Row {
  readonly id: number;
  readonly text: string | null;
  readonly host: string;
}

it('a row reads its values, and what it shares with others, by name', () => {
  const make = rowMaker<Row>(['id', 'text'], ['host']);
  const host = { host: 'local', hidden: 1 };
  const rows = [make([1, 'one'], host), make([2, null], host), make([3, 'three'], { host: 'b' })];
  expect(rows.map(({ id, text, host: where }) => [id, text, where])).toEqual([
    [1, 'one', 'local'],
    [2, null, 'local'],
    [3, 'three', 'b'],
  ]);
  expect('hidden' in rows[0]!).toBe(false);
});
