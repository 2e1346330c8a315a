import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decoded } from '../../src/benchmark/decoded.ts';

function bigEndian(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

it('a text is read the same in every encoding, with a byte-order mark and without', () => {
  // A document begins with a brace, or with words before it.
  const texts = fc.string({ unit: 'grapheme', maxLength: 50 }).map((text) => `{ ${text}`);
  fc.assert(
    fc.property(texts, (text) => {
      for (const mark of ['', '\ufeff']) {
        expect(decoded(Buffer.from(mark + text))).toBe(text);
        expect(decoded(Buffer.from(mark + text, 'utf16le'))).toBe(text);
        expect(decoded(bigEndian(mark + text))).toBe(text);
      }
    }),
  );
});

it('any bytes are read as a text', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(typeof decoded(bytes)).toBe('string');
    }),
  );
});
