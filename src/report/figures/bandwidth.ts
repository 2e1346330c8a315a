import type { TopLevelSpec } from 'vega-lite';
import { bandwidthsInTurn, quotedRuns, runMedians } from '../../analyse/bandwidths.ts';
import { bandwidthOnLine } from '../../analyse/curve-fit.ts';
import { type Curve, curvesOf } from '../../analyse/curves.ts';
import { ITERATIONS } from '../../analyse/doubts.ts';
import { WHY_NOMINAL } from '../../analyse/precision.ts';
import type { CellSummary } from '../../analyse/summary.ts';
import { formatSize } from '../../experiment/sizes.ts';
import { greatest } from '../../extremes.ts';
import { MIB, mebibytes } from '../../rounding.ts';
import { cellBandwidths } from '../../store/cell-data.ts';
import { bendWords } from '../curve-words.ts';
import type { Figure } from '../figure.ts';
import { countRange } from '../quantities.ts';
import { bandwidthText, levelsOf } from '../value-text.ts';
import {
  type ChartPart,
  partsOf,
  rising,
  type SizeAxis,
  sizeAxis,
  sizesOf,
  titleOf,
} from './axes.ts';
import { curveLayers, type DrawnCurve, linePoints, withBends } from './curve-layers.ts';
import { dodged } from './dodge.ts';
import { oneInSoMany, thinned, thinnedSentence, thinnedWords } from './dots.ts';
import { leftOut } from './left-out.ts';
import { seriesChannels } from './series-channels.ts';
import { logSizes } from './size-scale.ts';
import type { FigureSources } from './sources.ts';
import { roomAbove, thresholdLayers } from './threshold-layers.ts';
import { type Threshold, thresholds } from './thresholds.ts';

/** The most lines that can be told apart together with their intervals and runs. */
const MOST_SERIES = 6;
/** Runs stand beside the interval of their median. */
const BESIDE = 0.4;

const COLUMNS = [
  ...['series', 'mark', 'cell', 'buffer_bytes', 'total_bytes', 'bandwidth_bytes_per_s'],
  ...['ci_low_bytes_per_s', 'ci_high_bytes_per_s', 'ci_level', 'n'],
] as const;
/** Columns for a chart with a curve that bends: the interval of the bend. */
const BEND_COLUMNS = ['bend_ci_low_bytes', 'bend_ci_high_bytes'] as const;

interface Point {
  readonly series: string;
  readonly size: number;
  readonly summary: CellSummary;
  readonly bandwidth: NonNullable<CellSummary['bandwidth']>;
  /** One value per drawn run. */
  readonly runs: readonly number[];
}

/** Median bandwidth by size, with a line for each series. */
export function bandwidthFigures(sources: FigureSources): readonly Figure[] {
  const { db, sweep, selection, summaries, facts } = sources;
  const quoted = new Map(summaries.map((summary) => [summary.cell.cell, summary]));
  const cells = summaries.filter(({ bandwidth }) => bandwidth).map(({ cell }) => cell);
  if (cells.length === 0) return [];
  const axis = sizeAxis(cells);
  const curves = axis.field === 'buffer_bytes' ? curvesOf(summaries) : [];
  const runs = new Map<number, readonly number[]>();
  for (const [cell, own] of bandwidthsInTurn(cellBandwidths(db, sweep.id, selection))) {
    runs.set(cell, runMedians(quotedRuns(own, sweep)));
  }
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
          runs: thinned(runs.get(cell.cell) ?? [], oneIn, (value) => value),
        };
      }),
    );
    const pipe = axis.field === 'buffer_bytes' && all.some(({ ipc }) => ipc === 'pipe');
    const range = sizesOf(all, axis);
    const marked = axis.field === 'buffer_bytes' ? thresholds(facts, { pipe, range }) : [];
    return bandwidthFigure({ part, axis, points, curves: drawnOf(part, curves), marked, oneIn });
  });
}

/** The curves of a part that are fitted by a line. */
function drawnOf({ series }: ChartPart, curves: readonly Curve[]): readonly DrawnCurve[] {
  const labels = new Map(series.flatMap(({ label, cells }) => cells.map((it) => [it.cell, label])));
  return curves.flatMap((curve) => {
    const label = labels.get(curve.cells[0]!.cell.cell);
    return label !== undefined && curve.fit.hockney ? [{ series: label, curve }] : [];
  });
}

interface Drawn {
  readonly part: ChartPart;
  readonly axis: SizeAxis;
  readonly points: readonly Point[];
  readonly curves: readonly DrawnCurve[];
  readonly marked: readonly Threshold[];
  readonly oneIn: number;
}

function bandwidthFigure(drawn: Drawn): Figure {
  const { part, axis, points, curves, oneIn } = drawn;
  const title = titleOf(`Median bandwidth by ${axis.title.toLowerCase()}`, part);
  const bends = bendRows(curves);
  return {
    name: `bandwidth${part.suffix}`,
    title,
    ...leftOut(thinnedWords(oneIn)),
    caption: `${captionOf(drawn)}${thinnedSentence(oneIn)}`,
    alt: `${title}: a line chart. ${finding(points, axis)}`,
    data: {
      columns: bends.length > 0 ? [...COLUMNS, ...BEND_COLUMNS] : COLUMNS,
      rows: [...points.flatMap(medianAndRuns), ...curves.flatMap(lineRows)]
        .map((row) => (bends.length > 0 ? [...row, null, null] : row))
        .concat(bends),
    },
    spec: specOf(drawn),
  };
}

type Row = Figure['data']['rows'][number];

function medianAndRuns({ series, summary: { cell }, bandwidth, runs }: Point): readonly Row[] {
  const { interval, median, n } = bandwidth;
  const sizes = [cell.cell, cell.buffer_bytes, cell.total_bytes];
  const ends = interval ? [interval.low, interval.high, interval.level] : [null, null, null];
  return [
    [series, 'median', ...sizes, median, ...ends, n],
    ...runs.map((value) => [series, 'run', ...sizes, value, null, null, null, 1]),
  ];
}

/** The fitted line at the sizes of its cells. */
function lineRows({ series, curve: { cells, fit } }: DrawnCurve): readonly Row[] {
  return cells.slice(0, fit.used).map(({ cell, bandwidth }) => {
    const value = bandwidthOnLine(fit.line, cell.buffer_bytes);
    const sizes = [cell.cell, cell.buffer_bytes, cell.total_bytes];
    return [series, 'line', ...sizes, value, null, null, null, bandwidth.n];
  });
}

function bendRows(curves: readonly DrawnCurve[]): readonly Row[] {
  return curves.flatMap(({ series, curve: { cells, fit } }) => {
    const bend = fit.hockney?.bend;
    if (!bend) return [];
    const { low, high } = bend.interval;
    const sizes = [null, bend.at, cells[0]!.cell.total_bytes];
    const value = bandwidthOnLine(fit.line, bend.at);
    return [[series, 'bend', ...sizes, value, null, null, null, null, low ?? null, high ?? null]];
  });
}

function specOf({ part, axis, points, curves, marked: ofSystem }: Drawn): TopLevelSpec {
  const marked = withBends(ofSystem, curves);
  const range = rising(points.map(({ size }) => size));
  const most = greatest([
    ...points.flatMap(({ runs, bandwidth }) => [...runs, bandwidth.interval?.high ?? 0]),
    ...linePoints(curves).map(({ value }) => value * MIB),
  ]);
  const top = roomAbove(most / MIB, marked);
  const x = logSizes('size', axis.title, range);
  const y = (field: string) =>
    ({
      field,
      type: 'quantitative',
      title: 'Bandwidth (MiB/s)',
      scale: { domain: [0, top], nice: false },
    }) as const;
  const labels = part.series.map(({ label }) => label);
  const { color, shape, strokeDash } = seriesChannels(labels);
  const placed = dodged(range, labels.length);
  const says = { field: 'says', type: 'nominal' } as const;
  const medians = points.map(({ series, size, bandwidth, summary }) => ({
    series,
    dashes: series,
    size: placed(size, labels.indexOf(series)),
    median: bandwidth.median / MIB,
    low: (bandwidth.interval?.low ?? bandwidth.median) / MIB,
    high: (bandwidth.interval?.high ?? bandwidth.median) / MIB,
    says: `${series}, ${formatSize(size)}: ${bandwidthText(summary)}, ${countRange([bandwidth.n], summary.iterationsAsRuns ? 'iteration' : 'run')}${
      summary.suspect > 0 ? `, ${summary.suspect} suspect` : ''
    }`,
  }));
  const single = points.flatMap(({ series, size, runs, summary: { iterationsAsRuns } }) =>
    runs.map((value) => ({
      series,
      size: placed(size, labels.indexOf(series), BESIDE),
      value: value / MIB,
      says: `${series}, ${formatSize(size)}: one ${iterationsAsRuns ? 'iteration' : 'run'}, ${mebibytes(value)} MiB/s`,
    })),
  );
  return {
    layer: [
      ...thresholdLayers(marked, { range, top, x }),
      ...curveLayers(curves, { range, x, y, color }),
      {
        data: { values: single },
        mark: { type: 'point', style: 'run', filled: true },
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

function captionOf({ points, curves, marked }: Drawn): string {
  const iterations = points.some(({ summary }) => summary.iterationsAsRuns);
  const one = iterations ? 'iteration' : 'run';
  const runs = countRange(
    points.map(({ bandwidth }) => bandwidth.n),
    one,
  );
  const untraced = points.every(({ summary }) => summary.untraced);
  const intervals = points.flatMap(({ bandwidth }) => bandwidth.interval ?? []);
  const nominal = points.some(({ summary }) => summary.precision)
    ? ` (nominal: ${WHY_NOMINAL})`
    : '';
  return [
    `Median over ${runs} ${untraced ? 'without a tracer' : 'under a tracer'} at each point; each small dot is one ${one}.`,
    ...(intervals.length > 0
      ? [
          `Bars: ${levelsOf(intervals)} confidence interval of the median${nominal}${intervals.length < points.length ? '; none for fewer than 5 runs' : ''}.`,
        ]
      : [
          iterations
            ? `No intervals: these are ${ITERATIONS}.`
            : 'No intervals: fewer than 5 runs.',
        ]),
    ...(marked.length > 0 ? ['Dashed rules mark sizes of the system and the processor.'] : []),
    ...curveWords(curves),
  ].join(' ');
}

function curveWords(curves: readonly DrawnCurve[]): readonly string[] {
  if (curves.length === 0) return [];
  const bends = curves.flatMap(({ series, curve }) => {
    const bend = curve.fit.hockney?.bend;
    return bend ? [`${curves.length > 1 ? `${series} ` : 'it '}${bendWords(bend)}`] : [];
  });
  const bent = `A band is the 95% interval of where it bends: ${bends.join('; ')}.`;
  return [
    'Thin line: time of a call = cost + bytes / asymptote, fitted to the medians.',
    ...(bends.length > 0 ? [bent] : []),
  ];
}

function finding(points: readonly Point[], axis: SizeAxis): string {
  const sorted = points.toSorted((a, b) => a.bandwidth.median - b.bandwidth.median);
  const [low, high] = [sorted[0]!, sorted.at(-1)!];
  const say = ({ series, size, summary }: Point) =>
    `${bandwidthText(summary)} at ${formatSize(size)} (${series})`;
  const sizes = rising(points.map(({ size }) => size));
  const x = `${axis.title} from ${formatSize(sizes[0]!)} to ${formatSize(sizes.at(-1)!)} on a log2 axis`;
  if (points.length === 1) return `${x}. ${say(high)}.`;
  return `${x}, bandwidth in MiB/s from 0. Highest: ${say(high)}. Lowest: ${say(low)}.`;
}
