import { describe, expect, it } from 'vitest';
import { sessionDeviation } from '../src/analyse/session-deviation.ts';
import { greatest, least } from '../src/extremes.ts';
import { countRange } from '../src/report/quantities.ts';

const many = Array.from({ length: 200_000 }, (_, at) => (at * 7) % 200_000);

describe('the greatest and the least', () => {
  it('are found among more numbers than a function may have arguments', () => {
    expect([greatest(many), least(many)]).toEqual([199_999, 0]);
    expect([greatest(many, 1e6), least(many, -1)]).toEqual([1e6, -1]);
  });

  it('are the given bounds where there are no numbers', () => {
    expect([greatest([]), least([])]).toEqual([-Infinity, Infinity]);
    expect([greatest([], 0), least([], 1)]).toEqual([0, 1]);
    expect(greatest([1, Number.NaN, 2])).toBeNaN();
  });

  it('are found in sweeps of very many cells', () => {
    expect(countRange(many, 'call')).toBe('0 to 199999 calls');
    const session = [1, 2, 3, 4, 5];
    const cells = many.map(() => [session, session]);
    expect(sessionDeviation(cells)).toBeDefined();
  });
});
