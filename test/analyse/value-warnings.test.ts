import { describe, expect, it } from 'vitest';
import { valueWarnings } from '../../src/analyse/value-warnings.ts';

const MIB = 2 ** 20;
const steady = [1000, 1010, 990, 1005, 995].map((rate) => rate * MIB);

describe('warnings about the values of a cell', () => {
  it('are not given for steady values of samples that last', () => {
    expect(valueWarnings(steady, MIB)).toEqual([]);
    expect(valueWarnings([], 1)).toEqual([]);
  });

  it('name samples that last less than a millisecond, and what makes them longer', () => {
    expect(valueWarnings(steady, MIB / 4)).toEqual([
      {
        code: 'short-samples',
        message:
          'a sample lasts 0.25 ms, so that the clock and the scheduler weigh in it; a larger total_size makes it longer',
      },
    ]);
    // As long as a millisecond at 1000 MiB/s, by the median and not by the fastest run.
    expect(valueWarnings([...steady, 5000 * MIB, 1000 * MIB], 1.001 * MIB)[0]?.code).not.toBe(
      'short-samples',
    );
  });

  it('are not given for a sample of exactly a millisecond, or a variation of exactly a tenth', () => {
    expect(valueWarnings([1e9, 1e9, 1e9], 1e6)).toEqual([]);
    expect(valueWarnings([1e9, 1e9, 1e9], 999_999)).toMatchObject([{ code: 'short-samples' }]);
    // A mean of 10 and a variance of (1 + 1 + 1 + 1) / 4.
    expect(valueWarnings([9, 9, 10, 11, 11], 1e6)).toEqual([]);
    expect(valueWarnings([9, 9, 10, 11, 11.1], 1e6)).toMatchObject([{ code: 'noisy' }]);
  });

  it('name values that vary by more than a tenth, of at least five runs', () => {
    const wild = [1000, 1400, 700, 1200, 800].map((rate) => rate * MIB);
    const [warning, ...rest] = valueWarnings(wild, MIB * 100);
    expect(rest).toEqual([]);
    expect(warning).toEqual({
      code: 'noisy',
      message: 'runs vary by 28% (coefficient of variation)',
    });
    expect(valueWarnings(wild.slice(0, 4), MIB * 100)).toEqual([]);
  });
});
