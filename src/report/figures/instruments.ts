import type { TopLevelSpec } from 'vega-lite';
import { byCell } from '../../analyse/consecutive.ts';
import {
  BUCKET_QUANTILES,
  type Bucket,
  summarisePerRun,
  summariseQuantiles,
} from '../../analyse/count-summaries.ts';
import { formatSize } from '../../experiment/sizes.ts';
import { greatest, least } from '../../extremes.ts';
import type { CountTable, Instrument } from '../../instruments/instrument.ts';
import { INSTRUMENTS } from '../../instruments/instruments.ts';
import { runCounts } from '../../store/cell-data.ts';
import type { CellRow } from '../../store/reader.ts';
import type { Figure } from '../figure.ts';
import { lookAt, seriesLooks } from '../looks.ts';
import { countRange, nanoseconds } from '../quantities.ts';
import { type ChartPart, partsOf, rising, type SizeAxis, sizeAxis, titleOf } from './axes.ts';
import { type CountPoint, countLines, MOST_SERIES, powersOfTen } from './count-lines.ts';
import { dodged } from './dodge.ts';
import { panelled } from './panels.ts';
import { seriesChannels } from './series-channels.ts';
import { logSizes } from './size-scale.ts';
import { countedCells, type FigureSources } from './sources.ts';

type Maker = (sources: FigureSources) => readonly Figure[];

/** The charts that instruments have by their definition alone, by the instruments' names. */
export const CHARTS_OF_INSTRUMENTS: Readonly<Record<string, Maker>> = Object.fromEntries(
  INSTRUMENTS.flatMap(({ name, counts }: Instrument) => {
    const charted = counts.filter(({ chart }) => chart !== undefined);
    if (charted.length === 0) return [];
    const make: Maker = (sources) => charted.flatMap((table) => figuresOf(name, table, sources));
    return [[name, make] as const];
  }),
);

function figuresOf(name: string, table: CountTable, sources: FigureSources): readonly Figure[] {
  switch (table.summary?.kind) {
    case 'per-run':
      return perRunFigures(name, table, sources);
    case 'quantiles':
      return quantileFigures(name, table, table.summary.firstBucket, sources);
    default:
      throw new RangeError(`${table.name} has a chart, and no summary that it could show`);
  }
}

function perRunFigures(
  name: string,
  table: CountTable,
  { db, sweep, selection, summaries }: FigureSources,
): readonly Figure[] {
  const found = summarisePerRun(runCounts(db, sweep.id, table, selection));
  const cells = countedCells({ summaries }, found);
  if (cells.length === 0) return [];
  const axis = sizeAxis(cells);
  const own = byCell(found);
  const names = [...new Set(found.map(({ keys }) => keys.join(', ')))].sort();
  const chart = {
    ...{ name, title: table.chart!.title, unit: table.count.unit, note: '' },
    column: table.keys.map((key) => key.exported ?? key.name).join('_and_'),
    ...{ names, looks: seriesLooks(names) },
  };
  return partsOf(cells, axis, MOST_SERIES).map((part) => {
    const points = part.series.flatMap((series) =>
      series.cells.flatMap((cell) =>
        (own.get(cell.cell) ?? []).map(({ role, keys, counts, deterministic }): CountPoint => {
          const panel = part.series.length > 1 ? `${series.label}, ${role}` : role;
          return {
            ...{ panel, series: series.label, cell, size: cell[axis.field], role },
            ...{ what: keys.join(', '), counts, deterministic },
          };
        }),
      ),
    );
    return countLines(part, axis, points, chart);
  });
}

/** A quantile of one panel at one size. */
interface QuantilePoint {
  readonly series: string;
  readonly panel: string;
  readonly cell: CellRow;
  readonly size: number;
  readonly role: string;
  readonly keys: readonly (string | number)[];
  readonly runs: number;
  readonly count: number;
  readonly quantile: string;
  readonly bucket: Bucket;
}

const QUANTILE_NAMES = BUCKET_QUANTILES.map((p) => (p === 0.5 ? 'median' : `${100 * p} %`));

function quantileFigures(
  name: string,
  table: CountTable,
  firstBucket: number,
  { db, sweep, selection, summaries }: FigureSources,
): readonly Figure[] {
  const rows = runCounts(db, sweep.id, table, selection);
  const found = summariseQuantiles(rows, firstBucket);
  const cells = countedCells({ summaries }, found);
  if (cells.length === 0) return [];
  const axis = sizeAxis(cells);
  const own = byCell(found);
  return partsOf(cells, axis, MOST_SERIES).map((part) => {
    const points = part.series.flatMap((series) =>
      series.cells.flatMap((cell) =>
        (own.get(cell.cell) ?? []).flatMap(({ role, keys, runs, count, quantiles }) => {
          const who = [...keys, role].join(', ');
          const panel = part.series.length > 1 ? `${series.label}, ${who}` : who;
          return quantiles.map(
            (bucket, at): QuantilePoint => ({
              ...{ panel, series: series.label, cell, size: cell[axis.field], role, keys },
              ...{ runs, count, quantile: QUANTILE_NAMES[at]!, bucket },
            }),
          );
        }),
      ),
    );
    return quantileFigure(name, table, part, axis, points);
  });
}

function quantileFigure(
  name: string,
  { chart, count, keys }: CountTable,
  part: ChartPart,
  axis: SizeAxis,
  points: readonly QuantilePoint[],
): Figure {
  const title = titleOf(`${chart!.title} by ${axis.title.toLowerCase()}`, part);
  const runs = countRange(
    points.map((point) => point.runs),
    'traced run',
  );
  const panels = [...new Set(points.map(({ panel }) => panel))];
  const others = keys.slice(0, -1).map((key) => key.exported ?? key.name);
  return {
    name: `${name}${part.suffix}`,
    title,
    caption: `The median, and what 90 and 99 percent of the ${count.unit} of ${runs} stay below. Each bar is the bucket in which the quantile lies: it is known no better.`,
    alt: `${title}: bars on log axes, one chart for each of ${panels.join('; ')}. ${finding(points)}`,
    data: {
      columns: [
        ...['series', 'role', ...others, 'cell', 'buffer_bytes', 'total_bytes', 'runs', 'count'],
        ...['quantile', 'from_ns', 'below_ns'],
      ],
      rows: points.map(({ series, role, keys: own, cell, quantile, bucket, ...counted }) => [
        ...[series, role, ...own, cell.cell, cell.buffer_bytes, cell.total_bytes],
        ...[counted.runs, counted.count, quantile, bucket.from, bucket.below],
      ]),
    },
    spec: specOf(axis, points),
  };
}

function finding(points: readonly QuantilePoint[]): string {
  const medians = points.filter(({ quantile }) => quantile === QUANTILE_NAMES[0]);
  const say = ({ panel, size, bucket }: QuantilePoint) =>
    `${nanoseconds(bucket.from)} to below ${nanoseconds(bucket.below)} at ${formatSize(size)} (${panel})`;
  const sorted = medians.toSorted((a, b) => a.bucket.from - b.bucket.from);
  return `Shortest median: ${say(sorted[0]!)}; longest: ${say(sorted.at(-1)!)}.`;
}

function specOf(axis: SizeAxis, points: readonly QuantilePoint[]): TopLevelSpec {
  const sizes = rising(points.map(({ size }) => size));
  const placed = dodged(sizes, QUANTILE_NAMES.length);
  const rows = points.map(({ panel, size, quantile, bucket }) => ({
    panel,
    size: placed(size, QUANTILE_NAMES.indexOf(quantile)),
    ...{ series: quantile, dashes: quantile },
    // A log axis has no 0; the first bucket is drawn as wide as the others.
    from: bucket.from === 0 ? bucket.below / 2 : bucket.from,
    below: bucket.below,
    middle: bucket.below / Math.SQRT2,
    says: `${panel}, ${formatSize(size)}, ${quantile}: ${nanoseconds(bucket.from)} to below ${nanoseconds(bucket.below)}`,
  }));
  const lowest = least(rows.map(({ from }) => from));
  const highest = greatest(rows.map(({ below }) => below));
  const values = powersOfTen(lowest, highest);
  const labels = Object.fromEntries(values.map((ns) => [String(ns), nanoseconds(ns)]));
  const scale = { type: 'log', domain: [lowest / 1.4, highest * 1.4], nice: false };
  const y = {
    field: 'from',
    type: 'quantitative',
    title: 'Time (log scale)',
    scale,
    axis: { values, labelExpr: `(${JSON.stringify(labels)})[datum.value]` },
  };
  const x = logSizes('size', axis.title, sizes);
  const { color, shape, strokeDash } = seriesChannels(
    QUANTILE_NAMES,
    QUANTILE_NAMES.map((_, at) => lookAt(at)),
  );
  const inTheMiddle = { ...y, field: 'middle' };
  const layer = [
    { mark: { type: 'line', aria: false }, encoding: { x, y: inTheMiddle, color, strokeDash } },
    {
      mark: { type: 'rule', strokeWidth: 3, aria: false },
      encoding: { x, y, y2: { field: 'below' }, color },
    },
    {
      mark: { type: 'point', filled: true, style: 'median' },
      encoding: {
        ...{ x, color, shape, y: inTheMiddle },
        description: { field: 'says', type: 'nominal' },
      },
    },
  ];
  const panels = [...new Set(points.map(({ panel }) => panel))];
  return panelled(rows, layer, { labels: panels, width: 150, height: 160 }) as TopLevelSpec;
}
