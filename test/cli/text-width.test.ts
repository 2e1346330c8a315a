import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bar } from '../../src/cli/bar.ts';
import { alignColumns } from '../../src/cli/print-table.ts';
import { speaksUtf8 } from '../../src/cli/terminal.ts';
import { printable } from '../../src/cli/terminal-text.ts';
import { cut, textWidth, wrapped } from '../../src/cli/text-width.ts';

describe('a text on a terminal', () => {
  it.each([
    ['abc', 3],
    ['日本', 4],
    ['👩‍👩‍👧', 2],
    ['e\u0301', 1],
    ['\x1b[31mred\x1b[39m', 3],
  ])('is measured in columns: %j takes %i', (text, columns) => {
    expect(textWidth(text)).toBe(columns);
  });

  it('is aligned by columns, not by characters', () => {
    expect(
      alignColumns(
        ['a', 'b'],
        [
          ['日本', '1'],
          ['xy', '22'],
        ],
        ['left', 'right'],
      ),
    ).toEqual(['a      b', '日本   1', 'xy    22']);
  });

  it('is cut between characters, never inside one', () => {
    expect(cut('日本語', 5)).toBe('日本…');
    expect(cut('日本語', 4)).toBe('日…');
    expect(cut('short', 5)).toBe('short');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (text, columns) => {
        const printed = printable(text);
        expect(textWidth(cut(printed, columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });

  it('is wrapped between words, and no word is lost', () => {
    expect(wrapped('one two three', 8, '  ')).toEqual(['one two', '  three']);
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1 }),
        fc.integer({ min: 12, max: 40 }),
        (words, columns) => {
          const lines = wrapped(words.join(' '), columns, '  ');
          for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
          expect(lines.map((line) => line.trim()).join(' ')).toBe(words.join(' '));
        },
      ),
    );
  });

  it('cannot move the cursor or change the direction of writing', () => {
    expect(printable('a\x1b[2Jb\r\nc\u202ed\u2067e\x9bf')).toBe('a [2Jb c d e f');
  });
});

describe('a bar', () => {
  it('grows in eighths of a column, or in columns', () => {
    expect([0, 0.5, 1].map((share) => bar(share, 4, true))).toEqual(['', '██', '████']);
    expect(bar(1 / 32, 4, true)).toBe('▏');
    expect(bar(31 / 32, 4, true)).toBe('███▉');
    expect([0, 0.5, 1].map((share) => bar(share, 4, false))).toEqual(['', '##', '####']);
  });

  it('is visible for a small value, and never wider than its columns', () => {
    fc.assert(
      fc.property(
        fc.double(),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        (share, columns, unicode) => {
          const drawn = bar(share, columns, unicode);
          expect(textWidth(drawn)).toBeLessThanOrEqual(columns);
          expect(drawn !== '').toBe(share > 0 && Number.isFinite(share));
        },
      ),
    );
  });
});

describe('the use of UTF-8', () => {
  it.each([
    [{ LANG: 'C.UTF-8' }, true],
    [{ LANG: 'de_DE.utf8' }, true],
    [{ LANG: 'C.UTF-8', LC_ALL: 'C' }, false],
    [{ LANG: 'C', LC_CTYPE: 'en_US.UTF-8' }, true],
    [{ LANG: 'C.UTF-8', LC_ALL: '' }, true],
    [{}, false],
  ])('depends on the environment: %j', (environment, expected) => {
    expect(speaksUtf8(environment)).toBe(expected);
  });
});
