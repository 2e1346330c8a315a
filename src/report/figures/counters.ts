import type { TopLevelSpec } from 'vega-lite';
import type { CounterSummary } from '../../analyse/counter-summary.ts';
import { levelText } from '../../analyse/interval.ts';
import { formatSize } from '../../experiment/sizes.ts';
import { counterSummaries } from '../../export/counter-tables.ts';
import { greatest, least } from '../../extremes.ts';
import { significant } from '../../rounding.ts';
import type { Figure } from '../figure.ts';
import { countRange } from '../quantities.ts';
import { levelsOf } from '../value-text.ts';
import {
  type ChartPart,
  partsOf,
  rising,
  type SizeAxis,
  sizeAxis,
  titleOf,
  uniqueSuffixes,
} from './axes.ts';
import { dodged } from './dodge.ts';
import { medianLayers } from './median-layers.ts';
import { seriesChannels } from './series-channels.ts';
import { logSizes } from './size-scale.ts';
import type { FigureSources } from './sources.ts';

const MOST_SERIES = 6;
/** The most counters and rates that are drawn: a benchmark may print any number of numbers. */
const MOST_FIGURES = 30;
/** From this ratio of the greatest to the smallest median on, events are drawn on a log axis. */
const WIDE_RANGE = 20;

const COLUMNS = [
  ...['series', 'cell', 'buffer_bytes', 'total_bytes', 'value_median'],
  ...['ci_low', 'ci_high', 'ci_level', 'n'],
] as const;

interface Point {
  readonly series: string;
  readonly size: number;
  readonly summary: CounterSummary;
}

/** Each counter and each rate of counters by size, with a line for each series. */
export function counterFigures({ db, sweep, selection }: FigureSources): readonly Figure[] {
  const byName = new Map<string, CounterSummary[]>();
  for (const summary of counterSummaries(db, sweep, selection)) {
    const key = `${summary.kind} ${summary.name}`;
    const own = byName.get(key);
    if (own) own.push(summary);
    else byName.set(key, [summary]);
  }
  const all = [...byName.values()];
  const ordered = (['counter', 'rate'] as const).flatMap((kind) =>
    all.filter(([first]) => first?.kind === kind),
  );
  const suffixOf = uniqueSuffixes();
  const left = ordered.length - MOST_FIGURES;
  const more = left > 0 ? ` ${left} further counters are in counters_summary.csv alone.` : '';
  return ordered.slice(0, MOST_FIGURES).flatMap((summaries) => {
    const cells = summaries.map(({ cell }) => cell);
    const axis = sizeAxis(cells);
    const summaryOf = new Map(summaries.map((summary) => [summary.cell.cell, summary]));
    return partsOf(cells, axis, MOST_SERIES).map((part) => {
      const points = part.series.flatMap((series) =>
        series.cells.map((cell): Point => {
          const summary = summaryOf.get(cell.cell)!;
          return { series: series.label, size: cell[axis.field], summary };
        }),
      );
      const suffix = suffixOf([`${summaries[0]!.name}${part.suffix}`]);
      return counterFigure(`counters${suffix}`, part, axis, points, more);
    });
  });
}

function counterFigure(
  name: string,
  part: ChartPart,
  axis: SizeAxis,
  points: readonly Point[],
  more: string,
): Figure {
  const { title: counter, kind } = points[0]!.summary;
  const title = titleOf(`${counter} by ${axis.title.toLowerCase()}`, part);
  const intervals = points.flatMap(({ summary }) => summary.interval ?? []);
  const runs = countRange(
    points.map(({ summary }) => summary.values.n),
    'run',
  );
  const untraced = points.every(({ summary }) => summary.untraced);
  const sorted = points.toSorted((a, b) => a.summary.values.median - b.summary.values.median);
  const [lowest, highest] = [sorted[0]!, sorted.at(-1)!];
  const log = isWide(points);
  return {
    name,
    title,
    caption: [
      `Median over ${runs} ${untraced ? 'without a tracer' : 'under a tracer'} at each point${kind === 'counter' ? ', of one iteration each' : ''}.`,
      intervals.length > 0
        ? `Bars: ${levelsOf(intervals)} confidence interval of the median${intervals.length < points.length ? '; none for fewer than 5 runs' : ''}.`
        : 'No intervals: fewer than 5 runs, or iterations of one process.',
      ...(log ? ['The vertical axis is logarithmic.'] : []),
    ]
      .join(' ')
      .concat(more),
    alt: `${title}: a line chart${log ? ' on a logarithmic axis' : ' from 0'}. Highest: ${sayOf(highest)}. Lowest: ${sayOf(lowest)}.`,
    data: {
      columns: COLUMNS,
      rows: points.map(({ series, summary: { cell, values, interval } }) => [
        ...[series, cell.cell, cell.buffer_bytes, cell.total_bytes, values.median],
        ...(interval ? [interval.low, interval.high, interval.level] : [null, null, null]),
        values.n,
      ]),
    },
    spec: specOf(part, axis, points, log),
  };
}

function sayOf({ series, size, summary: { values, interval } }: Point): string {
  const range =
    interval &&
    ` (${levelText(interval)} CI ${significant(interval.low)} to ${significant(interval.high)})`;
  return `${significant(values.median)}${range ?? ''} at ${formatSize(size)} (${series})`;
}

/** Whether events range over so many sizes that the smaller ones could not be told apart. */
function isWide(points: readonly Point[]): boolean {
  const lowest = least(points.map(({ summary }) => lowOf(summary)));
  const highest = greatest(points.map(({ summary }) => summary.values.median));
  return points[0]!.summary.kind === 'counter' && lowest > 0 && highest >= WIDE_RANGE * lowest;
}

const lowOf = ({ interval, values }: CounterSummary) => interval?.low ?? values.median;
const highOf = ({ interval, values }: CounterSummary) => interval?.high ?? values.median;

function specOf(
  part: ChartPart,
  axis: SizeAxis,
  points: readonly Point[],
  log: boolean,
): TopLevelSpec {
  const { title: counter, kind, unit } = points[0]!.summary;
  const sizes = rising(points.map(({ size }) => size));
  const x = logSizes('size', axis.title, sizes);
  // A rate may be negative where a processor counts more misses than accesses.
  const bottom = Math.min(0, least(points.map(({ summary }) => lowOf(summary))));
  const top = Math.max(0, greatest(points.map(({ summary }) => highOf(summary)))) * 1.06;
  const scale = log
    ? { type: 'log', nice: true }
    : { domain: [bottom, top > bottom ? top : 1], nice: false };
  // The name of a rate says what it is per.
  const title = kind === 'rate' && unit !== 'share' ? counter : `${counter} (${unit})`;
  const y = (field: string) => ({ field, type: 'quantitative', title, scale }) as const;
  const labels = part.series.map(({ label }) => label);
  const placed = dodged(sizes, labels.length);
  const rows = points.map((point) => ({
    ...{ series: point.series, dashes: point.series },
    size: placed(point.size, labels.indexOf(point.series)),
    median: point.summary.values.median,
    ...{ low: lowOf(point.summary), high: highOf(point.summary), says: sayOf(point) },
  }));
  const layer = medianLayers('median', x, y, seriesChannels(labels));
  return { data: { values: rows }, layer } as TopLevelSpec;
}
