import type { TopLevelSpec } from 'vega-lite';
import { type ComparedCell, sharedAxes, sideLetter } from '../../analyse/comparison.ts';
import { levelText } from '../../analyse/interval.ts';
import { UserError } from '../../errors.ts';
import type { AxisName } from '../../experiment/axes.ts';
import { AXES_IN_NAME, namedBy } from '../../experiment/cell-name.ts';
import { greatest, least } from '../../extremes.ts';
import { type CellRow, ownAxisOf } from '../../store/reader.ts';
import type { ComparisonReport } from '../comparison-report.ts';
import { letterOf, pWords, ratioWords, tallyOfAll, verdictWords } from '../comparison-words.ts';
import type { Figure } from '../figure.ts';
import { countRange } from '../quantities.ts';
import { levelsOf } from '../value-text.ts';
import { leftOut } from './left-out.ts';
import { seriesChannels } from './series-channels.ts';

/** More intervals than this make a picture that nobody can read. */
const MOST_INTERVALS = 600;
/** Each has its own pair of a colour and a shape. */
const MOST_SIDES = 64;
/** The end of a name tells more than its beginning, which is a folder. */
const MOST_OF_A_NAME = 44;
/** Heights in screen pixels: of an interval, and of the gap between two cells. */
const [INTERVAL, GAP] = [11, 13];

const COLUMNS = [
  ...['cell', 'side', 'ratio', 'ratio_ci_low', 'ratio_ci_high', 'ratio_ci_level'],
  ...['p_corrected', 'verdict'],
] as const;

interface Drawn {
  readonly row: string;
  readonly series: string;
  readonly cell: ComparedCell;
}

/**
 * A forest plot: for each cell of the base a row, and in it for each other side the ratio with its
 * interval, on a log axis with a line at 1.
 * @throws UserError when there is nothing to draw, or too much
 */
export function comparisonFigure(report: ComparisonReport): Figure {
  const { sides, compared, apart, limit, margin } = report;
  const { cells } = compared;
  const known = cells.filter(({ verdict }) => verdict.verdict !== 'too few');
  const why = whyNotDrawn(report);
  if (why !== undefined) {
    throw new UserError(`the comparison cannot be drawn: ${why}`, {
      hint: 'narrow the sides, such as lab-1:ipc=pipe; a cell needs five good runs a side',
    });
  }
  const rowNames = rowNamesOf([...new Set(cells.map(({ a }) => a))], apart);
  const rows = [...rowNames.values()];
  const series = sides.slice(1).map((side, at) => `${sideLetter(at + 1)}: ${ended(side.selector)}`);
  const drawn = known.map((cell) => ({
    row: rowNames.get(cell.a)!,
    series: series[cell.side]!,
    cell,
  }));
  const [{ selector: base }] = sides;
  const only = series.length === 1;
  const title = `Bandwidth of ${only ? 'B' : 'each side'} over that of A, cell by cell`;
  const few = cells.length - known.length;
  const fewWords =
    few === 0
      ? []
      : [
          `${countRange([few], 'pair')} of cells ${few === 1 ? 'has' : 'have'} too few runs for an interval`,
        ];
  const levels = levelsOf(
    known.flatMap(({ verdict }) => (verdict.verdict === 'too few' ? [] : [verdict])),
  );
  const says = drawn.map((it) => sayOf(it, margin));
  return {
    name: 'comparison',
    title,
    ...leftOut([`A: ${ended(base)}`, ...(only ? series : []), ...fewWords]),
    caption: `Ratios of bandwidths: right of the line at 1 a side is faster than A, left of it slower. Bars: ${levels} confidence interval of each ratio by itself; whether a difference is called takes into account that ${countRange([known.length], 'ratio')} ${known.length === 1 ? 'is' : 'are'} looked at.${
      limit === undefined
        ? ''
        : ` The line at ${limitOf(limit)} is the limit of --fail-if-slower ${limit.written}.`
    }${fewWords.map((words) => ` ${words}.`).join('')}`,
    alt: `${title}: a forest plot with a row for each of ${countRange([rows.length], 'cell')}, ${only ? 'one interval each' : `and in each row an interval for each of ${series.length} sides`}, on a logarithmic axis with a line at 1. ${tallyOfAll(report)}. ${says.slice(0, 20).join('. ')}${says.length > 20 ? `. And ${says.length - 20} more, in the data below` : ''}.`,
    data: {
      columns: COLUMNS,
      rows: cells.map((cell) => {
        const { verdict } = cell;
        const start = [rowNames.get(cell.a)!, letterOf(cell)];
        if (verdict.verdict === 'too few')
          return [...start, null, null, null, null, null, 'too few'];
        const { ratio, low, high, level, correctedP } = verdict;
        return [...start, ratio, low, high, level, correctedP, verdict.verdict];
      }),
    },
    spec: specOf(drawn, { rows, series, says, limit: limit && limitOf(limit) }),
  };
}

/** The reason why there is no figure of a comparison; undefined if there is one. */
export function whyNotDrawn({ compared, sides }: ComparisonReport): string | undefined {
  const { cells } = compared;
  const known = cells.filter(({ verdict }) => verdict.verdict !== 'too few');
  if (known.length === 0) return 'no pair of cells has enough runs for a ratio';
  if (sides.length - 1 > MOST_SIDES) {
    return `it has ${sides.length - 1} sides beside A, and no more than ${MOST_SIDES} can be told apart`;
  }
  if (known.length <= MOST_INTERVALS) return undefined;
  return `it has ${known.length} ratios, and a figure has room for ${MOST_INTERVALS}`;
}

function limitOf({ share }: { readonly share: number }): number {
  return Number((1 - share).toPrecision(6));
}

function ended(name: string): string {
  const characters = [...name];
  return characters.length <= MOST_OF_A_NAME
    ? name
    : `…${characters.slice(1 - MOST_OF_A_NAME).join('')}`;
}

/**
 * Names the rows by what tells cells apart: axes in which all agree are left out, and those in which
 * the sides differ have no place here. No two rows have the same name.
 */
function rowNamesOf(
  cells: readonly CellRow[],
  apart: ReadonlySet<AxisName>,
): ReadonlyMap<CellRow, string> {
  const shared = sharedAxes(apart);
  const varied = shared.filter((axis) =>
    cells.some((cell) => ownAxisOf(cell, axis) !== ownAxisOf(cells[0]!, axis)),
  );
  const named = varied.length > 0 ? varied : shared;
  const nameOf = (cell: CellRow) =>
    namedBy(
      AXES_IN_NAME.filter((axis) => named.includes(axis)),
      (axis) => ownAxisOf(cell, axis),
    );
  return new Map(cells.map((cell) => [cell, nameOf(cell) || 'the cell']));
}

function sayOf({ row, cell }: Drawn, margin: string | undefined): string {
  const { verdict } = cell;
  if (verdict.verdict === 'too few') return '';
  return `${row}, ${letterOf(cell)}: ${ratioWords(verdict)} at ${levelText(verdict)}, p ${pWords(verdict)}, ${verdictWords(verdict, margin)}`;
}

interface Layout {
  readonly rows: readonly string[];
  readonly series: readonly string[];
  /** For each interval, what it says. */
  readonly says: readonly string[];
  readonly limit: number | undefined;
}

function specOf(drawn: readonly Drawn[], { rows, series, says, limit }: Layout): TopLevelSpec {
  const values = drawn.flatMap(({ row, series: own, cell: { verdict } }, at) => {
    if (verdict.verdict === 'too few') return [];
    const { ratio, low, high } = verdict;
    return [{ row, series: own, dodged: own, ratio, low, high, says: says[at] }];
  });
  const marked = [1, ...(limit === undefined ? [] : [limit])];
  const [from, to] = [
    least([...values.map(({ low }) => low), ...marked]),
    greatest([...values.map(({ high }) => high), ...marked]),
  ];
  const room = Math.max(1.005, (to / from) ** 0.04);
  const domain = [from / room, to * room] as const;
  const x = (field: string) => ({
    field,
    type: 'quantitative',
    title: `${series.length === 1 ? 'Bandwidth of B / that of A' : 'Bandwidth of the side / that of A'} (ratio, log scale)`,
    scale: { type: 'log', domain, nice: false },
    axis: { values: ratioTicks(...domain), format: '~g', grid: true },
  });
  const y = {
    field: 'row',
    type: 'ordinal',
    title: null,
    scale: { domain: rows, paddingInner: GAP / (GAP + INTERVAL * series.length) },
    axis: { grid: false, ticks: false, domain: false, labelLimit: 0, labelOverlap: false },
  };
  const yOffset = { field: 'dodged', type: 'nominal', scale: { domain: series, paddingInner: 0 } };
  const { color, shape } = seriesChannels(series);
  const height = rows.length * (series.length * INTERVAL + GAP) + GAP;
  const layer: readonly object[] = [
    ...marked.map((at) => ({
      data: { values: [{ at }] },
      mark: {
        type: 'rule',
        style: at === 1 ? 'interval' : 'threshold-rule',
        aria: false,
        color: '#8a8a8a',
      },
      encoding: { x: x('at') },
    })),
    {
      mark: { type: 'rule', style: 'interval', aria: false },
      encoding: { y, yOffset, x: x('low'), x2: { field: 'high' }, color },
    },
    {
      mark: { type: 'point', filled: true, style: 'median' },
      encoding: {
        ...{ y, yOffset, x: x('ratio'), color, shape },
        description: { field: 'says', type: 'nominal' },
      },
    },
  ];
  return { data: { values }, height, layer } as unknown as TopLevelSpec;
}

/** Few enough numbers for an axis, 1 among them wherever it is in the range. */
export function ratioTicks(from: number, to: number): readonly number[] {
  const decades = Math.log10(to / from);
  if (decades > 1) {
    // Powers of 2, of 10, of 100, ...: steps on a log axis.
    const base = decades < 2 ? 2 : 10 ** Math.ceil(decades / 7);
    const [first, last] = [from, to].map((end) => Math.log(end) / Math.log(base));
    return steps(Math.ceil(first! - 1e-9), Math.floor(last! + 1e-9)).map((power) => base ** power);
  }
  const rough = (to - from) / 7;
  const scale = 10 ** Math.floor(Math.log10(rough));
  const step = scale * ([1, 2, 5].find((times) => times * scale >= rough) ?? 10);
  return steps(Math.ceil((from - 1) / step), Math.floor((to - 1) / step)).map((times) =>
    Number((1 + times * step).toPrecision(10)),
  );
}

function steps(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}
