import { sideLetter } from '../../analyse/comparison.ts';
import { environmentDifferences } from '../../analyse/environment-differences.ts';
import type { FeatureChange } from '../../analyse/features.ts';
import { mebibytes } from '../../rounding.ts';
import type { ComparisonReport, ReportedSide } from '../comparison-report.ts';
import {
  detectableWords,
  doubtWords,
  gateTally,
  gateWords,
  letterOf,
  methodSentences,
  nameOf,
  ofSide,
  placeName,
  pWords,
  ratioWords,
  tally,
  tallyOfAll,
  verdictWords,
} from '../comparison-words.ts';
import { comparisonFigure, whyNotDrawn } from '../figures/comparison.ts';
import { countText, percent } from '../quantities.ts';
import { renderSvg } from '../render/svg.ts';
import { MISSING } from '../value-text.ts';
import { charts, type DrawnFigure } from './charts.ts';
import { type Content, html, type Markup } from './markup.ts';
import { time } from './overview.ts';
import { comparedProfiles } from './profiles.ts';
import { factList, paragraph, type Section, section } from './section.ts';
import { type Drawn, drawTable } from './view.ts';
import { wholePage } from './whole-page.ts';

/**
 * The page of a comparison. The same databases, options and version always give the same text.
 * @param command what makes the page again
 */
export async function comparisonPage(
  report: ComparisonReport,
  command: string,
  version: string,
): Promise<string> {
  const why = whyNotDrawn(report);
  const figure = why === undefined ? comparisonFigure(report) : undefined;
  const drawn = figure ? [{ figure, svg: await renderSvg(figure, 'screen') }] : [];
  const { sides } = report;
  const names = sides.map(({ selector }) => selector);
  const [base, ...others] = names;
  return wholePage({
    title: `${others.join(', ')} against ${base}: comparison by ipc-sweep`,
    heading:
      sides.length === 2
        ? `${others[0]} against ${base}`
        : `${others.length} sides against ${base}`,
    lead: factList(
      sides.map((side, at) => [sideLetter(at), sideFacts(side)] as const),
      { single: true },
    ),
    sections: sectionsOf(report, { drawn, why, command, version }),
    drawn,
    footer: `Written by ipc-sweep ${version}. Sizes are binary: 1 KiB is 1024 bytes.`,
    version,
  });
}

function sideFacts({ selector, file, sweep, cells, machines }: ReportedSide): Markup {
  const where = [...new Set(machines.values())].join(', ');
  return html`<code>${selector}</code>: ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'} of sweep ${sweep.name}-${sweep.id} in <code>${file}</code>, ${where !== '' && `made on ${where}, `}started ${time(sweep.started_at)}`;
}

interface Made {
  readonly drawn: readonly DrawnFigure[];
  /** The reason why there is no figure. */
  readonly why: string | undefined;
  readonly command: string;
  readonly version: string;
}

function sectionsOf(report: ComparisonReport, made: Made): readonly [Section, ...Section[]] {
  const { warnings, repeated } = report;
  const others = [
    section(
      'warnings',
      'Warnings',
      warnings.length === 0
        ? undefined
        : html`<ul class="findings">
${warnings.map(
  ({ code, message }) => html`<li><strong>${code}:</strong> ${message}</li>
`,
)}</ul>
`,
      ...repeated.map(paragraph),
    ),
    section(
      'chart',
      'Chart',
      made.why === undefined ? html`${charts(made.drawn)}` : paragraph(`Not drawn: ${made.why}.`),
    ),
    section('cells', 'Cells', cellTable(report)),
    section('gate', 'Cells that do not pass', gateTable(report)),
    section(
      'changes',
      'What else has changed',
      changeTable(report, 'syscalls'),
      changeTable(report, 'pipeStates'),
    ),
    section('profiles', 'Where the time goes', ...comparedProfiles(report)),
    section('unmatched', 'Cells without a counterpart', ...unmatched(report)),
    section('environments', 'Environments', differenceTable(report), factTable(report)),
    section('method', 'How it was computed', method(report)),
    section(
      'again',
      'How to make this page again',
      html`<div class="box" role="region" tabindex="0" aria-label="The command that makes this page again"><pre><code>${made.command}</code></pre></div>
`,
    ),
  ].filter((one) => one !== undefined);
  return [{ id: 'findings', title: 'Findings', body: findingList(report) }, ...others];
}

function findingList(report: ComparisonReport): Markup {
  const { sides, compared, limit } = report;
  const items: readonly (readonly [string, string])[] = [
    ['All', tallyOfAll(report)],
    ...(sides.length > 2
      ? sides
          .slice(1)
          .map(
            ({ selector }, side) =>
              [`${letterOf({ side })}, ${selector}`, tally(ofSide(compared, side))] as const,
          )
      : []),
    ...(limit ? [[`Not slower by ${limit.written}`, gateTally(compared)] as const] : []),
  ];
  return html`<ul class="findings">
${items.map(
  ([subject, text]) => html`<li><strong>${subject}:</strong> ${text || 'no cell is compared'}</li>
`,
)}</ul>
`;
}

/** A text, sorted as one; a number is shown in its own words. */
const text = (content: string): Drawn => ({ content, value: content });
const prose = (content: string): Drawn => ({ content, value: content, prose: true });
const number = (value: number | undefined, show: (value: number) => string | undefined): Drawn =>
  value === undefined
    ? { content: MISSING, value: null }
    : { content: show(value) ?? MISSING, value };
const heading = (label: string, numeric = false) => ({ label, numeric });

function cellTable(report: ComparisonReport): Markup {
  const { margin, limit, sides } = report;
  const { cells } = report.compared;
  const doubted = cells.some((cell) => doubtWords(cell) !== '');
  return drawTable({
    caption: `Each pair of cells: median bandwidths, and the ratio to A with its 95% interval`,
    headings: [
      ...[heading('cell'), heading('side'), heading('A, MiB/s', true)],
      ...[heading(`${sides.length === 2 ? 'B' : 'side'}, MiB/s`, true), heading('ratio', true)],
      ...[heading('p', true), heading('could find', true), heading('verdict')],
      ...(limit ? [heading('gate')] : []),
      ...(doubted ? [heading('doubts')] : []),
    ],
    rows: cells.map((cell) => {
      const { verdict } = cell;
      const known = verdict.verdict === 'too few' ? undefined : verdict;
      return [
        ...[text(placeName(cell, report)), text(letterOf(cell))],
        ...[number(cell.medianA, mebibytes), number(cell.medianB, mebibytes)],
        number(known?.ratio, () => ratioWords(verdict)),
        number(known?.correctedP, () => pWords(verdict)),
        number(known?.detectable, () => detectableWords(verdict)),
        text(verdictWords(verdict, margin)),
        ...(limit ? [text(cell.gate?.state ?? MISSING)] : []),
        ...(doubted ? [prose(doubtWords(cell) || MISSING)] : []),
      ];
    }),
  });
}

function gateTable(report: ComparisonReport): Markup | undefined {
  const told = report.compared.cells.flatMap((cell) => {
    const words = cell.gate && gateWords(cell.gate, cell.verdict);
    return words === undefined
      ? []
      : [[text(placeName(cell, report)), text(letterOf(cell)), prose(words)]];
  });
  if (told.length === 0) return undefined;
  return drawTable({
    caption: `Cells that have not shown that they are not slower by ${report.limit?.written}`,
    headings: [heading('cell'), heading('side'), heading('why')],
    rows: told,
  });
}

/** Changes of counts for which there is evidence. */
function changeTable(
  report: ComparisonReport,
  kind: 'syscalls' | 'pipeStates',
): Markup | undefined {
  const show = kind === 'syscalls' ? countText : percent;
  const rows = report.compared.cells.flatMap((cell) =>
    cell[kind]
      .filter(({ evidence }) => evidence)
      .map(({ name, a, b, change }: FeatureChange) => [
        ...[text(placeName(cell, report)), text(letterOf(cell)), text(name)],
        ...[number(a, show), number(b, show), text(change)],
      ]),
  );
  if (rows.length === 0) return undefined;
  return drawTable({
    caption:
      kind === 'syscalls'
        ? 'System calls of a run whose number differs'
        : 'Pipe states whose share of the calls differs',
    headings: [
      ...[heading('cell'), heading('side'), heading(kind === 'syscalls' ? 'call' : 'state')],
      ...[heading('A', true), heading('side', true), heading('change')],
    ],
    rows,
  });
}

function unmatched({ compared }: ComparisonReport): readonly Markup[] {
  return compared.unmatched.flatMap(({ onlyA, onlyB }, side) => {
    const letter = letterOf({ side });
    return [
      ...(onlyA.length > 0
        ? [paragraph(`In A and not in ${letter}: ${onlyA.map(nameOf).join('; ')}.`)]
        : []),
      ...(onlyB.length > 0
        ? [paragraph(`In ${letter} and not in A: ${onlyB.map(nameOf).join('; ')}.`)]
        : []),
    ];
  });
}

/** The facts that affect figures and differ from those of A. */
function differenceTable({ sides: [base, ...others] }: ComparisonReport): Markup {
  const found = others.map((side) => environmentDifferences(base.facts, side.facts));
  const keys = [...new Set(found.flatMap((own) => own.map(({ key }) => key)))];
  if (keys.length === 0) {
    return paragraph('Nothing that is known to affect figures differs between the sides.');
  }
  const codeOf = (key: string) => found.flat().find((it) => it.key === key)?.code ?? '';
  return factRows(
    'What affects figures and differs between the sides',
    keys,
    [base, ...others],
    (key) => html`<code>${key}</code> (${codeOf(key)})`,
  );
}

function factTable({ sides }: ComparisonReport): Markup | undefined {
  const keys = [...new Set(sides.flatMap(({ facts }) => [...facts.keys()]))].sort();
  if (keys.length === 0) return undefined;
  return html`<details><summary>All facts that the machines of a side share (${keys.length})</summary>
${factRows('Facts about the machines of each side', keys, sides, (key) => html`<code>${key}</code>`)}</details>
`;
}

function factRows(
  caption: string,
  keys: readonly string[],
  sides: readonly ReportedSide[],
  label: (key: string) => Content,
): Markup {
  return drawTable({
    caption,
    headings: [heading('fact'), ...sides.map((_, at) => heading(sideLetter(at)))],
    rows: keys.map((key) => [
      { content: label(key), value: key },
      ...sides.map(({ facts }) => prose(facts.get(key) ?? MISSING)),
    ]),
  });
}

function method({ compared: { cells } }: ComparisonReport): Markup {
  return html`<p>Each ratio is the bandwidth of a side over that of A, estimated from all pairs of runs (Hodges and
Lehmann 1963). p and interval come from one rank test: the interval holds 1 exactly when the p of that pair by itself
is at least 5 %. The p that is shown is corrected for all pairs of all sides together (Benjamini and Hochberg 1995);
verdicts follow it. <em>Could find</em> is the slowdown that 4 of 5 such comparisons would have found.</p>
<p>Only good runs count. Pairs of cells with fewer than five on a side have no ratio, and are left out of the correction.
Figures of different machines are compared, never pooled.</p>
${methodSentences(cells).map(paragraph)}`;
}
