import type { TopLevelSpec } from 'vega-lite';
import type { Change, HistoryPoint, HistorySeries } from '../../analyse/history.ts';
import type { Value } from '../../export/table.ts';
import { MIB, mebibytes, significant } from '../../rounding.ts';
import type { Figure } from '../figure.ts';
import { leftOut } from '../figures/left-out.ts';
import { panelled } from '../figures/panels.ts';
import { seriesChannels } from '../figures/series-channels.ts';
import { type Look, lookAt } from '../looks.ts';
import { countRange } from '../quantities.ts';
import { changeWords, dayOf, seriesNames, sweepNamer } from './words.ts';

const COLUMNS = [
  ...['cell', 'machine', 'place', 'sweep', 'started_at', 'bandwidth_median_bytes_per_s'],
  ...['bandwidth_ci_low_bytes_per_s', 'bandwidth_ci_high_bytes_per_s', 'level_bytes_per_s'],
  ...['changed', 'doubts'],
] as const;

/** Labels of marks in the legend, by the code of the change; all others are `OTHERS`. */
const MARKS: Readonly<Record<string, string>> = {
  kernel: 'kernel changed',
  'kernel-build': 'kernel changed',
  os: 'kernel changed',
  benchmark: 'benchmark changed',
  commit: 'commit changed',
};
const OTHERS = 'something else changed';
const ALL_MARKS = [...new Set(Object.values(MARKS)), OTHERS];
/** More of one kind in a panel say nothing: a commit may change every night. */
const MOST_MARKS = 20;

export interface HistoryFigureOptions {
  readonly name: string;
  readonly title: string;
  /** Whether the sweeps are drawn over their time, not over their place in another order. */
  readonly isOverTime: boolean;
}

/** The medians of each cell over the sweeps, with the levels between steps: a panel for each cell. */
export function historyFigure(
  series: readonly HistorySeries[],
  { name, title, isOverTime }: HistoryFigureOptions,
): Figure {
  const names = seriesNames(series);
  const all = series.flatMap(({ points }) => points.map(({ sweep }) => sweep));
  const nameOf = sweepNamer(all);
  const rare = series.every(({ changes }) => marked(changes).length === placesOf(changes).length)
    ? []
    : [`Changes that come more than ${MOST_MARKS} times are not drawn`];
  const doubted = series.some(({ points }) => points.some(({ doubts }) => doubts.length > 0));
  return {
    name,
    title,
    ...leftOut(rare),
    caption: `Median bandwidth of ${countRange(
      series.map(({ points }) => points.length),
      'sweep',
    )}, with its interval where there are five runs or more; lines are the levels between steps. The axes do not begin at 0.${
      doubted ? ' A cross is a sweep whose runs raise doubts.' : ''
    }${rare.map((words) => ` ${words}.`).join('')}`,
    alt: `${title}: a scatter plot for each cell. ${series.map((one, at) => finding(names[at]!, one, nameOf)).join(' ')}`,
    data: {
      columns: COLUMNS,
      rows: series.flatMap((one) =>
        one.points.map((point, at): readonly Value[] => [
          ...[one.cell.cell, one.machine, at + 1, nameOf(point.sweep), point.sweep.startedAt],
          ...[point.median, point.interval?.low ?? null, point.interval?.high ?? null],
          ...[levelAt(one, at) ?? null, changedAt(one, at).join(', ') || null],
          point.doubts.join(',') || null,
        ]),
      ),
    },
    spec: specOf(series, names, { nameOf, isOverTime }),
  };
}

function finding(
  name: string,
  { points, found }: HistorySeries,
  nameOf: (sweep: HistoryPoint['sweep']) => string,
): string {
  if (!found) return `${name}: too few sweeps.`;
  const steps = found.steps.map(
    ({ first, ratio }) =>
      `${significant(ratio)} times as much from ${nameOf(points[first]!.sweep)} on`,
  );
  return `${name}: ${steps.length === 0 ? 'no step' : steps.join(', ')}.`;
}

function levelAt({ found }: HistorySeries, at: number): number | undefined {
  return found?.levels.find(({ from, to }) => from <= at && at < to)?.level;
}

function changedAt({ changes }: HistorySeries, at: number): readonly string[] {
  return changes.filter((change) => change.at === at).map(({ code }) => code);
}

function markOf(code: string): string {
  return MARKS[code] ?? OTHERS;
}

function markLook(mark: string): Look {
  return lookAt(ALL_MARKS.indexOf(mark));
}

interface Marked {
  readonly at: number;
  readonly mark: string;
  readonly words: string;
}

function placesOf(changes: readonly Change[]): readonly number[] {
  return [...new Set(changes.map(({ at }) => at))];
}

/** One mark for each sweep with which something changed: of several changes, the first in MARKS. */
function marked(changes: readonly Change[]): readonly Marked[] {
  const marks = placesOf(changes).map((at) => {
    const own = changes.filter((change) => change.at === at);
    const known = own.map(({ code }) => markOf(code));
    const mark = ALL_MARKS.find((one) => known.includes(one)) ?? OTHERS;
    return { at, mark, words: own.map(changeWords).join(', ') };
  });
  const count = (mark: string) => marks.filter((one) => one.mark === mark).length;
  return marks.filter(({ mark }) => count(mark) <= MOST_MARKS);
}

function specOf(
  series: readonly HistorySeries[],
  names: readonly string[],
  {
    nameOf,
    isOverTime,
  }: { readonly nameOf: (sweep: HistoryPoint['sweep']) => string; readonly isOverTime: boolean },
): TopLevelSpec {
  const rows = series.flatMap((one, at) => panelRows(one, names[at]!, { nameOf, isOverTime }));
  const marks = ALL_MARKS.filter((mark) => rows.some((row) => row.series === mark));
  const x = isOverTime
    ? { field: 'at', type: 'temporal', title: 'Start of the sweep (UTC)', scale: { type: 'utc' } }
    : {
        field: 'at',
        type: 'quantitative',
        title: 'Sweep (number, in its order)',
        scale: { nice: false },
      };
  const y = (field: string) => ({
    ...{ field, type: 'quantitative', title: 'Bandwidth (MiB/s)' },
    scale: { zero: false },
  });
  const only = (kind: string) => ({ transform: [{ filter: `datum.kind === '${kind}'` }] });
  const says = { field: 'says', type: 'nominal' };
  const layer: object[] = [
    ...(marks.length === 0
      ? []
      : [
          {
            ...only('change'),
            mark: { type: 'rule', style: 'threshold-rule' },
            encoding: {
              x,
              color: { ...seriesChannels(marks, marks.map(markLook)).color, legend: {} },
              description: says,
            },
          },
        ]),
    {
      ...only('sweep'),
      mark: { type: 'rule', style: 'interval', aria: false, opacity: 0.5 },
      encoding: { x, y: y('low'), y2: { field: 'high' } },
    },
    {
      ...only('sweep'),
      mark: { type: 'point', style: 'order', filled: true },
      encoding: {
        ...{ x, y: y('value') },
        shape: { condition: { test: 'datum.doubted', value: 'cross' }, value: 'circle' },
        description: says,
      },
    },
    {
      ...only('level'),
      mark: { type: 'rule', style: 'level' },
      encoding: { x, x2: { field: 'until' }, y: y('value'), description: says },
    },
  ];
  const chart = panelled(rows, layer, { labels: names, width: 300, height: 150 });
  const independent = names.length > 1 ? { resolve: { scale: { y: 'independent' } } } : {};
  return { ...chart, ...independent } as TopLevelSpec;
}

interface Row {
  readonly panel: string;
  readonly kind: 'sweep' | 'level' | 'change';
  readonly at: string | number;
  readonly says: string;
  /** The label of a change in the legend. */
  readonly series?: string;
}

function panelRows(
  one: HistorySeries,
  panel: string,
  {
    nameOf,
    isOverTime,
  }: { readonly nameOf: (sweep: HistoryPoint['sweep']) => string; readonly isOverTime: boolean },
): readonly Row[] {
  const { points, changes, found } = one;
  const placeOf = (at: number) => (isOverTime ? points[at]!.sweep.startedAt : at + 1);
  const nameAt = (at: number) => nameOf(points[at]!.sweep);
  return [
    ...points.map(({ sweep, median, interval, doubts }, at) => ({
      ...{ panel, kind: 'sweep' as const, at: placeOf(at), value: median / MIB },
      low: (interval?.low ?? median) / MIB,
      high: (interval?.high ?? median) / MIB,
      doubted: doubts.length > 0,
      says: `${nameOf(sweep)}, ${dayOf(sweep)}: ${mebibytes(median)} MiB/s${
        doubts.length === 0 ? '' : ` (${doubts.join(', ')})`
      }`,
    })),
    ...(found?.levels ?? []).map(({ from, to, level }) => ({
      ...{ panel, kind: 'level' as const, at: placeOf(from), until: placeOf(to - 1) },
      value: level / MIB,
      says: `${nameAt(from)} to ${nameAt(to - 1)}: ${mebibytes(level)} MiB/s`,
    })),
    ...marked(changes).map(({ at, mark, words }) => ({
      ...{ panel, kind: 'change' as const, at: placeOf(at), series: mark },
      says: `${nameAt(at)}: ${words}`,
    })),
  ];
}
