import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dwellShares } from '../../src/analyse/dwell-shares.ts';
import type { DwellRow } from '../../src/store/cell-data.ts';

const EMPTY = 1;
const FULL = 2;
const PARTIAL = 4;

function row(run_id: number, state: number, next_state: number, ns: number, cell = 1): DwellRow {
  return { cell, run_id, state, next_state, ns };
}

describe('dwellShares', () => {
  it('charges time to the state that the first look found', () => {
    const [cell] = dwellShares([
      row(1, EMPTY, PARTIAL, 30),
      row(1, EMPTY, EMPTY, 30),
      row(1, PARTIAL, FULL, 40),
    ]);
    expect(cell).toEqual({
      ...{ cell: 1, runs: 1, changing: expect.closeTo(0.7, 12) },
      states: [
        { state: EMPTY, ns: 60, share: expect.closeTo(0.6, 12) },
        { state: PARTIAL, ns: 40, share: expect.closeTo(0.4, 12) },
      ],
    });
  });

  it('gives every run the same weight, however long it took', () => {
    const [cell] = dwellShares([
      row(1, EMPTY, EMPTY, 10),
      row(2, EMPTY, EMPTY, 1000),
      row(2, FULL, FULL, 3000),
    ]);
    expect(cell?.states.map(({ share }) => share)).toEqual([
      expect.closeTo((1 + 0.25) / 2, 12),
      expect.closeTo(0.75 / 2, 12),
    ]);
    expect(cell?.states.map(({ ns }) => ns)).toEqual([1010, 3000]);
  });

  it('leaves out runs and cells without any time', () => {
    expect(dwellShares([row(1, EMPTY, EMPTY, 0)])).toEqual([]);
    expect(dwellShares([row(1, EMPTY, EMPTY, 0), row(2, FULL, FULL, 5)])).toMatchObject([
      { runs: 1, states: [{ state: FULL, share: 1 }] },
    ]);
  });

  it('has shares that add up to 1 in every cell, and no more change than time', () => {
    const rows = fc.array(
      fc
        .tuple(fc.nat(3), fc.nat(3), fc.nat(5), fc.nat(5), fc.nat(1e12))
        .map(([cell, run, state, next, ns]) => row(cell * 10 + run, state, next, ns, cell)),
    );
    fc.assert(
      fc.property(rows, (given) => {
        const cells = dwellShares(given);
        const timed = new Set(given.filter(({ ns }) => ns > 0).map(({ cell }) => cell));
        expect(new Set(cells.map(({ cell }) => cell))).toEqual(timed);
        for (const { states, changing } of cells) {
          expect(states.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
          expect(changing).toBeGreaterThanOrEqual(0);
          expect(changing).toBeLessThanOrEqual(1 + 1e-9);
        }
      }),
    );
  });
});
