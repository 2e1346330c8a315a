import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dwellShares } from '../../src/analyse/dwell-shares.ts';
import type { DwellRow } from '../../src/store/cell-data.ts';

const EMPTY = 1;
const FULL = 2;
const PARTIAL = 4;

function row(state: number, next_state: number, ns: number, cell = 1): DwellRow {
  return { cell, state, next_state, ns };
}

describe('dwellShares', () => {
  it('charges time to the state that a look found at its beginning', () => {
    const shares = dwellShares([
      row(EMPTY, PARTIAL, 30),
      row(EMPTY, EMPTY, 30),
      row(PARTIAL, FULL, 40),
    ]);
    expect(shares).toEqual([
      {
        cell: 1,
        changing: 0.7,
        states: [
          { state: EMPTY, ns: 60, share: 0.6 },
          { state: PARTIAL, ns: 40, share: 0.4 },
        ],
      },
    ]);
  });

  it('lists the states of a cell by their number', () => {
    const [cell] = dwellShares([row(16, 16, 1), row(2, 2, 1), row(4, 4, 2)]);
    expect(cell!.states.map(({ state, share }) => [state, share])).toEqual([
      [2, 0.25],
      [4, 0.5],
      [16, 0.25],
    ]);
  });

  it('leaves out states and cells without any time', () => {
    expect(
      dwellShares([row(EMPTY, EMPTY, 0), row(FULL, FULL, 5, 2), row(EMPTY, FULL, 0, 2)]),
    ).toEqual([{ cell: 2, changing: 0, states: [{ state: FULL, ns: 5, share: 1 }] }]);
  });

  it('gives shares that add up to 1 in every cell, and no more change than time', () => {
    const rows = fc.array(
      fc
        .tuple(fc.nat(3), fc.nat(5), fc.nat(5), fc.nat(1e12))
        .map(([cell, state, next, ns]) => row(state, next, ns, cell)),
    );
    fc.assert(
      fc.property(rows, (given) => {
        const cells = dwellShares(given);
        const timed = new Set(given.filter(({ ns }) => ns > 0).map(({ cell }) => cell));
        expect(new Set(cells.map(({ cell }) => cell))).toEqual(timed);
        for (const { states, changing } of cells) {
          expect(states.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
          expect(changing).toBeGreaterThanOrEqual(0);
          expect(changing).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
