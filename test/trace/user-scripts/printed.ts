import fc from 'fast-check';
import { type Integer, narrow } from '../../../src/trace/user-scripts/integers.ts';

/** A key as a script writes it, and as dtrace prints it in a column of the default layout. */
export interface PrintedKey {
  readonly source: string;
  readonly text: string;
  readonly column: string;
}

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));

/** Up to the column's width: blanks anywhere but at the end, which the padding hides. */
const shortText = fc
  .string({ unit: fc.constantFrom(...printable), minLength: 1, maxLength: 50 })
  .map((text) => text.trimEnd())
  .filter((text) => text !== '');
const longText = fc.string({ unit: fc.constantFrom(...'abc/._-'), minLength: 51, maxLength: 300 });

export const textKey: fc.Arbitrary<PrintedKey> = fc.oneof(shortText, longText).map((text) => ({
  source: '"text"',
  text,
  column: `  ${text.padEnd(50)}`,
}));

export const integerKey: fc.Arbitrary<PrintedKey> = fc
  .constantFrom(['(char)x', 3, 8], ['(short)x', 5, 16], ['(int)x', 8, 32], ['(uint64_t)x', 16, 63])
  .chain(([source, width, bits]) =>
    fc
      .bigInt(-(2n ** BigInt(Number(bits) - 1)), 2n ** BigInt(Number(bits) - 1) - 1n)
      .map((value) => ({
        source: String(source),
        text: String(value),
        column: ` ${String(value).padStart(Number(width))}`,
      })),
  );

export const stackKey: fc.Arbitrary<PrintedKey> = fc
  .array(fc.stringMatching(/^[a-z_]{1,20}`[a-z_]{1,20}\+0x[0-9a-f]{1,4}$/), {
    minLength: 1,
    maxLength: 5,
  })
  .map((frames) => ({
    source: 'stack()',
    text: frames.join(' < '),
    column: `\n${frames.map((frame) => `${' '.repeat(14)}${frame}\n`).join('')}`,
  }));

/** Any 64-bit value, as it is read back. */
export const value = fc
  .oneof(fc.integer(), fc.maxSafeInteger(), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n))
  .map((number) => narrow(BigInt(number)));
export const valueColumn = (number: Integer) => ` ${String(number).padStart(16)}`;

const header = `\n${'value'.padStart(16)} ${'------------- Distribution -------------'.padStart(41)} ${'count'.padEnd(9)}\n`;
const pictureRow = (label: string, count: number) =>
  `${label.padStart(16)} |${'@'.repeat(Math.min(40, Math.abs(count) % 41)).padEnd(40)} ${String(count).padEnd(9)}\n`;

export interface PrintedPicture {
  readonly source: string;
  readonly text: string;
  readonly buckets: readonly (readonly [Integer | null, Integer | null, number])[];
}

const counts = fc
  .array(fc.nat({ max: 100_000 }), { minLength: 1, maxLength: 8 })
  .map((list) => [0, ...list.map((count, index) => (index === 0 ? count + 1 : count)), 0]);

export const quantizePicture: fc.Arbitrary<PrintedPicture> = fc
  .tuple(fc.integer({ min: 1, max: 52 }), counts)
  .map(([exponent, list]) => ({
    source: 'quantize(x)',
    text:
      header +
      list
        .map((count, index) => pictureRow(String(2n ** BigInt(exponent + index)), count))
        .join(''),
    buckets: list.flatMap((count, index) => {
      const from = 2n ** BigInt(exponent + index);
      return count === 0 ? [] : [[narrow(from), narrow(2n * from - 1n), count] as const];
    }),
  }));

export const lquantizePicture: fc.Arbitrary<PrintedPicture> = fc
  .tuple(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: 1, max: 500 }), counts)
  .map(([low, step, list]) => {
    const last = list.length - 1;
    const high = low + (last - 1) * step;
    const label = (index: number) => {
      if (index === 0) return `< ${low}`;
      return index === last ? `>= ${high}` : String(low + (index - 1) * step);
    };
    return {
      source: `lquantize(x, ${low}, ${high}, ${step})`,
      text: header + list.map((count, index) => pictureRow(label(index), count)).join(''),
      buckets: list.flatMap((count, index) => {
        const from = low + (index - 1) * step;
        return count === 0 ? [] : [[from, from + step - 1, count] as const];
      }),
    };
  });
