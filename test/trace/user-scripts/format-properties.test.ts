import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readDtraceText } from '../../../src/trace/user-scripts/dtrace-text.ts';

interface Column {
  readonly conversion: string;
  readonly text: string;
  readonly printed: string;
}

const word = fc.stringMatching(/^[a-z_]{1,12}( [a-z]{1,5})?$/);
const number = fc.integer();
const width = fc.integer({ min: 1, max: 20 });

const column: fc.Arbitrary<Column> = fc.oneof(
  word.map((text) => ({ conversion: '%s', text, printed: text })),
  fc.tuple(word, width).map(([text, size]) => {
    return { conversion: `%-${size}s`, text, printed: text.padEnd(size) };
  }),
  fc.tuple(word, width).map(([text, size]) => {
    return { conversion: `%${size}s`, text, printed: text.padStart(size) };
  }),
  fc.tuple(number, fc.constantFrom('%d', '%i', '%lld')).map(([value, conversion]) => {
    return { conversion, text: String(value), printed: String(value) };
  }),
  fc.tuple(number, width).map(([value, size]) => {
    return { conversion: `%${size}d`, text: String(value), printed: String(value).padStart(size) };
  }),
  fc.tuple(number, width).map(([value, size]) => {
    return { conversion: `%-${size}d`, text: String(value), printed: String(value).padEnd(size) };
  }),
  fc.nat().map((value) => ({ conversion: '%u', text: String(value), printed: String(value) })),
  fc.nat().map((value) => {
    return { conversion: '%x', text: value.toString(16), printed: value.toString(16) };
  }),
  fc.nat().map((value) => {
    return { conversion: '0%o', text: value.toString(8), printed: `0${value.toString(8)}` };
  }),
  fc.constantFrom(...'abcXYZ').map((text) => ({ conversion: '%c', text, printed: text })),
);

/** A text as it stands in the script, and as it comes out. */
const separator = fc.constantFrom(
  ['|', '|'],
  ['\\t', '\t'],
  [' = ', ' = '],
  ['; ', '; '],
  ['%%,', '%,'],
  ['\\n-- ', '\n-- '],
  [' \\"at\\" ', ' "at" '],
) as fc.Arbitrary<readonly [string, string]>;

const valueColumn = fc
  .tuple(number, width, fc.constantFrom('%@d', '%@', '%-@'))
  .map(([value, size, kind]) => {
    if (kind === '%@d') return { conversion: kind, value, printed: String(value) };
    const printed = kind === '%@' ? String(value).padStart(size) : String(value).padEnd(size);
    return { conversion: `${kind}${size}d`, value, printed };
  });

it('any printa() format with separated columns is read back', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(column, separator), { maxLength: 5 }),
      valueColumn,
      separator,
      valueColumn,
      fc.boolean(),
      fc.constantFrom('\\n', ';'),
      fc.integer({ min: 1, max: 4 }),
      (columns, first, between, second, both, end, times) => {
        const keysFormat = columns.map(([key, [source]]) => key.conversion + source).join('');
        const keysPrinted = columns.map(([key, [, text]]) => key.printed + text).join('');
        const values = both ? [first, second] : [first];
        const format = values.map(({ conversion }) => conversion).join(between[0]);
        const printed = values.map((one) => one.printed).join(between[1]);
        const names = ['one', 'two'].slice(0, values.length);
        const keyList = columns.length === 0 ? '' : `[${columns.map(() => 'x').join()}]`;
        const script = `BEGIN { ${names.map((name) => `@${name}${keyList} = sum(1);`).join(' ')} }
          END { printa("${keysFormat}${format}${end}", ${names.map((name) => `@${name}`).join()}); }`;
        const ending = end === ';' ? ';' : '\n';
        const output = `${(keysPrinted + printed + ending).repeat(times)}\n`;
        const read = readDtraceText(script, output);
        expect(read.unread).toEqual([]);
        expect(read.events).toEqual([]);
        expect(read.aggregates.map((row) => [row.name, row.value])).toEqual(
          Array.from({ length: times }, () =>
            values.map(({ value }, index) => [names[index], value]),
          ).flat(),
        );
        for (const row of read.aggregates)
          expect(row.keys).toEqual(columns.map(([key]) => key.text));
      },
    ),
    { numRuns: 500 },
  );
});
