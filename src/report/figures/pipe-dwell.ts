import { dwellShares } from '../../analyse/dwell-shares.ts';
import { greatest, least } from '../../extremes.ts';
import { pipeDwell } from '../../instruments/pipe-dwell/instrument.ts';
import { cellPipeDwell } from '../../store/cell-data.ts';
import type { Figure } from '../figure.ts';
import { nanoseconds, percent } from '../quantities.ts';
import { stateFigures } from './pipe-states.ts';
import type { FigureSources } from './sources.ts';
import type { StateShare } from './state-stacks.ts';

/** The share of time that the pipe spent in each state, by size. */
export function pipeDwellFigures(sources: FigureSources): readonly Figure[] {
  const { db, sweep, selection } = sources;
  const cells = dwellShares(cellPipeDwell(db, sweep.id, selection));
  const changing = new Map(cells.map((shares) => [shares.cell, shares.changing]));
  return stateFigures(sources, {
    name: pipeDwell.name,
    subject: 'Time that the pipe spent in each state',
    shareOf: 'Share of time (%)',
    amount: 'ns',
    shares: cells.flatMap(({ cell, states }) =>
      states.map(({ state, ns, share }) => ({ cell, state, count: ns, share })),
    ),
    explain: (bars) =>
      [
        `Share of the time from the first write on the pipe to the last call, by the state of the pipe, ${rangeOf(bars.map(nsOf), nanoseconds)} for each bar; numbers in percent.`,
        `In ${rangeOf(
          bars.flatMap(([first]) => (first ? [changing.get(first.cell)!] : [])),
          percent,
        )} of the time the state changed before the pipe was looked at again; that time is charged to the earlier state.`,
      ].join(' '),
  });
}

function nsOf(bar: readonly StateShare[]): number {
  return bar.reduce((sum, { count }) => sum + count, 0);
}

function rangeOf(values: readonly number[], textOf: (value: number) => string): string {
  const [lowest, most] = [textOf(least(values)), textOf(greatest(values))];
  return lowest === most ? most : `${lowest} to ${most}`;
}
