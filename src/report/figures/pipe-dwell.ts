import { dwellShares } from '../../analyse/dwell-shares.ts';
import { greatest, least } from '../../extremes.ts';
import { runPipeDwell } from '../../store/cell-data.ts';
import type { Figure } from '../figure.ts';
import { countRange, percent } from '../quantities.ts';
import { stateFigures } from './pipe-states.ts';
import type { Sources } from './sources.ts';

/** The share of time that the pipe spent in each state, by size. */
export function pipeDwellFigures(sources: Sources): readonly Figure[] {
  const { db, sweep, selection } = sources;
  const cells = dwellShares(runPipeDwell(db, sweep.id, selection));
  const byCell = new Map(cells.map((shares) => [shares.cell, shares]));
  return stateFigures(sources, {
    name: 'pipe-dwell',
    subject: 'Time that the pipe spent in each state',
    shareOf: 'Share of time',
    amount: 'ns',
    shares: cells.flatMap(({ cell, states }) =>
      states.map(({ state, ns, share }) => ({ cell, state, count: ns, share })),
    ),
    explain: (shown) => {
      const own = shown.flatMap(([first]) => (first ? [byCell.get(first.cell)!] : []));
      const runs = countRange(
        own.map((shares) => shares.runs),
        'run',
      );
      const changing = own.map((shares) => shares.changing);
      const lowest = percent(least(changing));
      const most = percent(greatest(changing));
      return [
        `Share of the time from the first write to the last call by the state of the pipe, mean of ${runs} for each bar; numbers in percent.`,
        `In ${lowest === most ? most : `${lowest} to ${most}`} of the time the state changed before the pipe was looked at again; that time is the earlier state's.`,
      ].join(' ');
    },
  });
}
