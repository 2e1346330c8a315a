import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DURATION_PATTERN, formatSeconds, parseDuration } from '../../src/experiment/durations.ts';

describe('a duration', () => {
  it.each([
    ['ms', 1],
    ['s', 1000],
    ['m', 60_000],
    ['h', 3_600_000],
  ])('in %s is that many times %d ms', (unit, ms) => {
    fc.assert(
      fc.property(fc.nat(999_999_999), (count) => {
        expect(parseDuration(`${count}${unit}`)).toBe(count * ms || (count === 0 ? 0 : undefined));
      }),
    );
  });

  it.each(['30', '', 's', '-1s', '1.5s', '1e3s', '1d', '1S', '10000000000s'])(
    'is refused when it is %j',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
      expect(text).not.toMatch(DURATION_PATTERN);
    },
  );

  it('is written for people in the largest unit that suits it', () => {
    expect([0.85, 12.44, 59.9, 200, 3599, 7500].map(formatSeconds)).toEqual([
      '850 ms',
      '12.4 s',
      '59.9 s',
      '3 min 20 s',
      '59 min 59 s',
      '2 h 5 min',
    ]);
  });
});

it('a time just below one unit is not written as sixty of the smaller unit', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (seconds) => {
      expect(formatSeconds(seconds)).not.toMatch(/^1000 ms|^60\.0 s|\b60 (s|min)$/);
    }),
    { examples: [[0.9996], [59.97], [3599.6], [7199.6]] },
  );
});
