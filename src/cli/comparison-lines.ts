import type { ComparedCell, ComparedSides } from '../analyse/comparison.ts';
import type { FeatureChange } from '../analyse/features.ts';
import { cellName } from '../experiment/cell-name.ts';
import { type CellRow, cellOf } from '../store/reader.ts';
import { mebibytes } from './mebibytes.ts';
import { alignColumns } from './print-table.ts';

/** Changes that are shown for each cell; the CSV files have them all. */
const MOST_CHANGES = 6;

/** A comparison for the terminal: a row a pair of cells, then what else has changed. */
export function comparisonLines(compared: ComparedSides): readonly string[] {
  const { cells, onlyA, onlyB } = compared;
  const header = ['cell', 'A MiB/s', 'B MiB/s', 'B/A (95% interval)', 'p', 'verdict'];
  const rows = cells.map((cell) => [nameOf(cell), ...figuresOf(cell)]);
  const align = ['left', 'right', 'right', 'left', 'right', 'left'] as const;
  return [
    ...alignColumns(header, rows, [...align]),
    ...cells.flatMap((cell) => [
      ...changeLines(cell, 'calls of a run', cell.syscalls, String),
      ...changeLines(cell, 'pipe states', cell.pipeStates, percent),
    ]),
    ...unmatched('A', onlyA),
    ...unmatched('B', onlyB),
  ];
}

function figuresOf({ medianA, medianB, verdict }: ComparedCell): string[] {
  const medians = [mebibytes(medianA), mebibytes(medianB)];
  if (verdict.verdict === 'too few') {
    return [...medians, '-', '-', `too few runs (${verdict.nA} and ${verdict.nB})`];
  }
  const { ratio, low, high, correctedP } = verdict;
  const interval = `${ratio.toFixed(3)} (${low.toFixed(3)}-${high.toFixed(3)})`;
  const p = correctedP < 0.0001 ? '<0.0001' : correctedP.toFixed(4);
  return [...medians, interval, p, verdict.verdict];
}

/** Changes for which there is evidence. */
function changeLines(
  cell: ComparedCell,
  what: string,
  changes: readonly FeatureChange[],
  shown: (value: number) => string,
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
    `${nameOf(cell)}, ${what}: ${words.join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
  ];
}

function unmatched(side: string, cells: readonly CellRow[]): readonly string[] {
  if (cells.length === 0) return [];
  const names = cells.slice(0, MOST_CHANGES).map((cell) => cellName(cellOf(cell)));
  const more = cells.length - names.length;
  return ['', `only in ${side}: ${names.join('; ')}${more > 0 ? `; and ${more} more` : ''}`];
}

/** The cell of A, and that of B where it differs in an axis. */
function nameOf({ a, b }: { readonly a: CellRow; readonly b: CellRow }): string {
  const [left = '', right = ''] = [a, b].map((cell) => cellName(cellOf(cell)));
  return left === right ? left : `${left} / ${right}`;
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))}%`;
}
