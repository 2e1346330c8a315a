import type { TopLevelSpec } from 'vega-lite';
import {
  bandwidthsByCell,
  bandwidthsOf,
  quotedRuns,
  runMedians,
} from '../../analyse/bandwidths.ts';
import { levelText } from '../../analyse/interval.ts';
import type { CellSummary } from '../../analyse/summary.ts';
import { formatSize } from '../../experiment/sizes.ts';
import { cellBandwidths } from '../../store/cell-data.ts';
import type { Figure } from '../figure.ts';
import { countRange, MIB, mebibytes } from '../quantities.ts';
import { levelsOf } from '../shown.ts';
import { type Part, partsOf, rising, type SizeAxis, sizeAxis, sizesOf, titleOf } from './axes.ts';
import { oneInSoMany, thinned, thinnedWords } from './dots.ts';
import { seriesChannels } from './series-channels.ts';
import { logSizes } from './size-scale.ts';
import type { Sources } from './sources.ts';
import { roomAbove, thresholdLayers } from './threshold-layers.ts';
import { type Threshold, thresholds } from './thresholds.ts';

/** Lines that can be told apart, and with them their intervals and runs. */
const MOST_SERIES = 6;

const COLUMNS = [
  ...['series', 'mark', 'cell', 'buffer_bytes', 'total_bytes', 'bandwidth_bytes_per_s'],
  ...['ci_low_bytes_per_s', 'ci_high_bytes_per_s', 'ci_level', 'n'],
] as const;

interface Point {
  readonly series: string;
  readonly size: number;
  readonly summary: CellSummary;
  readonly bandwidth: NonNullable<CellSummary['bandwidth']>;
  /** One a run that is drawn. */
  readonly runs: readonly number[];
}

/** Median bandwidth by size, a line for each series. */
export function bandwidthFigures(sources: Sources): readonly Figure[] {
  const { db, sweep, selection, summaries, facts } = sources;
  const quoted = new Map(summaries.map((summary) => [summary.cell.cell, summary]));
  const cells = summaries.filter(({ bandwidth }) => bandwidth).map(({ cell }) => cell);
  if (cells.length === 0) return [];
  const axis = sizeAxis(cells);
  const runs = bandwidthsByCell(cellBandwidths(db, sweep.id, selection));
  return partsOf(cells, axis, MOST_SERIES).map((part) => {
    const all = part.series.flatMap((series) => series.cells);
    const oneIn = oneInSoMany(
      all.reduce((sum, { cell }) => sum + (quoted.get(cell)?.bandwidth?.n ?? 0), 0),
    );
    const points = part.series.flatMap((series) =>
      series.cells.map((cell): Point => {
        const summary = quoted.get(cell.cell)!;
        return {
          series: series.label,
          size: cell[axis.field],
          summary,
          bandwidth: summary.bandwidth!,
          runs: thinned(
            runMedians(quotedRuns(bandwidthsOf(runs, cell.cell), sweep)),
            oneIn,
            (value) => value,
          ),
        };
      }),
    );
    const pipe = axis.field === 'buffer_bytes' && all.some(({ ipc }) => ipc === 'pipe');
    const range = sizesOf(all, axis);
    const marked = axis.field === 'buffer_bytes' ? thresholds(facts, { pipe, range }) : [];
    return bandwidthFigure(part, axis, points, marked, oneIn);
  });
}

function bandwidthFigure(
  part: Part,
  axis: SizeAxis,
  points: readonly Point[],
  marked: readonly Threshold[],
  oneIn: number,
): Figure {
  const title = titleOf(`Median bandwidth by ${axis.title.toLowerCase()}`, part);
  return {
    name: `bandwidth${part.suffix}`,
    title,
    caption: `${captionOf(points, marked)}${thinnedWords(oneIn)}`,
    alt: `${title}: a line chart. ${finding(points, axis)}`,
    data: {
      columns: COLUMNS,
      rows: points.flatMap(({ series, summary: { cell }, bandwidth, runs }) => {
        const { interval, median, n } = bandwidth;
        const sizes = [cell.cell, cell.buffer_bytes, cell.total_bytes];
        const ends = interval ? [interval.low, interval.high, interval.level] : [null, null, null];
        return [
          [series, 'median', ...sizes, median, ...ends, n],
          ...runs.map((value) => [series, 'run', ...sizes, value, null, null, null, 1]),
        ];
      }),
    },
    spec: specOf(part, axis, points, marked),
  };
}

function specOf(
  part: Part,
  axis: SizeAxis,
  points: readonly Point[],
  marked: readonly Threshold[],
): TopLevelSpec {
  const range = rising(points.map(({ size }) => size));
  const most = Math.max(
    ...points.flatMap(({ runs, bandwidth }) => [...runs, bandwidth.interval?.high ?? 0]),
  );
  const top = roomAbove(most / MIB, marked);
  const x = logSizes('size', axis.title, range);
  const y = (field: string) =>
    ({
      field,
      type: 'quantitative',
      title: 'Bandwidth (MiB/s)',
      scale: { domain: [0, top], nice: false },
    }) as const;
  const { color, shape, strokeDash } = seriesChannels(part.series.map(({ label }) => label));
  const says = { field: 'says', type: 'nominal' } as const;
  const medians = points.map(({ series, size, bandwidth, summary }) => ({
    series,
    dashes: series,
    size,
    median: bandwidth.median / MIB,
    low: (bandwidth.interval?.low ?? bandwidth.median) / MIB,
    high: (bandwidth.interval?.high ?? bandwidth.median) / MIB,
    says: `${series}, ${formatSize(size)}: ${valueText(bandwidth)}, ${countRange([bandwidth.n], 'run')}${
      summary.suspect > 0 ? `, ${summary.suspect} suspect` : ''
    }`,
  }));
  const single = points.flatMap(({ series, size, runs }) =>
    runs.map((value) => ({
      series,
      size,
      value: value / MIB,
      says: `${series}, ${formatSize(size)}: one run, ${mebibytes(value)} MiB/s`,
    })),
  );
  return {
    layer: [
      ...thresholdLayers(marked, { range, top, x }),
      {
        data: { values: single },
        mark: { type: 'point', style: 'run', filled: true, xOffset: 3 },
        encoding: { x, y: y('value'), color, description: says },
      },
      {
        data: { values: medians },
        layer: [
          {
            mark: { type: 'line', aria: false },
            encoding: { x, y: y('median'), color, strokeDash },
          },
          {
            mark: { type: 'rule', style: 'interval', aria: false },
            encoding: { x, y: y('low'), y2: { field: 'high' }, color },
          },
          {
            mark: { type: 'point', filled: true, style: 'median' },
            encoding: { x, y: y('median'), color, shape, description: says },
          },
        ],
      },
    ],
  } as TopLevelSpec;
}

function captionOf(points: readonly Point[], marked: readonly Threshold[]): string {
  const runs = countRange(
    points.map(({ bandwidth }) => bandwidth.n),
    'run',
  );
  const untraced = points.every(({ summary }) => summary.untraced);
  const intervals = points.flatMap(({ bandwidth }) => bandwidth.interval ?? []);
  return [
    `Median over ${runs} ${untraced ? 'without a tracer' : 'under a tracer'} at each point; each small dot is one run.`,
    ...(intervals.length > 0
      ? [
          `Bars: ${levelsOf(intervals)} confidence interval of the median${intervals.length < points.length ? '; none for fewer than 5 runs' : ''}.`,
        ]
      : ['No intervals: fewer than 5 runs.']),
    ...(marked.length > 0 ? ['Dashed rules mark sizes of the system and the processor.'] : []),
  ].join(' ');
}

function finding(points: readonly Point[], axis: SizeAxis): string {
  const sorted = points.toSorted((a, b) => a.bandwidth.median - b.bandwidth.median);
  const [low, high] = [sorted[0]!, sorted.at(-1)!];
  const say = ({ series, size, bandwidth }: Point) =>
    `${valueText(bandwidth)} at ${formatSize(size)} (${series})`;
  const sizes = rising(points.map(({ size }) => size));
  const x = `${axis.title} from ${formatSize(sizes[0]!)} to ${formatSize(sizes.at(-1)!)} on a log2 axis`;
  if (points.length === 1) return `${x}. ${say(high)}.`;
  return `${x}, bandwidth in MiB/s from 0. Highest: ${say(high)}. Lowest: ${say(low)}.`;
}

function valueText({ median, interval }: Point['bandwidth']): string {
  const range =
    interval &&
    ` (${levelText(interval)} CI ${mebibytes(interval.low)} to ${mebibytes(interval.high)})`;
  return `${mebibytes(median)} MiB/s${range ?? ''}`;
}
