import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mebibytesOrDash as onTerminal } from '../../src/cli/mebibytes-or-dash.ts';
import { largestPartSentences } from '../../src/report/figures/largest-parts.ts';
import { firstSeenBits } from '../../src/report/figures/state-stacks.ts';
import { callLook, KNOWN_STATES, lookAt, roleLook, stateShade } from '../../src/report/looks.ts';
import { countRange, percent, percentFigure, percentRange } from '../../src/report/quantities.ts';
import { mebibytes, percentText, significant } from '../../src/rounding.ts';

function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

/** CIE lightness, from 0 to 100. */
function lightness(colour: string): number {
  const y = luminance(colour);
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
}

function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

describe('the shades of states', () => {
  const linux = KNOWN_STATES.filter((name) => /EMPTY|FULL|PARTIAL|other/.test(name));
  const freebsd = KNOWN_STATES.filter((name) => !/EMPTY|FULL|PARTIAL/.test(name));
  const stepsOf = (states: readonly string[]) => {
    const values = states.map((name) => lightness(stateShade(name).colour)).sort((a, b) => a - b);
    return values.slice(1).map((value, at) => value - values[at]!);
  };

  it('can be told apart without colours, on each system', () => {
    for (const states of [linux, freebsd]) {
      expect(states.length).toBeGreaterThan(7);
      expect(Math.min(...stepsOf(states))).toBeGreaterThan(4);
    }
    expect(Math.min(...stepsOf(['EMPTY', 'FULL', 'PARTIAL']))).toBeGreaterThan(7);
  });

  it('are visible on white paper and on dark pages, and their text has a contrast of 4.5 to 1', () => {
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...KNOWN_STATES), fc.string()), (name) => {
        const { colour, ink } = stateShade(name);
        expect(colour).toMatch(/^#[0-9a-f]{6}$/);
        expect(lightness(colour)).toBeGreaterThan(25);
        expect(lightness(colour)).toBeLessThan(89);
        expect(contrast(colour, ink)).toBeGreaterThan(4.5);
      }),
    );
  });
});

describe('the looks of calls', () => {
  it('differ in colour or shape between calls that have a fixed look', () => {
    const looks = Array.from({ length: 64 }, (_, at) => lookAt(at));
    const pairs = looks.map(({ colour, shape }) => `${colour} ${shape}`);
    expect(new Set(pairs).size).toBe(64);
    const common = ['read', 'write', 'close', 'futex', 'fcntl', 'mmap', 'all others'].map(callLook);
    expect(new Set(common.map(({ colour }) => colour)).size).toBe(common.length);
  });

  it('depend only on the name', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(callLook(name)).toEqual(callLook(name));
        expect(roleLook(name)).toEqual(roleLook(name));
      }),
    );
    expect(callLook('__constructor').colour).toMatch(/^#/);
    expect(stateShade('constructor').colour).toMatch(/^#/);
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

  it('say 0 or 100 percent only of shares that are exactly that', () => {
    expect([0, 0.0001, 0.0123, 0.5, 0.9996, 1].map(percent)).toEqual([
      ...['0 %', '< 0.1 %', '1.2 %', '50 %', '> 99.9 %', '100 %'],
    ]);
  });

  it('have no more digits above 100 percent, and one percent sign for a range', () => {
    expect([1.291, 0.0382, 0.995].map(percentText)).toEqual(['129%', '3.8%', '99.5%']);
    expect(percentRange(0.0382, 1.291)).toBe('3.8–129 %');
    expect(percentRange(0.12, 0.1201)).toBe('12 %');
    expect([0.994, 0.996, 1, 0.061].map(percentFigure)).toEqual(['99', '>99', '100', '6']);
  });

  it('are the same on the terminal as in the report', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e12, noNaN: true }), (bandwidth) => {
        expect(onTerminal(bandwidth)).toBe(mebibytes(bandwidth));
      }),
    );
    expect(onTerminal(1075 * 2 ** 20)).toBe('1080');
  });

  it('describe one thing, several things, and a range', () => {
    expect([[1], [7, 7], [7, 5]].map((counts) => countRange(counts, 'run'))).toEqual([
      ...['one run', '7 runs', '5 to 7 runs'],
    ]);
  });
});

describe('largestPartSentences', () => {
  it('puts neighbours with the same name into one sentence, and panels into separate ones', () => {
    const entry = (size: number, name: string, share: number, panel = 'a') => ({
      ...{ panel, size, name, share },
    });
    expect(
      largestPartSentences([
        entry(512, 'EMPTY', 0.9),
        entry(1024, 'EMPTY', 0.8),
        entry(2048, 'FULL', 1),
      ]),
    ).toBe('512 B to 1 KiB: EMPTY 80 % to 90 %. 2 KiB: FULL 100 %.');
    expect(largestPartSentences([entry(512, 'EMPTY', 0.9), entry(512, 'EMPTY', 0.9, 'b')])).toBe(
      'a, 512 B: EMPTY 90 %. b, 512 B: EMPTY 90 %.',
    );
  });
});

describe('firstSeenBits', () => {
  const bits = [{ bit: 4, name: 'DIRECTW' }];
  const first = (...seen: number[][]) =>
    firstSeenBits(
      seen.map((_, at) => at + 1),
      new Map(seen.map((states, at) => [at + 1, states])),
      bits,
    );

  it('finds where a bit begins to be set and stays set', () => {
    expect(first([1], [1], [5, 1], [4])).toEqual([{ name: 'DIRECTW', bytes: 3 }]);
  });

  it('leaves out a bit that is set from the start, stops being set, or is never set', () => {
    expect(first([4], [4])).toEqual([]);
    expect(first([1], [4], [1])).toEqual([]);
    expect(first([1], [1])).toEqual([]);
  });
});
