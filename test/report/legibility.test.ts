import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mostlySentences } from '../../src/report/figures/largest-parts.ts';
import { shades } from '../../src/report/figures/ramp.ts';
import { firstSights } from '../../src/report/figures/state-stacks.ts';
import { countRange, percent, significant } from '../../src/report/quantities.ts';

/** CIE lightness, from 0 to 100. */
function lightness(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  const y = 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
}

describe('shades', () => {
  it('grow lighter step by step, so that they can be told apart without colours', () => {
    for (let count = 2; count <= 10; count++) {
      const values = shades(count).map(({ colour }) => lightness(colour));
      const steps = values.slice(1).map((value, at) => value - values[at]!);
      for (const step of steps) expect(step).toBeGreaterThan(40 / count);
    }
  });

  it('carry text of a contrast of at least 4.5 to 1', () => {
    for (let count = 1; count <= 12; count++) {
      for (const { colour, ink } of shades(count)) {
        const l = lightness(colour);
        const y = l > 8 ? ((l + 16) / 116) ** 3 : l / 903.3;
        const contrast = ink === '#ffffff' ? 1.05 / (y + 0.05) : (y + 0.05) / 0.05;
        expect(contrast).toBeGreaterThan(4.5);
      }
    }
  });
});

describe('numbers in words', () => {
  it('have three significant digits and no exponent', () => {
    expect([0, 1, 12.345, 1234.5, 0.00012345, 99999, 0.5].map(significant)).toEqual([
      ...['0', '1', '12.3', '1230', '0.000123', '100000', '0.5'],
    ]);
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e15, noNaN: true }), (value) => {
        expect(significant(value)).toMatch(/^\d+(\.\d+)?$/);
        expect(Math.abs(Number(significant(value)) - value)).toBeLessThanOrEqual(value * 0.00501);
      }),
    );
  });

  it('say neither 0 nor 100 percent of a share that is not', () => {
    expect([0, 0.0001, 0.0123, 0.5, 0.9996, 1].map(percent)).toEqual([
      ...['0 %', '< 0.1 %', '1.2 %', '50 %', '> 99.9 %', '100 %'],
    ]);
  });

  it('count one thing, several, and a range', () => {
    expect([[1], [7, 7], [7, 5]].map((counts) => countRange(counts, 'run'))).toEqual([
      ...['one run', '7 runs', '5 to 7 runs'],
    ]);
  });
});

describe('mostlySentences', () => {
  it('puts neighbours of one name into one sentence, and panels into several', () => {
    const entry = (size: number, name: string, share: number, panel = 'a') => ({
      ...{ panel, size, name, share },
    });
    expect(
      mostlySentences([
        entry(512, 'EMPTY', 0.9),
        entry(1024, 'EMPTY', 0.8),
        entry(2048, 'FULL', 1),
      ]),
    ).toBe('512 B to 1 KiB: EMPTY 80 % to 90 %. 2 KiB: FULL 100 %.');
    expect(mostlySentences([entry(512, 'EMPTY', 0.9), entry(512, 'EMPTY', 0.9, 'b')])).toBe(
      'a, 512 B: EMPTY 90 %. b, 512 B: EMPTY 90 %.',
    );
  });
});

describe('firstSights', () => {
  const bits = [{ bit: 4, name: 'DIRECTW' }];
  const first = (...seen: number[][]) =>
    firstSights(
      seen.map((_, at) => at + 1),
      new Map(seen.map((states, at) => [at + 1, states])),
      bits,
    );

  it('finds where a bit begins and stays', () => {
    expect(first([1], [1], [5, 1], [4])).toEqual([{ name: 'DIRECTW', bytes: 3 }]);
  });

  it('says nothing of a bit that is there from the start, goes again, or never comes', () => {
    expect(first([4], [4])).toEqual([]);
    expect(first([1], [4], [1])).toEqual([]);
    expect(first([1], [1])).toEqual([]);
  });
});
