import { describe, expect, it } from 'vitest';
import { fitCurve } from '../../src/analyse/curve-fit.ts';
import { bendWords, hockneyWords, roundedSize } from '../../src/report/curve-words.ts';
import { BENT, curveOf, doubling } from '../analyse/curve-samples.ts';

const interval = (low: number, high: number) => ({ low, high, level: 0.95 });
const MIB = 2 ** 20;

describe('the words about a curve', () => {
  it('give the cost of a call, the asymptote and its half, each in one unit with its interval', () => {
    expect(
      hockneyWords({
        call: { value: 1.234e-6, interval: interval(0.9e-6, 1.5e-6) },
        asymptote: { value: 2000 * MIB, interval: interval(1900 * MIB, 2100 * MIB) },
        half: { value: 3000, interval: interval(1000, 5000) },
        bend: undefined,
      }),
    ).toBe(
      'a write and its read cost 1.23 µs (95% interval 0.9–1.5) besides moving the bytes; bandwidth tends to 2000 MiB/s (1900–2100), half of which is reached with buffers of 2.93 KiB (0.977–4.88)',
    );
  });

  it('say where it bends, and when the sizes do not show an end of the interval', () => {
    const bend = {
      ...{ at: 65536, interval: interval(50_000, 80_000), p: 0.001 },
      beyond: { value: 1000 * MIB, interval: interval(900 * MIB, 1100 * MIB) },
    };
    expect(bendWords(bend)).toBe(
      'bends at 64 KiB (48.8–78.1): bytes beyond that move at 1000 MiB/s (900–1100)',
    );
    const ends = (low?: number, high?: number) => bendWords({ ...bend, interval: { low, high } });
    expect(ends(50_000)).toContain('(48.8 or more)');
    expect(ends(undefined, 80_000)).toContain('(78.1 or less)');
    expect(ends()).toContain('(anywhere)');
    expect(bendWords({ ...bend, beyond: undefined })).toContain('add no time');
  });

  it('contain only readable numbers for a fit of noisy data', () => {
    const { bend } = fitCurve(curveOf(BENT, doubling(12), 0.02))!.hockney!;
    expect(bendWords(bend!)).toMatch(
      /^bends at \d+(\.\d)? KiB \([\d.]+–[\d.]+\): bytes beyond that move at \d+ MiB\/s \(\d+–\d+\)$/,
    );
  });

  it('round sizes that are not a power of two', () => {
    expect([512, 1536, 99_999, 3 * 2 ** 20].map(roundedSize)).toEqual([
      ...['512 B', '1.5 KiB', '97.7 KiB', '3 MiB'],
    ]);
  });
});
