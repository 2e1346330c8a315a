import {
  groupLevels,
  type HistorySeries,
  type HistoryStep,
  type HistorySweep,
} from '../../analyse/history.ts';
import type { Interval } from '../../analyse/interval.ts';
import { LEAST_FOR_STEPS } from '../../analyse/steps.ts';
import { mebibytes, ratioNumber } from '../../rounding.ts';
import { charts, type DrawnFigure } from '../html/charts.ts';
import { type Content, html, type Markup } from '../html/markup.ts';
import { factList, paragraph, type Section } from '../html/section.ts';
import { type Drawn, drawTable } from '../html/view.ts';
import { wholePage } from '../html/whole-page.ts';
import { percent } from '../quantities.ts';
import { renderSvg } from '../render/svg.ts';
import { MISSING, range } from '../value-text.ts';
import { historyFigure } from './figure.ts';
import { dayOf, seriesNames, sinceWhen, sweepNamer } from './words.ts';

/** The contents of a page about the history of an experiment. */
export interface HistoryReport {
  readonly name: string;
  /** Oldest first. */
  readonly sweeps: readonly HistorySweep[];
  readonly leftOut: readonly { readonly sweep: HistorySweep; readonly why: string }[];
  readonly warnings: readonly { readonly message: string }[];
  readonly series: readonly HistorySeries[];
  /** `time`, or what the sweeps are ordered by. */
  readonly by: string;
}

/** Draws a chart for each cell and puts them into a page. @returns the text of an HTML file */
export async function historyPage(shown: HistoryReport, version: string): Promise<string> {
  const { name, sweeps, series, by } = shown;
  const names = seriesNames(series);
  const drawn: DrawnFigure[] = [];
  for (const [at, one] of series.entries()) {
    const figure = historyFigure([one], {
      ...{ name: `history-${at + 1}`, title: names[at]!, isOverTime: by === 'time' },
    });
    drawn.push({ figure, svg: await renderSvg(figure, 'screen') });
  }
  const [first, last] = [sweeps[0], sweeps.at(-1)];
  const machines = [...new Set(series.map(({ machine }) => machine))];
  return wholePage({
    title: `${name}: history of an ipc-sweep`,
    heading: `${name}: history`,
    lead: factList([
      ['Sweeps', first && last && `${sweeps.length}, ${range(dayOf(first), dayOf(last))}`],
      ['Cells', String(series.length)],
      [machines.length === 1 ? 'Machine' : 'Machines', machines.join(', ')],
      ['Order', by === 'time' ? 'by time' : `by ${by}`],
    ]),
    sections: sectionsOf(shown, names, drawn),
    drawn,
    footer: `Written by ipc-sweep ${version} from ${sweeps.length} sweeps of ${name}. Times are UTC. Sizes are binary: 1 KiB is 1024 bytes.`,
    version,
  });
}

function sectionsOf(
  { sweeps, leftOut, warnings, series, by }: HistoryReport,
  names: readonly string[],
  drawn: readonly DrawnFigure[],
): readonly [Section, ...Section[]] {
  const nameOf = sweepNamer([...sweeps, ...leftOut.map(({ sweep }) => sweep)]);
  return [
    {
      id: 'steps',
      title: 'Steps',
      body: [
        paragraph(
          'A step is a lasting change of the level of the medians. The intervals of its beginning and of its ratio have a confidence of 95 %. If nights are independent and normally distributed, fewer than 5 % of the years of nightly sweeps show a step where there is none, for all cells together; if some nights are far off, or a sweep resembles the one before it, more do.',
        ),
        list(warnings.map(({ message }) => `Warning: ${message}.`)),
        stepTable(series, names, nameOf) ?? paragraph('None was found.'),
        list(sinceLines(series, names, nameOf)),
      ],
    },
    { id: 'cells', title: 'Cells', body: cellTable(series, names) },
    ...(by === 'time'
      ? []
      : [{ id: 'groups', title: `By ${by}`, body: groupTable(series, names, by) }]),
    { id: 'charts', title: 'Charts', body: charts(drawn) },
    { id: 'changes', title: 'What changed', body: changeTable(series, nameOf) },
    {
      id: 'sweeps',
      title: 'Sweeps',
      body: [
        leftOut.length > 0 &&
          list(leftOut.map(({ sweep, why }) => `${nameOf(sweep)} is left out: ${why}.`)),
        paragraph(sweeps.map(nameOf).join(', ')),
      ],
    },
  ];
}

type NameOf = ReturnType<typeof sweepNamer>;

/** For each series its rows in a table. */
function rowsOf(
  series: readonly HistorySeries[],
  names: readonly string[],
  more: (one: HistorySeries) => readonly (readonly Drawn[])[],
): readonly (readonly Drawn[])[] {
  return series.flatMap((one, at) => more(one).map((row) => [text(names[at]!), ...row]));
}

function stepTable(
  series: readonly HistorySeries[],
  names: readonly string[],
  nameOf: NameOf,
): Markup | undefined {
  const rows = rowsOf(series, names, (one) =>
    (one.found?.steps ?? []).map((step) => stepCells(one, step, nameOf)),
  );
  return tableOf(
    'Steps of all cells',
    [
      ...['cell', 'since', 'first sweep', 'between', 'ratio', '95% interval'],
      ...['before, MiB/s', 'after, MiB/s', 'doubts'],
    ],
    rows,
  );
}

function stepCells(
  { points }: HistorySeries,
  { first, earliest, latest, ratio, interval, before, after, doubts }: HistoryStep,
  nameOf: NameOf,
): readonly Drawn[] {
  const at = (place: number) => points[place]!.sweep;
  return [
    ...[text(dayOf(at(first))), text(nameOf(at(first)))],
    text(range(nameOf(at(earliest)), nameOf(at(latest)))),
    ...[number(ratio, ratioNumber(ratio)), text(ratios(interval))],
    ...[number(before, mebibytes(before)), number(after, mebibytes(after))],
    text(doubts.join(', ') || MISSING),
  ];
}

function ratios({ low, high }: Interval): string {
  return range(ratioNumber(low), ratioNumber(high));
}

function sinceLines(
  series: readonly HistorySeries[],
  names: readonly string[],
  nameOf: NameOf,
): readonly string[] {
  return series.flatMap((one, at) =>
    (one.found?.steps ?? []).map(
      (step) =>
        `${names[at]} is ${step.ratio < 1 ? 'slower' : 'faster'} since ${sinceWhen(one, step, nameOf)}.`,
    ),
  );
}

function cellTable(series: readonly HistorySeries[], names: readonly string[]): Content {
  const rows = rowsOf(series, names, ({ points, found, measured }) => {
    const doubted = points.filter(({ doubts }) => doubts.length > 0).length;
    const now = found?.levels.at(-1)?.level ?? points.at(-1)!.median;
    return [
      [
        ...[text(measured), number(points.length), number(now, mebibytes(now))],
        ...(found
          ? [
              number(found.deviation, percent(found.deviation)),
              number(found.detectable, percent(found.detectable)),
              number(found.steps.length),
              text(found.isAutocorrelated ? 'yes' : 'no'),
            ]
          : [
              ...[text(MISSING), text(MISSING)],
              ...[text(`too few sweeps (${LEAST_FOR_STEPS} are needed)`), text(MISSING)],
            ]),
        number(doubted),
      ],
    ];
  });
  return [
    paragraph(
      'Noise is how far sweeps lie from their level, as a standard deviation. "Finds" is the slowdown that two sweeps would show in 4 of 5 cases. Where a sweep resembles the one before it, a step may be a slow drift.',
    ),
    tableOf(
      'Cells',
      [
        ...['cell', 'measured', 'sweeps', 'now, MiB/s', 'noise', 'finds', 'steps'],
        ...['sweeps resemble each other', 'sweeps with doubts'],
      ],
      rows,
    ),
  ];
}

function groupTable(
  series: readonly HistorySeries[],
  names: readonly string[],
  by: string,
): Content {
  const rows = rowsOf(series, names, (one) =>
    groupLevels(one).map(({ group, sweeps, median }) => [
      ...[text(group), number(sweeps), number(median, mebibytes(median))],
    ]),
  );
  return tableOf(`Medians by ${by}`, ['cell', by, 'sweeps', 'median, MiB/s'], rows);
}

/** Every change once for each machine, whose cells have it in common. */
function changeTable(series: readonly HistorySeries[], nameOf: NameOf): Content {
  const rows = new Map<string, readonly string[]>();
  for (const { points, changes, machine } of series) {
    for (const { at, what, before, after } of changes) {
      const { sweep } = points[at]!;
      const row = [machine, dayOf(sweep), nameOf(sweep), what, before, after];
      rows.set(row.join('\n'), row);
    }
  }
  const drawn = [...rows.values()].map((row) => row.map(text));
  const headings = ['machine', 'since', 'first sweep', 'what', 'before', 'after'];
  return (
    tableOf('What changed from one sweep to the next', headings, drawn) ??
    paragraph('Nothing that is recorded has changed from one sweep to the next.')
  );
}

function tableOf(
  caption: string,
  labels: readonly string[],
  rows: readonly (readonly Drawn[])[],
): Markup | undefined {
  if (rows.length === 0) return undefined;
  const headings = labels.map((label, at) => ({
    label,
    numeric: rows.some((row) => typeof row[at]?.value === 'number'),
  }));
  return drawTable({ caption, headings, rows });
}

function text(value: string): Drawn {
  return { content: value, value };
}

function number(value: number, shown = String(value)): Drawn {
  return { content: shown, value };
}

function list(lines: readonly string[]): Content {
  return (
    lines.length > 0 &&
    html`<ul>
${lines.map(
  (line) => html`<li>${line}</li>
`,
)}</ul>
`
  );
}
