import { byCell } from '../analyse/consecutive.ts';
import { stateShares } from '../analyse/counts.ts';
import { type Precision, WHY_NOMINAL } from '../analyse/precision.ts';
import type { CellSummary } from '../analyse/summary.ts';
import type { SweepResults } from '../results/sweep-results.ts';
import { percentText } from '../rounding.ts';
import type { SweepRow } from '../store/reader.ts';
import type { SummaryRow } from './summary-columns.ts';
import { summaryTable } from './summary-layout.ts';
import type { Screen } from './terminal.ts';
import { cut, wrapped } from './text-width.ts';

/**
 * The table shown after a sweep, with a row per cell and notes on how to read it; no line is wider
 * than the screen.
 */
export function summaryLines(results: SweepResults, screen: Screen): readonly string[] {
  const { sweep, summaries } = results;
  const states = byCell(results.pipeStates);
  const rows = summaries.map((summary): SummaryRow => {
    const shares = stateShares(states.get(summary.cell.cell) ?? [], 'read').slice(0, 2);
    return {
      summary,
      states: shares.map(({ state, share }) => ({
        name: results.stateNames(state),
        share: percentText(share),
      })),
    };
  });
  const shown = { controls: sweep.controls === 1, states: states.size > 0 };
  return [
    ...summaryTable(rows, shown, screen),
    ...[...tracedLines(summaries), ...precisionLines(sweep, summaries)].flatMap((line) =>
      wrapped(line, screen.width, '  ').map((it) => cut(it, screen.width)),
    ),
  ];
}

/** Says which bandwidths were traced, since they look like any other but should not be quoted. */
function tracedLines(summaries: readonly CellSummary[]): readonly string[] {
  const traced = summaries.some(({ bandwidth, untraced }) => bandwidth && !untraced);
  return traced
    ? ['', 'MiB/s is that of traced runs; trace.controls: true adds untraced ones']
    : [];
}

function precisionLines(sweep: SweepRow, summaries: readonly CellSummary[]): readonly string[] {
  if (sweep.relative_ci === null) return [];
  if (!summaries.some(({ bandwidth }) => bandwidth?.interval)) return [];
  const nominal = `the 95% intervals are nominal, as ${WHY_NOMINAL}: at least 93% in simulations (docs/method.md)`;
  const wide = summaries.filter(({ precision }) => precision && precision.state !== 'reached');
  if (wide.length === 0) return ['', nominal];
  const target = `±${Number((100 * sweep.relative_ci).toPrecision(4))}%`;
  const count = (state: Precision['state']) =>
    wide.filter(({ precision }) => precision?.state === state).length;
  const reasons = [
    [count('cap'), `after all ${sweep.trials_max} trials`],
    [count('missed'), 'after the trials that their values called for'],
  ] as const;
  const told = reasons.flatMap(([cells, why]) => (cells > 0 ? [`${cells} ${why}`] : [])).join(', ');
  const cells = wide.length === 1 ? '1 cell is' : `${wide.length} cells are`;
  const which = told === '' ? '' : ` (${told})`;
  return [
    '',
    `${cells} less precise than ${target}${which}; see precision in summary.csv`,
    nominal,
  ];
}
