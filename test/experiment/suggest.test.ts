import fc from 'fast-check';
import { expect, it } from 'vitest';
import { distance, nearest } from '../../src/experiment/suggest.ts';

it.each([
  ['', '', 0],
  ['abc', '', 3],
  ['kitten', 'sitting', 3],
  ['flaw', 'lawn', 2],
  ['trails', 'trials', 2],
])('%s and %s are %i letters apart', (word, other, letters) => {
  expect(distance(word, other)).toBe(letters);
});

it('the distance between words is a metric', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
  fc.assert(
    fc.property(word, word, word, (a, b, c) => {
      expect(distance(a, b)).toBe(distance(b, a));
      expect(distance(a, b) === 0).toBe(a === b);
      expect(distance(a, c)).toBeLessThanOrEqual(distance(a, b) + distance(b, c));
      expect(distance(a, b)).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      expect(distance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});

it('the word that was meant is found', () => {
  expect(nearest('trails', ['name', 'trials', 'trace'])).toBe('trials');
  expect(nearest('xyz', ['name', 'trials', 'trace'])).toBeUndefined();
});
