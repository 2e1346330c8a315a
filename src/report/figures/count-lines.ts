import type { TopLevelSpec } from 'vega-lite';
import type { Distribution } from '../../analyse/statistics.ts';
import { formatSize } from '../../experiment/sizes.ts';
import { greatest, least } from '../../extremes.ts';
import type { CellRow } from '../../store/reader.ts';
import type { Figure } from '../figure.ts';
import type { Look } from '../looks.ts';
import { countRange, countText } from '../quantities.ts';
import { type ChartPart, rising, type SizeAxis, titleOf } from './axes.ts';
import { dodged } from './dodge.ts';
import { panelled } from './panels.ts';
import { seriesChannels } from './series-channels.ts';
import { logSizes } from './size-scale.ts';

/** Each series has a panel for every role. */
export const MOST_SERIES = 4;

/** How often a run of a cell did something. */
export interface CountPoint {
  readonly series: string;
  readonly panel: string;
  readonly cell: CellRow;
  readonly size: number;
  readonly role: string;
  /** The name of the line: the keys that were counted. */
  readonly what: string;
  readonly counts: Distribution;
  readonly deterministic: boolean;
}

/** The words and looks of a chart of counts. */
export interface CountChart {
  /** The beginning of its file name. */
  readonly name: string;
  /** Such as `System calls of a run`. */
  readonly title: string;
  /** The name of the column that says what was counted. */
  readonly column: string;
  /** The thing that is counted, in the plural. */
  readonly unit: string;
  /** The lines, in the order of the legend. */
  readonly names: readonly string[];
  readonly looks: readonly Look[];
  /** One more sentence for the caption, with a blank before it; or empty. */
  readonly note: string;
}

/** Lines of counts by size, with a panel for each role. */
export function countLines(
  part: ChartPart,
  axis: SizeAxis,
  points: readonly CountPoint[],
  chart: CountChart,
): Figure {
  const title = titleOf(`${chart.title} by ${axis.title.toLowerCase()}`, part);
  const { unit } = chart;
  const runs = countRange(
    points.map(({ counts }) => counts.n),
    'traced run',
  );
  const fixed = points.filter(({ deterministic }) => deterministic).length;
  const panels = [...new Set(points.map(({ panel }) => panel))];
  return {
    name: `${chart.name}${part.suffix}`,
    title,
    caption: `Median ${unit} of ${runs} by role, on a log axis, where 0 has no place. ${fixed} of ${points.length} points are the same in every run.${chart.note}`,
    alt: `${title}: line charts on log axes, one for each of ${panels.join('; ')}. ${finding(points)}`,
    data: {
      columns: [
        ...['series', 'role', chart.column, 'cell', 'buffer_bytes', 'total_bytes', 'runs'],
        ...[`${unit}_median`, `${unit}_min`, `${unit}_max`, 'deterministic'],
      ],
      rows: points.map(({ series, cell, role, what, counts, deterministic }) => [
        ...[series, role, what, cell.cell, cell.buffer_bytes, cell.total_bytes, counts.n],
        ...[counts.median, counts.min, counts.max, deterministic],
      ]),
    },
    spec: specOf(axis, points, chart),
  };
}

function finding(points: readonly CountPoint[]): string {
  const sorted = points.toSorted((a, b) => b.counts.median - a.counts.median);
  const say = ({ panel, size, what, counts }: CountPoint) =>
    `${countText(counts.median)} ${what} at ${formatSize(size)} (${panel})`;
  const most = sorted[0]!;
  const fewest = sorted.findLast(({ panel, what }) => panel === most.panel && what === most.what)!;
  return `Most: ${say(most)}; least of the same: ${say(fewest)}.`;
}

function specOf(
  axis: SizeAxis,
  points: readonly CountPoint[],
  { names, looks, unit }: CountChart,
): TopLevelSpec {
  const sizes = rising(points.map(({ size }) => size));
  const placed = dodged(sizes, names.length);
  // The log of 0 cannot be drawn.
  const drawn = points.filter(({ counts }) => counts.median > 0);
  const rows = drawn.map(({ panel, size, what, counts }) => ({
    panel,
    size: placed(size, names.indexOf(what)),
    ...{ series: what, dashes: what },
    count: counts.median,
    says: `${panel}, ${formatSize(size)}: ${countText(counts.median)} ${what}`,
  }));
  const numbers = rows.map(({ count }) => count);
  const most = greatest(numbers, 1);
  const fewest = least(numbers, 1);
  const x = logSizes('size', axis.title, sizes);
  const y = {
    field: 'count',
    type: 'quantitative',
    title: `${unit.charAt(0).toUpperCase()}${unit.slice(1)} of a run (number)`,
    scale: { type: 'log', domain: [fewest, most * 1.4], nice: false },
    axis: { values: powersOfTen(fewest, most), format: '~s' },
  };
  const { color, shape, strokeDash } = seriesChannels(names, looks);
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

/** The powers of ten from the last one below the least value to the first one above the greatest. */
export function powersOfTen(lowest: number, highest: number): readonly number[] {
  const [first, last] = [Math.floor(Math.log10(lowest)), Math.ceil(Math.log10(highest))];
  return Array.from({ length: last - first + 1 }, (_, at) => 10 ** (first + at));
}
