import { expect, it } from 'vitest';
import { bisected } from '../../src/analyse/bisected.ts';

it('the last number at which something holds is found to the last bit, from either side', () => {
  expect(bisected(0, 10, (value) => value <= 0.3)).toBe(0.3);
  expect(bisected(10, 0, (value) => value >= 0.3)).toBe(0.3);
});

it('the number inside is the last one where nothing holds beyond it', () => {
  expect(bisected(1, 2, (value) => value <= 1)).toBe(1);
  expect(bisected(7, 7, () => true)).toBe(7);
});
