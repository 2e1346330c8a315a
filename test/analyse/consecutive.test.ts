import fc from 'fast-check';
import { expect, it } from 'vitest';
import { consecutive } from '../../src/analyse/consecutive.ts';

it('neighbouring rows with the same key come together, and none is lost', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3 })), (keys) => {
      const rows = keys.map((key, at) => ({ key, at }));
      const groups = [...consecutive(rows, ({ key }) => key)];
      expect(groups.flat()).toEqual(rows);
      expect(groups.every((group) => new Set(group.map(({ key }) => key)).size === 1)).toBe(true);
      expect(
        groups.every((group, at) => at === 0 || group[0]!.key !== groups[at - 1]![0]!.key),
      ).toBe(true);
    }),
  );
});

it('a group is yielded before more than one row beyond it is read', () => {
  let read = 0;
  const rows = function* () {
    for (const key of [1, 1, 2, 3]) {
      read++;
      yield key;
    }
  };
  const [first] = consecutive(rows(), (key) => key);
  expect([first, read]).toEqual([[1, 1], 3]);
});

it('no rows make no group', () => {
  expect([...consecutive<number>([], (key) => key)]).toEqual([]);
});
