import type { TopLevelSpec } from 'vega-lite';
import { levelText } from '../../analyse/interval.ts';
import type { CellSummary, ProbeEffect } from '../../analyse/summary.ts';
import { formatSize } from '../../experiment/sizes.ts';
import { greatest } from '../../extremes.ts';
import { significant } from '../../rounding.ts';
import type { Figure } from '../figure.ts';
import { countRange } from '../quantities.ts';
import { levelsOf } from '../value-text.ts';
import { type ChartPart, partsOf, rising, type SizeAxis, sizeAxis, titleOf } from './axes.ts';
import { dodged } from './dodge.ts';
import { medianLayers } from './median-layers.ts';
import { seriesChannels } from './series-channels.ts';
import { logSizes } from './size-scale.ts';
import type { FigureSources } from './sources.ts';

const MOST_SERIES = 6;

const COLUMNS = [
  ...['series', 'cell', 'buffer_bytes', 'total_bytes', 'pairs'],
  ...['probe_effect', 'ci_low', 'ci_high', 'ci_level'],
] as const;

interface Point {
  readonly series: string;
  readonly size: number;
  readonly cell: CellSummary['cell'];
  readonly ratio: NonNullable<ProbeEffect['ratio']>;
}

/** The share of the bandwidth that remains while tracing, for sweeps with controls. */
export function probeEffectFigures({ summaries }: FigureSources): readonly Figure[] {
  const measured = new Map(
    summaries.flatMap(({ cell, probeEffect }) =>
      probeEffect?.ratio ? [[cell.cell, probeEffect.ratio] as const] : [],
    ),
  );
  const cells = summaries.map(({ cell }) => cell).filter(({ cell }) => measured.has(cell));
  if (cells.length === 0) return [];
  const axis = sizeAxis(cells);
  return partsOf(cells, axis, MOST_SERIES).map((part) => {
    const points = part.series.flatMap((series) =>
      series.cells.map((cell): Point => {
        return {
          series: series.label,
          size: cell[axis.field],
          cell,
          ratio: measured.get(cell.cell)!,
        };
      }),
    );
    return probeEffectFigure(part, axis, points);
  });
}

function probeEffectFigure(part: ChartPart, axis: SizeAxis, points: readonly Point[]): Figure {
  const title = titleOf(`Probe effect by ${axis.title.toLowerCase()}`, part);
  const sorted = points.toSorted((a, b) => a.ratio.ratio - b.ratio.ratio);
  const [least, most] = [sorted[0]!, sorted.at(-1)!];
  const pairs = countRange(
    points.map(({ ratio }) => ratio.pairs),
    'pair',
  );
  const levels = levelsOf(points.map(({ ratio }) => ratio));
  return {
    name: `probe-effect${part.suffix}`,
    title,
    caption: `Bandwidth under the tracer over that without, estimated from ${pairs} of runs each; 1 means that tracing costs nothing. Bars: ${levels} confidence interval of the ratio.`,
    alt: `${title}: a line chart of the ratio of traced to untraced bandwidth, with a rule at 1. Strongest: ${sayOf(least)}. Weakest: ${sayOf(most)}.`,
    data: {
      columns: COLUMNS,
      rows: points.map(({ series, cell, ratio }) => [
        ...[series, cell.cell, cell.buffer_bytes, cell.total_bytes],
        ...[ratio.pairs, ratio.ratio, ratio.low, ratio.high, ratio.level],
      ]),
    },
    spec: specOf(part, axis, points),
  };
}

function sayOf({ series, size, ratio }: Point): string {
  const [value, low, high] = [ratio.ratio, ratio.low, ratio.high].map(significant);
  return `${value} (${levelText(ratio)} CI ${low} to ${high}) at ${formatSize(size)} (${series})`;
}

function specOf(part: ChartPart, axis: SizeAxis, points: readonly Point[]): TopLevelSpec {
  const sizes = rising(points.map(({ size }) => size));
  const top = Math.max(1, greatest(points.map(({ ratio }) => ratio.high))) * 1.06;
  const x = logSizes('size', axis.title, sizes);
  const title = 'Traced / untraced bandwidth (ratio)';
  const y = (field: string) =>
    ({ field, type: 'quantitative', title, scale: { domain: [0, top], nice: false } }) as const;
  const labels = part.series.map(({ label }) => label);
  const channels = seriesChannels(labels);
  const placed = dodged(sizes, labels.length);
  const rows = points.map((point) => ({
    ...{ series: point.series, dashes: point.series },
    size: placed(point.size, labels.indexOf(point.series)),
    ...{ ratio: point.ratio.ratio, low: point.ratio.low, high: point.ratio.high },
    says: sayOf(point),
  }));
  const layer: readonly object[] = [
    {
      data: { values: [{ one: 1 }] },
      mark: { type: 'rule', style: 'threshold-rule', aria: false },
      encoding: { y: y('one') },
    },
    ...medianLayers('ratio', x, y, channels),
  ];
  return { data: { values: rows }, layer } as TopLevelSpec;
}
