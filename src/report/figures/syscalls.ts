import type { TopLevelSpec } from 'vega-lite';
import { byCell } from '../../analyse/consecutive.ts';
import type { SyscallSummary } from '../../analyse/counts.ts';
import { formatSize } from '../../experiment/sizes.ts';
import { greatest, least } from '../../extremes.ts';
import { runSyscalls } from '../../store/cell-data.ts';
import type { CellRow } from '../../store/reader.ts';
import type { Figure } from '../figure.ts';
import { callLook, OTHER_CALLS } from '../looks.ts';
import { countRange, countText } from '../quantities.ts';
import { type Part, partsOf, rising, type SizeAxis, sizeAxis, titleOf } from './axes.ts';
import { dodged } from './dodge.ts';
import { type NotableCalls, notableCalls } from './notable-calls.ts';
import { panelled } from './panels.ts';
import { seriesChannels } from './series-channels.ts';
import { logSizes } from './size-scale.ts';
import { countedCells, type Sources } from './sources.ts';

/** Each series has a panel for every role. */
const MOST_SERIES = 4;

const COLUMNS = [
  ...['series', 'role', 'syscall', 'cell', 'buffer_bytes', 'total_bytes', 'runs'],
  ...['calls_median', 'calls_min', 'calls_max', 'deterministic'],
] as const;

interface Point {
  readonly panel: string;
  readonly series: string;
  readonly cell: CellRow;
  readonly size: number;
  readonly summary: SyscallSummary;
}

/** System calls of a run by size, with a panel for each role. */
export function syscallFigures({ db, sweep, selection, summaries }: Sources): readonly Figure[] {
  const notable = notableCalls(() => runSyscalls(db, sweep.id, selection));
  const cells = countedCells({ summaries }, notable.summaries);
  if (cells.length === 0) return [];
  const axis = sizeAxis(cells);
  const own = byCell(notable.summaries);
  return partsOf(cells, axis, MOST_SERIES).map((part) => {
    const points = part.series.flatMap((series) =>
      series.cells.flatMap((cell) =>
        (own.get(cell.cell) ?? []).map((summary): Point => {
          const panel = part.series.length > 1 ? `${series.label}, ${summary.role}` : summary.role;
          return { panel, series: series.label, cell, size: cell[axis.field], summary };
        }),
      ),
    );
    return syscallFigure(part, axis, points, notable);
  });
}

function syscallFigure(
  part: Part,
  axis: SizeAxis,
  points: readonly Point[],
  { names, others }: NotableCalls,
): Figure {
  const title = titleOf(`System calls of a run by ${axis.title.toLowerCase()}`, part);
  const runs = countRange(
    points.map(({ summary }) => summary.calls.n),
    'traced run',
  );
  const fixed = points.filter(({ summary }) => summary.deterministic).length;
  const folded = others.length === 0 ? '' : ` “${OTHER_CALLS}” sums ${others.join(', ')}.`;
  return {
    name: `syscalls${part.suffix}`,
    title,
    caption: `Median calls of ${runs} by role, on a log axis, where 0 has no place. ${fixed} of ${points.length} points are the same in every run.${folded}`,
    alt: `${title}: line charts on log axes, one for each of ${[...new Set(points.map(({ panel }) => panel))].join('; ')}. ${finding(points)}`,
    data: {
      columns: COLUMNS,
      rows: points.map(({ series, cell, summary: { role, syscall, calls, deterministic } }) => [
        ...[series, role, syscall, cell.cell, cell.buffer_bytes, cell.total_bytes, calls.n],
        ...[calls.median, calls.min, calls.max, deterministic],
      ]),
    },
    spec: specOf(axis, points, names),
  };
}

function finding(points: readonly Point[]): string {
  const sorted = points.toSorted((a, b) => b.summary.calls.median - a.summary.calls.median);
  const say = ({ panel, size, summary }: Point) =>
    `${countText(summary.calls.median)} ${summary.syscall} at ${formatSize(size)} (${panel})`;
  const most = sorted[0]!;
  const least = sorted.findLast(
    ({ panel, summary }) => panel === most.panel && summary.syscall === most.summary.syscall,
  )!;
  return `Most: ${say(most)}; least of the same: ${say(least)}.`;
}

function specOf(axis: SizeAxis, points: readonly Point[], names: readonly string[]): TopLevelSpec {
  const sizes = rising(points.map(({ size }) => size));
  const placed = dodged(sizes, names.length);
  // The log of 0 cannot be drawn.
  const drawn = points.filter(({ summary }) => summary.calls.median > 0);
  const rows = drawn.map(({ panel, size, summary: { syscall, calls } }) => ({
    panel,
    size: placed(size, names.indexOf(syscall)),
    ...{ series: syscall, dashes: syscall },
    calls: calls.median,
    says: `${panel}, ${formatSize(size)}: ${countText(calls.median)} ${syscall}`,
  }));
  const numbers = rows.map(({ calls }) => calls);
  const most = greatest(numbers, 1);
  const fewest = least(numbers, 1);
  const x = logSizes('size', axis.title, sizes);
  const y = {
    field: 'calls',
    type: 'quantitative',
    title: 'Calls of a run (number)',
    scale: { type: 'log', domain: [fewest, most * 1.4], nice: false },
    axis: { values: powersOfTen(fewest, most), format: '~s' },
  };
  const { color, shape, strokeDash } = seriesChannels(names, names.map(callLook));
  const layer = [
    { mark: { type: 'line', aria: false }, encoding: { x, y, color, strokeDash } },
    {
      mark: { type: 'point', filled: true, style: 'median' },
      encoding: { x, y, color, shape, description: { field: 'says', type: 'nominal' } },
    },
  ];
  const labels = [...new Set(drawn.map(({ panel }) => panel))];
  return panelled(rows, layer, { labels, width: 138, height: 160 }) as TopLevelSpec;
}

function powersOfTen(least: number, most: number): readonly number[] {
  const [first, last] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))];
  return Array.from({ length: last - first + 1 }, (_, at) => 10 ** (first + at));
}
