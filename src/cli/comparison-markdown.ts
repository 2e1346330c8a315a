import { type ComparedCell, sideLetter } from '../analyse/comparison.ts';
import { escapedMarkdown, markdownCode } from '../export/escaped-markdown.ts';
import type { ComparisonReport } from '../report/comparison-report.ts';
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
  sideDescription,
  tally,
  tallyOfAll,
  verdictWords,
} from '../report/comparison-words.ts';
import { mebibytesOrDash } from './mebibytes-or-dash.ts';

/** With more rows than this, all but those that a reader has to look at are folded away. */
const MOST_OPEN = 30;
/** A comment on GitHub has room for 65,536 characters. */
const MOST_FOLDED = 200;
/** The most items of a list. */
const MOST_LISTED = 40;

/**
 * Writes a comparison in GitHub's Markdown: a line that sums it up, a table, and the rest folded
 * away. Whatever text the sides bring is escaped.
 * @param command the command that makes the comparison again
 */
export function comparisonMarkdown(report: ComparisonReport, command: string): readonly string[] {
  const { compared, sides, limit, warnings, repeated } = report;
  const several = sides.length > 2;
  const told = compared.cells.filter(
    ({ verdict: { verdict }, gate }) =>
      verdict === 'slower' || verdict === 'faster' || (gate && gate.state !== 'passes'),
  );
  const whole = compared.cells.length <= MOST_OPEN;
  const open = whole ? compared.cells : told.slice(0, MOST_OPEN);
  return [
    `**${tallyOfAll(report)}** (${
      several ? `${sides.length - 1} sides against A` : 'B against A'
    })`,
    ...(several
      ? [
          '',
          ...sides
            .slice(1)
            .map((_, side) => `- ${letterOf({ side })}: ${tally(ofSide(compared, side))}`),
        ]
      : []),
    ...(limit ? ['', `**Not slower by ${limit.written}:** ${gateTally(compared)}`] : []),
    ...(warnings.length > 0
      ? ['', `**${warnings.length} ${warnings.length === 1 ? 'warning' : 'warnings'}**, see below.`]
      : []),
    ...(open.length > 0 ? ['', ...table(open, report)] : []),
    ...(whole
      ? []
      : [
          '',
          `${open.length} of ${compared.cells.length} rows: those that differ${limit ? ' or do not pass' : ''}${told.length > open.length ? ', the first of them' : ''}.`,
          ...folded('All rows', [
            ...table(compared.cells.slice(0, MOST_FOLDED), report),
            ...(compared.cells.length > MOST_FOLDED
              ? [
                  '',
                  `And ${compared.cells.length - MOST_FOLDED} more: \`compare --out FOLDER\` writes all.`,
                ]
              : []),
          ]),
        ]),
    ...folded('Sides, warnings, and how it was computed', [
      ...sides.map((side, at) => `- ${sideLetter(at)}: ${escapedMarkdown(sideDescription(side))}`),
      ...list(
        'Warnings',
        warnings.map(({ message }) => message),
      ),
      ...list('Sessions', repeated),
      ...list(
        'Not passed',
        compared.cells.flatMap((cell) => {
          const words = cell.gate && gateWords(cell.gate, cell.verdict);
          return words === undefined
            ? []
            : [`${letterOf(cell)}, ${placeName(cell, report)}: ${words}`];
        }),
      ),
      ...compared.unmatched.flatMap(({ onlyA, onlyB }, side) => [
        ...list(`In A and not in ${letterOf({ side })}`, onlyA.map(nameOf)),
        ...list(`In ${letterOf({ side })} and not in A`, onlyB.map(nameOf)),
      ]),
      '',
      'Ratio: bandwidth of the side over that of A (Hodges-Lehmann) with its 95% interval. p: of a rank test, corrected for all rows together (Benjamini and Hochberg). Could find: the slowdown that this number of runs would find in 4 of 5 cases.',
      ...methodSentences(compared.cells).flatMap((sentence) => ['', escapedMarkdown(sentence)]),
      '',
      markdownCode(command),
    ]),
  ];
}

function table(cells: readonly ComparedCell[], report: ComparisonReport): readonly string[] {
  const several = report.sides.length > 2;
  const doubted = cells.some(({ doubtsA, doubtsB }) => doubtsA.length + doubtsB.length > 0);
  const gated = report.limit !== undefined;
  const header = [
    'cell',
    ...(several ? ['side'] : []),
    ...['A MiB/s', several ? 'MiB/s' : 'B MiB/s', several ? 'ratio to A' : 'B/A'],
    ...['p', 'could find', 'verdict', ...(gated ? ['gate'] : []), ...(doubted ? ['doubts'] : [])],
  ];
  const numbers = new Set(['A MiB/s', 'B MiB/s', 'MiB/s', 'p', 'could find']);
  const rows = cells.map((cell) => [
    escapedMarkdown(placeName(cell, report)),
    ...(several ? [letterOf(cell)] : []),
    ...[
      mebibytesOrDash(cell.medianA),
      mebibytesOrDash(cell.medianB),
      ratioWords(cell.verdict) ?? '-',
    ],
    ...[(pWords(cell.verdict) ?? '-').replace('<', '&lt;'), detectableWords(cell.verdict) ?? '-'],
    emphasised(verdictWords(cell.verdict, report.margin)),
    ...(gated ? [cell.gate?.state ?? ''] : []),
    ...(doubted ? [escapedMarkdown(doubtWords(cell))] : []),
  ]);
  const line = (words: readonly string[]) => `| ${words.join(' | ')} |`;
  return [
    line(header),
    line(header.map((name) => (numbers.has(name) ? '---:' : '---'))),
    ...rows.map(line),
  ];
}

/** A verdict that is a difference catches the eye. */
function emphasised(verdict: string): string {
  return verdict === 'slower' || verdict === 'faster' ? `**${verdict}**` : verdict;
}

function list(title: string, items: readonly string[]): readonly string[] {
  if (items.length === 0) return [];
  const more = items.length - MOST_LISTED;
  return [
    ...['', `${title}:`, ''],
    ...items.slice(0, MOST_LISTED).map((item) => `- ${escapedMarkdown(item)}`),
    ...(more > 0 ? [`- and ${more} more`] : []),
  ];
}

/** GitHub reads Markdown within the element only after an empty line. */
function folded(title: string, lines: readonly string[]): readonly string[] {
  return ['', `<details><summary>${title}</summary>`, '', ...lines, '', '</details>'];
}
