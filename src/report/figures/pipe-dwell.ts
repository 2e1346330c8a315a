import { dwellShares } from '../../analyse/dwell-shares.ts';
import { formatSeconds } from '../../experiment/durations.ts';
import { greatest, least } from '../../extremes.ts';
import { cellPipeDwell } from '../../store/cell-data.ts';
import type { Figure } from '../figure.ts';
import { percent } from '../quantities.ts';
import { stateFigures } from './pipe-states.ts';
import type { Sources } from './sources.ts';
import type { StateShare } from './state-stacks.ts';

/** The share of time that the pipe spent in each state, by size. */
export function pipeDwellFigures(sources: Sources): readonly Figure[] {
  const { db, sweep, selection } = sources;
  const cells = dwellShares(cellPipeDwell(db, sweep.id, selection));
  const changing = new Map(cells.map((shares) => [shares.cell, shares.changing]));
  return stateFigures(sources, {
    name: 'pipe-dwell',
    subject: 'Time that the pipe spent in each state',
    shareOf: 'Share of time (%)',
    amount: 'ns',
    shares: cells.flatMap(({ cell, states }) =>
      states.map(({ state, ns, share }) => ({ cell, state, count: ns, share })),
    ),
    explain: (bars) =>
      [
        `Share of the time from the first write on the pipe to the last call, by the state of the pipe, ${rangeOf(bars.map(secondsOf), formatSeconds)} for each bar; numbers in percent.`,
        `In ${rangeOf(
          bars.flatMap(([first]) => (first ? [changing.get(first.cell)!] : [])),
          percent,
        )} of the time the state changed before the pipe was looked at again; that time is charged to the earlier state.`,
      ].join(' '),
  });
}

function secondsOf(bar: readonly StateShare[]): number {
  return bar.reduce((sum, { count }) => sum + count, 0) / 1e9;
}

function rangeOf(values: readonly number[], textOf: (value: number) => string): string {
  const [lowest, most] = [textOf(least(values)), textOf(greatest(values))];
  return lowest === most ? most : `${lowest} to ${most}`;
}
