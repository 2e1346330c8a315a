import { groupLevels, type HistorySeries, type HistoryStep } from '../analyse/history.ts';
import type { Interval } from '../analyse/interval.ts';
import { LEAST_FOR_STEPS } from '../analyse/steps.ts';
import { dayOf, seriesNames, sinceWhen, sweepNamer } from '../report/history/words.ts';
import { percentText, ratioNumber } from '../rounding.ts';
import { countAndNoun } from './count-and-noun.ts';
import type { HistoryOrder, LoadedHistory } from './history-sweeps.ts';
import { mebibytesOrDash } from './mebibytes-or-dash.ts';
import { alignColumns } from './print-table.ts';

/** The most cells and sweeps that a line names. */
const MOST_NAMES = 4;

/** A history for the terminal: a row for each cell and step, then what each step came with. */
export function historyLines(
  { name, sweeps, leftOut }: LoadedHistory,
  series: readonly HistorySeries[],
  by: HistoryOrder,
): readonly string[] {
  const nameOf = sweepNamer([...sweeps, ...leftOut.map(({ sweep }) => sweep)]);
  const [first, last] = [sweeps[0], sweeps.at(-1)];
  const order = by === 'time' ? '' : `, ordered by ${by}`;
  return [
    ...(first && last
      ? [
          `history of ${name}: ${countAndNoun(sweeps.length, 'sweep')} from ${dayOf(first)} (${nameOf(first)}) to ${dayOf(last)} (${nameOf(last)})${order}`,
        ]
      : []),
    ...leftOutLines(leftOut, nameOf),
    '',
    ...seriesTable(series, nameOf),
    ...groupTable(series, by),
    ...stepLines(series, nameOf),
    ...doubtLines(series),
  ];
}

type NameOf = ReturnType<typeof sweepNamer>;

function leftOutLines(leftOut: LoadedHistory['leftOut'], nameOf: NameOf): readonly string[] {
  const reasons = [...new Set(leftOut.map(({ why }) => why))];
  return reasons.map((why) => {
    const own = leftOut.filter((each) => each.why === why).map(({ sweep }) => nameOf(sweep));
    return `left out: ${shortList(own)} (${why})`;
  });
}

function seriesTable(series: readonly HistorySeries[], nameOf: NameOf): readonly string[] {
  const names = seriesNames(series);
  const header = [
    ...['cell', 'sweeps', 'MiB/s now', 'noise', 'finds'],
    ...['step since', 'between', 'ratio (95% interval)', 'MiB/s before', 'after'],
  ];
  const rows = series.flatMap((one, at) => {
    const { points, found } = one;
    const head = [names[at]!, String(points.length), mebibytesOrDash(nowOf(one))];
    if (!found) return [[...head, '-', '-', `too few sweeps (${LEAST_FOR_STEPS} are needed)`]];
    const known = [...head, percentText(found.deviation), percentText(found.detectable)];
    if (found.steps.length === 0) return [[...known, 'none']];
    return found.steps.map((step, number) => [
      ...(number === 0 ? known : known.map(() => '')),
      ...stepFigures(one, step, nameOf),
    ]);
  });
  return alignColumns(header, rows, [
    ...(['left', 'right', 'right', 'right', 'right'] as const),
    ...(['left', 'left', 'left', 'right', 'right'] as const),
  ]);
}

/** The last level; without one, the newest median. */
function nowOf({ points, found }: HistorySeries): number | undefined {
  return found?.levels.at(-1)?.level ?? points.at(-1)?.median;
}

function stepFigures(
  { points }: HistorySeries,
  { first, earliest, latest, ratio, interval, before, after }: HistoryStep,
  nameOf: NameOf,
): readonly string[] {
  const at = (place: number) => points[place]!.sweep;
  const between = earliest === latest ? 'sure' : `${nameOf(at(earliest))} to ${nameOf(at(latest))}`;
  return [
    ...[`${dayOf(at(first))} ${nameOf(at(first))}`, between, ratioText(ratio, interval)],
    ...[mebibytesOrDash(before), mebibytesOrDash(after)],
  ];
}

function ratioText(ratio: number, { low, high }: Interval): string {
  return `${ratioNumber(ratio)} (${ratioNumber(low)}-${ratioNumber(high)})`;
}

function groupTable(series: readonly HistorySeries[], by: HistoryOrder): readonly string[] {
  if (by === 'time') return [];
  const names = seriesNames(series);
  const rows = series.flatMap((one, at) =>
    groupLevels(one).map(({ group, sweeps, median }, number) => [
      ...[number === 0 ? names[at]! : '', group, String(sweeps), mebibytesOrDash(median)],
    ]),
  );
  const header = ['cell', by, 'sweeps', 'MiB/s'];
  return ['', ...alignColumns(header, rows, ['left', 'left', 'right', 'right'])];
}

/**
 * Lists each sweep with which steps begin, once, with what changed there and the cells that it
 * concerns.
 */
function stepLines(series: readonly HistorySeries[], nameOf: NameOf): readonly string[] {
  const names = seriesNames(series);
  const byWords = new Map<string, string[]>();
  series.forEach((one, at) => {
    for (const step of one.found?.steps ?? []) {
      const words = sinceWhen(one, step, nameOf);
      const said = `${names[at]} ${step.ratio < 1 ? 'slower' : 'faster'}, ${ratioNumber(step.ratio)}`;
      byWords.set(words, [...(byWords.get(words) ?? []), said]);
    }
  });
  if (byWords.size === 0) return [];
  return ['', ...[...byWords].map(([words, cells]) => `since ${words}: ${shortList(cells, '; ')}`)];
}

function doubtLines(series: readonly HistorySeries[]): readonly string[] {
  const names = seriesNames(series);
  const correlated = names.filter((_, at) => series[at]!.found?.isAutocorrelated);
  const doubted = series.flatMap(({ points }, at) => {
    const codes = new Map<string, number>();
    for (const code of points.flatMap(({ doubts }) => doubts)) {
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    const words = [...codes].map(([code, count]) => `${code} ${count}`);
    return words.length === 0 ? [] : [`${names[at]}, of ${points.length}: ${words.join(', ')}`];
  });
  return [
    ...(correlated.length === 0
      ? []
      : [
          '',
          `a sweep resembles the one before it (autocorrelated): ${shortList(correlated)}; a step of these may be a slow drift`,
        ]),
    ...(doubted.length === 0 ? [] : ['', 'sweeps whose runs raise doubts:', ...doubted]),
  ];
}

function shortList(words: readonly string[], between = ', '): string {
  const more = words.length - MOST_NAMES;
  return `${words.slice(0, MOST_NAMES).join(between)}${more > 0 ? `${between}and ${more} more` : ''}`;
}
