import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readDtraceText } from '../../../src/trace/user-scripts/dtrace-text.ts';
import type { Integer } from '../../../src/trace/user-scripts/integers.ts';
import {
  integerKey,
  lquantizePicture,
  type PrintedKey,
  quantizePicture,
  stackKey,
  textKey,
  value,
  valueColumn,
} from './printed.ts';

const sourceOf = (keys: readonly PrintedKey[]) =>
  keys.length === 0 ? '' : `[${keys.map(({ source }) => source).join(', ')}]`;

/** Rows of one aggregation: all have keys of the same kinds. */
const rows = fc
  .array(fc.constantFrom(textKey, integerKey, stackKey), { maxLength: 5 })
  .chain((kinds) => {
    // A text over its width moves the columns behind it: with another, or with blanks in the
    // others, there is a choice where it ends, and the row stays unread.
    const keys = fc.tuple(...kinds).filter((all) => {
      const texts = all.filter(({ column }) => column.startsWith('  '));
      const long = texts.filter(({ text }) => text.length > 50).length;
      return long === 0 || (long === 1 && texts.every(({ text }) => !text.includes(' ')));
    });
    return fc.tuple(keys, fc.array(fc.tuple(keys, value), { minLength: 1, maxLength: 10 }));
  });

/** One printing says each key once. */
function numbered(keys: readonly string[]): readonly number[] {
  let printing = 1;
  let seen = new Set<string>();
  return keys.map((key) => {
    if (seen.has(key)) {
      printing++;
      seen = new Set();
    }
    seen.add(key);
    return printing;
  });
}

it('any scalar aggregation in the default layout is read back', () => {
  fc.assert(
    fc.property(rows, fc.boolean(), ([like, printed], quiet) => {
      const alike = printed.map(([keys, number]): readonly [readonly PrintedKey[], Integer] => [
        keys,
        number,
      ]);
      const output = alike
        .map(
          ([keys, number]) =>
            `${keys.map(({ column }) => column).join('')}${valueColumn(number)}\n`,
        )
        .join('');
      const script = `BEGIN { @numbers${sourceOf(like)} = sum(x); }`;
      const before = quiet
        ? 'some text\n'
        : 'CPU     ID                    FUNCTION:NAME\n  0      1                           :BEGIN some text\n';
      const read = readDtraceText(script, `${before}\n${output}`);
      const printings = numbered(alike.map(([keys]) => keys.map(({ text }) => text).join('\n')));
      expect(read.aggregates).toEqual(
        alike.map(([keys, number], at) => ({
          name: 'numbers',
          keys: keys.map(({ text }) => text),
          function: 'sum',
          printing: printings[at],
          bucketFrom: null,
          bucketTo: null,
          value: number,
        })),
      );
      expect(read.events.map(({ text }) => text)).toEqual(['some text']);
      expect(read.unread).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

it('any distribution in the default layout is read back', () => {
  const key = fc.oneof(textKey, integerKey);
  fc.assert(
    fc.property(
      fc
        .array(key, { maxLength: 3 })
        .filter((keys) => keys.every(({ column }) => column.length < 53)),
      fc.oneof(quantizePicture, lquantizePicture),
      (keys, picture) => {
        const script = `BEGIN { @sizes${sourceOf(keys)} = ${picture.source}; @all = count(); }`;
        const columns = keys.map(({ column }) => column).join('');
        const read = readDtraceText(script, `\n${columns}${picture.text}\n`);
        expect(read.aggregates.map((row) => [row.name, row.function])).toEqual(
          picture.buckets.map(() => ['sizes', picture.source.replace(/\(.*/, '')]),
        );
        expect(read.aggregates.map((row) => [row.bucketFrom, row.bucketTo, row.value])).toEqual(
          picture.buckets,
        );
        expect(
          read.aggregates.every((row) => row.keys.join() === keys.map(({ text }) => text).join()),
        ).toBe(true);
        expect(read.events).toEqual([]);
        expect(read.unread).toEqual([]);
      },
    ),
    { numRuns: 300 },
  );
});
