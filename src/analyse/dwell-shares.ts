import type { DwellRow } from '../store/cell-data.ts';

export interface DwellShares {
  readonly cell: number;
  readonly runs: number;
  readonly states: readonly {
    readonly state: number;
    /** Time in this state, over all runs. */
    readonly ns: number;
    /** From 0 to 1: the mean of the runs' shares, so that no long run outweighs the others. */
    readonly share: number;
  }[];
  /** The share of the time between two looks that found different states; a mean, too. */
  readonly changing: number;
}

/**
 * The shares of time that the pipe spent in each state: those of each run, averaged over the runs
 * of a cell. They add up to 1 in each cell. A run without any time has no shares and is left out.
 * @param rows in the order of cells, and within a cell in the order of runs
 */
export function dwellShares(rows: Iterable<DwellRow>): readonly DwellShares[] {
  const cells = new Map<number, Map<number, DwellRow[]>>();
  for (const row of rows) {
    const runs = cells.get(row.cell) ?? new Map<number, DwellRow[]>();
    cells.set(row.cell, runs);
    const own = runs.get(row.run_id);
    if (own) own.push(row);
    else runs.set(row.run_id, [row]);
  }
  return [...cells].flatMap(([cell, runs]) => {
    const timed = [...runs.values()].filter((own) => total(own) > 0);
    if (timed.length === 0) return [];
    const states = new Map<number, { ns: number; share: number }>();
    let changing = 0;
    for (const own of timed) {
      const whole = total(own);
      for (const { state, next_state, ns } of own) {
        const known = states.get(state) ?? { ns: 0, share: 0 };
        const share = ns / whole / timed.length;
        states.set(state, { ns: known.ns + ns, share: known.share + share });
        if (next_state !== state) changing += share;
      }
    }
    return [
      {
        cell,
        runs: timed.length,
        states: [...states]
          .filter(([, { ns }]) => ns > 0)
          .map(([state, sums]) => ({ state, ...sums }))
          .toSorted((a, b) => a.state - b.state),
        changing,
      },
    ];
  });
}

function total(rows: readonly DwellRow[]): number {
  return rows.reduce((sum, { ns }) => sum + ns, 0);
}
