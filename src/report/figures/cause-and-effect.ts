import type { TopLevelSpec } from 'vega-lite';
import { byCell } from '../../analyse/consecutive.ts';
import type { CellSummary } from '../../analyse/summary.ts';
import { formatSize } from '../../experiment/sizes.ts';
import { greatest, least } from '../../extremes.ts';
import { MIB } from '../../rounding.ts';
import type { CellRow } from '../../store/reader.ts';
import { stateHex, stateNames } from '../../trace/pipe-state-bits.ts';
import type { Figure } from '../figure.ts';
import { type Look, OTHER_STATES, seriesLooks } from '../looks.ts';
import { countRange } from '../quantities.ts';
import { bandwidthText, levelsOf } from '../value-text.ts';
import {
  type ChartPart,
  type ChartSeries,
  ofLargestTotal,
  partsOf,
  sizeAxis,
  titleOf,
} from './axes.ts';
import { largestPartSentences } from './largest-parts.ts';
import { leftOut } from './left-out.ts';
import { belowEachOther } from './panels.ts';
import { logSizes } from './size-scale.ts';
import { countedCells, type FigureSources } from './sources.ts';
import { kindColours, stacked } from './stack-layers.ts';
import {
  type DrawnStates,
  drawnStates,
  type StateShare,
  segmentsOf,
  stateSharesByCell,
} from './state-stacks.ts';
import { roomAbove, thresholdLayers, thresholdRules } from './threshold-layers.ts';
import { type Threshold, thresholds } from './thresholds.ts';

const COLUMNS = [
  ...['series', 'part', 'cell', 'buffer_bytes', 'total_bytes', 'bandwidth_bytes_per_s'],
  ...['ci_low_bytes_per_s', 'ci_high_bytes_per_s', 'ci_level', 'n'],
  ...['pipe_state', 'pipe_state_hex', 'pipe_state_names', 'count', 'share', 'drawn_as'],
] as const;

/** The two ends of a pipe, below each other. */
const ENDS = [
  { operation: 'read', words: 'Reads' },
  { operation: 'write', words: 'Writes' },
] as const;
type End = (typeof ENDS)[number]['operation'];

/** Heights in screen pixels: of the bandwidth, and of the states at one end. */
const [BANDWIDTH_HEIGHT, STATES_HEIGHT] = [170, 84];
/** Half of a bar's width: as a share of the distance between two sizes, and within shares of the axis. */
const [HALF_OF_GAP, LEAST_HALF, MOST_HALF] = [0.42, 0.006, 0.045];

/** A cell as it is drawn. */
interface Point {
  readonly cell: CellRow;
  readonly summary: CellSummary;
  readonly bandwidth: NonNullable<CellSummary['bandwidth']>;
  readonly shares: Readonly<Record<End, readonly StateShare[]>>;
}

/**
 * Bandwidth above the states in which reads and writes found the pipe, over one axis of buffer
 * sizes, with the sizes of system and processor through all of it. Each series has its own.
 */
export function causeAndEffectFigures(sources: FigureSources): readonly Figure[] {
  const { summaries, facts, pipeStates: rows, stateBits } = sources;
  const sharesOf = (end: End) =>
    byCell(stateSharesByCell(rows.filter(({ operation }) => operation === end)));
  const [reads, writes] = [sharesOf('read'), sharesOf('write')];
  const quoted = new Map(summaries.map((summary) => [summary.cell.cell, summary]));
  const all = countedCells(sources, rows).filter(({ cell }) => quoted.get(cell)?.bandwidth);
  const { cells, words } = ofLargestTotal(all);
  const axis = sizeAxis(cells);
  if (cells.length === 0 || axis.field !== 'buffer_bytes') return [];
  const labels = partsOf(cells, axis, Infinity).flatMap(({ series }) => series);
  const looks = seriesLooks(labels.map(({ label }) => label));
  return partsOf(cells, axis, 1).flatMap((part) => {
    const [{ label, cells: own }] = part.series as [ChartSeries];
    const points = own.map((cell): Point => {
      const summary = quoted.get(cell.cell)!;
      return {
        ...{ cell, summary, bandwidth: summary.bandwidth! },
        shares: { read: reads.get(cell.cell) ?? [], write: writes.get(cell.cell) ?? [] },
      };
    });
    const sizes = points.map(sizeOf);
    if (sizes.length < 2) return [];
    const place = labels.findIndex((series) => series.cells.includes(own[0]!));
    return causeAndEffectFigure(part, points, {
      ...{ label, look: looks[place]!, sizes, words },
      marked: thresholds(facts, { pipe: true, range: sizes }),
      nameOf: (state) => stateNames(state, stateBits),
    });
  });
}

interface Context {
  readonly label: string;
  /** How the series is drawn where several are in one chart. */
  readonly look: Look;
  /** Words about what is left out; none where every cell is drawn. */
  readonly words: readonly string[];
  readonly sizes: readonly number[];
  readonly marked: readonly Threshold[];
  readonly nameOf: (state: number) => string;
}

function causeAndEffectFigure(part: ChartPart, points: readonly Point[], context: Context): Figure {
  const { label, nameOf, words } = context;
  const states = drawnStates(
    points.flatMap(({ shares }) => [...shares.read, ...shares.write]),
    nameOf,
  );
  const title = titleOf('Bandwidth and pipe states by buffer size', part);
  return {
    name: `cause-and-effect${part.suffix}`,
    title,
    ...leftOut(words),
    caption: captionOf(points, states, context),
    alt: `${title}: a line chart of the bandwidth above stacked bars of the states, over one axis of buffer sizes. ${finding(points)} Most frequent state at reads: ${mostly(points, 'read', context)} At writes: ${mostly(points, 'write', context)}`,
    data: {
      columns: COLUMNS,
      rows: [
        ...points.map((point) => bandwidthRow(label, point)),
        ...ENDS.flatMap(({ operation }) =>
          points.flatMap((point) => stateRows(point, operation, states, context)),
        ),
      ],
    },
    spec: specOf(points, states, context),
  };
}

type Row = Figure['data']['rows'][number];

function bandwidthRow(label: string, { cell, bandwidth }: Point): Row {
  const { median, interval, n } = bandwidth;
  return [
    ...[label, 'bandwidth', cell.cell, cell.buffer_bytes, cell.total_bytes, median],
    ...[interval?.low ?? null, interval?.high ?? null, interval?.level ?? null, n],
    ...COLUMNS.slice(-6).map(() => null),
  ];
}

function stateRows(
  { cell, shares }: Point,
  operation: End,
  states: DrawnStates,
  { label, nameOf }: Context,
): readonly Row[] {
  return shares[operation].map(({ state, count, share }) => [
    ...[label, operation, cell.cell, cell.buffer_bytes, cell.total_bytes],
    ...[null, null, null, null, null],
    ...[state, stateHex(state), nameOf(state), count, share, states.kindOf(state)],
  ]);
}

function captionOf(
  points: readonly Point[],
  { kinds }: DrawnStates,
  { marked, words }: Context,
): string {
  const iterations = points.some(({ summary }) => summary.iterationsAsRuns);
  const n = countRange(
    points.map(({ bandwidth }) => bandwidth.n),
    iterations ? 'iteration' : 'run',
  );
  const untraced = points.every(({ summary }) => summary.untraced);
  const intervals = points.flatMap(({ bandwidth }) => bandwidth.interval ?? []);
  return [
    `Above: median bandwidth of ${n} ${untraced ? 'without a tracer' : 'under a tracer'}${intervals.length > 0 ? ` with its ${levelsOf(intervals)} confidence interval` : ''}.`,
    'Below: share of the reads and of the writes of traced runs by the state in which they found the pipe.',
    ...(kinds.includes(OTHER_STATES) ? [`“${OTHER_STATES}” are those below 1 % everywhere.`] : []),
    ...words.map((own) => `Shown are ${own}.`),
    ...(marked.length > 0 ? ['Dashed rules mark sizes of the system and the processor.'] : []),
  ].join(' ');
}

function finding(points: readonly Point[]): string {
  const sorted = points.toSorted((a, b) => a.bandwidth.median - b.bandwidth.median);
  const say = (point: Point) => `${bandwidthText(point.summary)} at ${formatSize(sizeOf(point))}`;
  return `Highest ${say(sorted.at(-1)!)}, lowest ${say(sorted[0]!)}.`;
}

function mostly(points: readonly Point[], end: End, { label, nameOf }: Context): string {
  return largestPartSentences(
    points.flatMap((point) => {
      const most = point.shares[end].toSorted((a, b) => b.share - a.share)[0];
      if (!most) return [];
      return [{ panel: label, size: sizeOf(point), name: nameOf(most.state), share: most.share }];
    }),
  );
}

function sizeOf({ cell }: Point): number {
  return cell.buffer_bytes;
}

function specOf(points: readonly Point[], states: DrawnStates, context: Context): TopLevelSpec {
  const { sizes } = context;
  const logs = sizes.map(Math.log);
  const whole = logs.at(-1)! - logs[0]!;
  const gaps = logs.slice(1).map((log, at) => log - logs[at]!);
  const half = Math.exp(
    Math.max(LEAST_HALF * whole, Math.min(MOST_HALF * whole, HALF_OF_GAP * least(gaps))),
  );
  const room = half * Math.exp(0.02 * whole);
  const x = logSizes('size', 'Buffer size', sizes);
  const scale = { ...x.scale, domain: [sizes[0]! / room, sizes.at(-1)! * room] };
  const labelled = { ...x, scale };
  const plain = { ...x, scale, title: null, axis: { ...x.axis, labels: false, ticks: false } };
  return belowEachOther([
    bandwidthChart(points, plain, context),
    ...ENDS.map((end) =>
      stateChart(points, {
        ...{ end, half, states, context },
        x: end === ENDS.at(-1) ? labelled : plain,
      }),
    ),
  ]);
}

function bandwidthChart(
  points: readonly Point[],
  x: object,
  { label, look, marked, sizes }: Context,
): object {
  const most = greatest(
    points.map(({ bandwidth: { interval, median } }) => interval?.high ?? median),
  );
  const top = roomAbove(most / MIB, marked);
  const y = (field: string) => ({
    ...{ field, type: 'quantitative', title: 'Bandwidth (MiB/s)' },
    scale: { domain: [0, top], nice: false },
  });
  const values = points.map((point) => ({
    size: sizeOf(point),
    median: point.bandwidth.median / MIB,
    low: (point.bandwidth.interval?.low ?? point.bandwidth.median) / MIB,
    high: (point.bandwidth.interval?.high ?? point.bandwidth.median) / MIB,
    says: `${label}, ${formatSize(sizeOf(point))}: ${bandwidthText(point.summary)}`,
  }));
  const color = { value: look.colour };
  return {
    height: BANDWIDTH_HEIGHT,
    data: { values },
    layer: [
      ...thresholdLayers(marked, { range: sizes, top, x }),
      { mark: { type: 'line', aria: false }, encoding: { x, y: y('median'), color } },
      {
        mark: { type: 'rule', style: 'interval', aria: false },
        encoding: { x, y: y('low'), y2: { field: 'high' }, color },
      },
      {
        mark: { type: 'point', filled: true, style: 'median', shape: look.shape },
        encoding: { x, y: y('median'), color, description: { field: 'says', type: 'nominal' } },
      },
    ],
  };
}

function stateChart(
  points: readonly Point[],
  {
    end: { operation, words },
    half,
    states,
    x,
    context: { label, marked },
  }: {
    readonly end: (typeof ENDS)[number];
    /** Half of a bar's width, as the factor between its middle and its edge. */
    readonly half: number;
    readonly states: DrawnStates;
    readonly x: object;
    readonly context: Context;
  },
): object {
  const panel = `${label}, ${words.toLowerCase()}`;
  const segments = points.flatMap((point) =>
    segmentsOf(point.shares[operation], states).map((segment) => ({
      ...{ panel, size: sizeOf(point), ...segment },
    })),
  );
  const values = stacked(segments).map((segment) => ({
    ...segment,
    left: segment.size / half,
    right: segment.size * half,
  }));
  const y = {
    ...{ field: 'from', type: 'quantitative', title: `${words} (%)` },
    scale: { domain: [0, 1], nice: false },
    axis: { values: [0, 0.5, 1], labelExpr: 'datum.value * 100', grid: false },
  };
  return {
    height: STATES_HEIGHT,
    data: { values },
    layer: [
      {
        mark: { type: 'rect', style: 'stack' },
        encoding: {
          x: { ...x, field: 'left' },
          x2: { field: 'right' },
          y,
          y2: { field: 'to' },
          color: kindColours(states.kinds),
          description: { field: 'says', type: 'nominal' },
        },
      },
      ...thresholdRules(marked, x),
    ],
  };
}
