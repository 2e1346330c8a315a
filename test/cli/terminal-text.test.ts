import { styleText } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonText } from '../../src/cli/print-json.ts';
import { alignColumns } from '../../src/cli/print-table.ts';
import { fitForTerminal, fitLine, printable } from '../../src/cli/terminal-text.ts';
import { cut, textWidth } from '../../src/cli/text-width.ts';

/** Characters, and whole sequences, of which hostile texts are made. */
const PIECES = [
  ...['\x1b', '[', ']', ';', 'm', 'J', 'H', '0', '1', '3', '5', '\x07', '\x9b', '\x90', '\r', '\b'],
  ...['\x1b[2J', '\x1b]0;title\x07', '\x1b[31m', '\x1b[8m', '\x1b[39m', '\x7f', '\u202e', '\u2067'],
  ...['a', 'ü', '✓', '😀', '\t', '\n', '\u2028', '\ud800'],
];
const hostile = fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((all) => all.join(''));
/** Characters that a terminal might act on. */
const ACTIVE = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

describe('text for a terminal', () => {
  it('contains only printable characters and line ends, whatever it is made from', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(fitForTerminal(text, false)).not.toMatch(ACTIVE);
        expect(fitForTerminal(text, false).length).toBe(text.length);
      }),
    );
  });

  it('contains no sequences but colours and styles, and switches them off at its end', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const sent = fitForTerminal(text, true);
        expect(sent.replace(/\x1b\[(?:0|1|2|22|3[1239])m/g, '')).not.toMatch(ACTIVE);
        if (sent.includes('\x1b')) expect(sent.endsWith('\x1b[0m')).toBe(true);
      }),
    );
  });

  it('keeps the styles that ipc-sweep uses', () => {
    for (const format of ['bold', 'dim', 'red', 'green', 'yellow'] as const) {
      const styled = styleText(format, 'text', { validateStream: false });
      expect(fitForTerminal(styled, true)).toBe(`${styled}\x1b[0m`);
      expect(fitForTerminal(styled, false)).not.toContain('\x1b');
    }
    expect(fitForTerminal('a\n\tb', true)).toBe('a\n\tb');
  });

  it('stays on one line where one line is written, and within the width that is asked for', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 0, max: 20 }), (text, columns) => {
        expect(fitLine(`a${text}`, false)).not.toContain('\n');
        const line = cut(text, columns);
        expect(line).not.toMatch(/[\n\t]/);
        expect(line).not.toMatch(ACTIVE);
        expect(textWidth(line)).toBeLessThanOrEqual(columns);
        const table = alignColumns(['a', text], [[text, 'b']], ['left', 'right']);
        expect(table).toHaveLength(2);
        for (const row of table) expect(row).not.toMatch(/[\n\t]/);
        expect(printable(text)).not.toMatch(/[\n\t]/);
      }),
    );
  });
});

describe('a JSON document', () => {
  it('keeps its meaning without characters that a terminal could obey', () => {
    fc.assert(
      fc.property(fc.record({ text: hostile, 'a\u202e': hostile }), (value) => {
        const text = jsonText(value);
        expect(JSON.parse(text)).toEqual(value);
        expect(fitForTerminal(text, false)).toBe(text);
      }),
    );
  });
});
