import type { DwellRow } from '../store/cell-data.ts';
import { byCell } from './consecutive.ts';

export interface DwellShares {
  readonly cell: number;
  readonly states: readonly {
    readonly state: number;
    readonly ns: number;
    /** Share of the time in all states, from 0 to 1. */
    readonly share: number;
  }[];
  /** Share of the time between two looks that found different states, from 0 to 1. */
  readonly changing: number;
}

/**
 * The shares of time that the pipes of each cell were in each state. A cell without any time has
 * none and is left out.
 * @param rows any number for each cell and pair of states
 */
export function dwellShares(rows: readonly DwellRow[]): readonly DwellShares[] {
  return [...byCell(rows)].flatMap(([cell, own]) => {
    const whole = sum(own);
    if (whole === 0) return [];
    const found = [...new Set(own.map(({ state }) => state))].sort((a, b) => a - b);
    const states = found.flatMap((state) => {
      const ns = sum(own.filter((row) => row.state === state));
      return ns === 0 ? [] : [{ state, ns, share: ns / whole }];
    });
    const changed = own.filter(({ state, next_state }) => next_state !== state);
    return [{ cell, states, changing: sum(changed) / whole }];
  });
}

function sum(rows: readonly DwellRow[]): number {
  return rows.reduce((total, { ns }) => total + ns, 0);
}
