import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSize, parseSize, SIZE_PATTERN } from '../../src/experiment/sizes.ts';

const units: Record<string, number> = {
  '': 1,
  B: 1,
  k: 1024,
  K: 1024,
  KiB: 1024,
  M: 1024 ** 2,
  MiB: 1024 ** 2,
  G: 1024 ** 3,
  GiB: 1024 ** 3,
  kB: 1000,
  KB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
};

describe('a size', () => {
  it.each(Object.entries(units))(
    'with the unit "%s" is that many times %d bytes',
    (unit, bytes) => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 1_000_000 }), fc.boolean(), (count, blank) => {
          const text = `${count}${blank && unit ? ' ' : ''}${unit}`;
          expect(parseSize(text)).toBe(count * bytes);
          expect(text).toMatch(SIZE_PATTERN);
        }),
      );
    },
  );

  it('stays the same when it is written for people and read again', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (bytes) => {
        expect(parseSize(formatSize(bytes))).toBe(bytes);
      }),
    );
    for (const [text, bytes] of [
      ['4 KiB', 4096],
      ['1 MiB', 1024 ** 2],
      ['1000 B', 1000],
      ['1025 B', 1025],
      ['3 GiB', 3 * 1024 ** 3],
    ] as const) {
      expect(formatSize(bytes)).toBe(text);
    }
  });

  it.each([
    '-1',
    '1.5',
    '1e3',
    '0x10',
    '',
    ' 1',
    '1  k',
    '4XB',
    '4kib',
    '4KIB',
    '4mB',
    'KiB',
    '١',
    '1\n',
  ])('is refused as %j', (text) => {
    expect(parseSize(text)).toBeUndefined();
  });

  it('is refused when it does not fit in 2^53 - 1', () => {
    expect(parseSize('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
    expect(parseSize('9007199254740992')).toBeUndefined();
    expect(parseSize('99999999999999999999')).toBeUndefined();
    expect(parseSize('8388608GiB')).toBeUndefined();
  });

  it('never causes an exception, and matches the published pattern whenever it can be read', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        if (parseSize(text) !== undefined) expect(text).toMatch(SIZE_PATTERN);
      }),
    );
  });
});
