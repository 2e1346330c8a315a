import { type ComparedCell, sideLetter } from '../analyse/comparison.ts';
import type { FeatureChange } from '../analyse/features.ts';
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
  otherName,
  pairName,
  placeName,
  pWords,
  ratioWords,
  rowName,
  tally,
  verdictWords,
} from '../report/comparison-words.ts';
import { percentText } from '../rounding.ts';
import type { CellRow } from '../store/reader.ts';
import { mebibytesOrDash } from './mebibytes-or-dash.ts';
import { type Alignment, alignColumns } from './print-table.ts';

/** The most changes that are shown for each cell; the CSV files have all of them. */
const MOST_CHANGES = 6;

/** A comparison for the terminal: the table of cells, then all other changes. */
export function comparisonLines(report: ComparisonReport): readonly string[] {
  const { compared } = report;
  const { cells, unmatched } = compared;
  const several = report.sides.length > 2;
  return [
    ...(several ? sideRows(report) : pairRows(report)),
    ...(several
      ? [
          '',
          ...unmatched.map((_, side) => `${letterOf({ side })}: ${tally(ofSide(compared, side))}`),
        ]
      : []),
    ...methodSentences(cells).flatMap((sentence) => ['', sentence]),
    ...cells.flatMap((cell) => [
      ...changeLines(cell, 'calls of a run', cell.syscalls, String, report),
      ...changeLines(cell, 'pipe states', cell.pipeStates, percentText, report),
    ]),
    ...unmatched.flatMap(({ onlyA, onlyB }, side) => {
      const letter = letterOf({ side });
      return [
        ...namesOf(several ? `in A and not in ${letter}` : 'only in A', onlyA),
        ...namesOf(several ? `in ${letter} and not in A` : 'only in B', onlyB),
      ];
    }),
  ];
}

/** A row of the table, and the doubts about its runs. */
interface Row {
  readonly words: readonly string[];
  readonly doubts: string;
}

/** Two sides: a row for each pair of cells, with both medians. */
function pairRows({ compared: { cells }, margin }: ComparisonReport): readonly string[] {
  return table(
    ['cell', 'A MiB/s', 'B MiB/s', 'B/A (95% interval)'],
    ['left', 'right', 'right', 'left'],
    cells.map((cell) => ({
      words: [
        ...[pairName(cell), mebibytesOrDash(cell.medianA), mebibytesOrDash(cell.medianB)],
        ...figures(cell, margin),
      ],
      doubts: doubtWords(cell),
    })),
  );
}

/** More sides: for each cell of the base a row, and below it one for each other side. */
function sideRows(report: ComparisonReport): readonly string[] {
  const { cells } = report.compared;
  return table(
    ['cell', 'side', 'MiB/s', 'ratio to A (95%)'],
    ['left', 'left', 'right', 'left'],
    cells.flatMap((cell, at): readonly Row[] => {
      const { a, medianA, medianB, doubtsA, doubtsB } = cell;
      const own = otherName(cell, report);
      const row = {
        words: [
          ...[own && `  ${own}`, letterOf(cell), mebibytesOrDash(medianB)],
          ...figures(cell, report.margin),
        ],
        doubts: doubtsB.join(', '),
      };
      if (cells[at - 1]?.a === a) return [row];
      const words = [
        rowName(cell, report),
        sideLetter(0),
        mebibytesOrDash(medianA),
        '',
        '',
        '',
        '',
      ];
      return [{ words, doubts: doubtsA.join(', ') }, row];
    }),
  );
}

function table(
  header: readonly string[],
  align: readonly Alignment[],
  rows: readonly Row[],
): readonly string[] {
  const doubted = rows.some(({ doubts }) => doubts !== '');
  return alignColumns(
    [...header, 'p', 'could find', 'verdict', ...(doubted ? ['doubts'] : [])],
    rows.map(({ words, doubts }) => (doubted ? [...words, doubts] : words)),
    [...align, 'right', 'right', 'left', 'left'],
  );
}

function figures({ verdict }: ComparedCell, margin: string | undefined): readonly string[] {
  return [
    ratioWords(verdict) ?? '-',
    pWords(verdict) ?? '-',
    detectableWords(verdict) ?? '-',
    verdictWords(verdict, margin),
  ];
}

/** The result of `--fail-if-slower`, with a line for each cell that does not pass. */
export function gateLines(report: ComparisonReport): readonly string[] {
  const { compared, limit } = report;
  if (limit === undefined) return [];
  const told = compared.cells.flatMap((cell) => {
    const words = cell.gate && gateWords(cell.gate, cell.verdict);
    return words === undefined ? [] : [`  ${placeOf(cell, report)}: ${words}`];
  });
  return ['', `not slower by ${limit.written}: ${gateTally(compared)}`, ...told];
}

function placeOf(cell: ComparedCell, report: ComparisonReport): string {
  const name = placeName(cell, report);
  return report.sides.length > 2 ? `${letterOf(cell)}, ${name}` : name;
}

/** Lines about the changes for which there is evidence. */
function changeLines(
  cell: ComparedCell,
  what: string,
  changes: readonly FeatureChange[],
  shown: (value: number) => string,
  report: ComparisonReport,
): readonly string[] {
  const sure = changes.filter(({ evidence }) => evidence);
  if (sure.length === 0) return [];
  const words = sure.slice(0, MOST_CHANGES).map(({ name, a, b, change }) => {
    const values = `${shown(a)} -> ${shown(b)}`;
    return change === 'new' || change === 'vanished'
      ? `${name} ${values} (${change})`
      : `${name} ${values}`;
  });
  const more = sure.length - words.length;
  return [
    '',
    `${placeOf(cell, report)}, ${what}: ${words.join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
  ];
}

function namesOf(where: string, cells: readonly CellRow[]): readonly string[] {
  if (cells.length === 0) return [];
  const names = cells.slice(0, MOST_CHANGES).map(nameOf);
  const more = cells.length - names.length;
  return ['', `${where}: ${names.join('; ')}${more > 0 ? `; and ${more} more` : ''}`];
}
