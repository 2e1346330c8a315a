import { expect, it } from 'vitest';
import { levelText, sharedLevel } from '../../src/analyse/interval.ts';

const at = (level: number) => ({ low: 1, high: 2, level });

it('a heading names the level that all intervals below it have', () => {
  expect(sharedLevel([at(0.96), at(0.9601), undefined])).toBe('96%');
  expect(sharedLevel([at(0.96), at(0.94)])).toBeUndefined();
});

it('a heading without intervals below it names the level that they aim at', () => {
  expect(sharedLevel([])).toBe('95%');
  expect(sharedLevel([undefined, undefined])).toBe('95%');
});

it('a level is shown in whole percent', () => {
  expect(levelText({ level: 0.9375 })).toBe('94%');
});
