import type { CellVerdict } from '../analyse/compare.ts';
import type { ComparedCell, ComparedSides } from '../analyse/comparison.ts';
import type { FeatureChange } from '../analyse/features.ts';
import type { Gate } from '../analyse/gate.ts';
import { cellName } from '../experiment/cell-name.ts';
import { type CellRow, cellOf } from '../store/reader.ts';
import { counted } from './counted.ts';
import { mebibytes } from './mebibytes.ts';
import { alignColumns } from './print-table.ts';

/** The most changes that are shown for each cell; the CSV files have all of them. */
const MOST_CHANGES = 6;

/**
 * A comparison for the terminal: a row for each pair of cells, then all other changes.
 * @param margin the difference up to which cells are equivalent, as it was written
 */
export function comparisonLines(
  compared: ComparedSides,
  margin: string | undefined,
): readonly string[] {
  const { cells, onlyA, onlyB } = compared;
  const doubted = cells.some(({ doubtsA, doubtsB }) => doubtsA.length + doubtsB.length > 0);
  const header = [
    ...['cell', 'A MiB/s', 'B MiB/s', 'B/A (95% interval)', 'p', 'could find', 'verdict'],
    ...(doubted ? ['doubts'] : []),
  ];
  const rows = cells.map((cell) => [
    ...[nameOf(cell), ...figuresOf(cell, margin)],
    ...(doubted ? [doubtsOf(cell)] : []),
  ]);
  const align = ['left', 'right', 'right', 'left', 'right', 'right', 'left', 'left'] as const;
  return [
    ...alignColumns(header, rows, [...align]),
    ...methodLines(cells),
    ...cells.flatMap((cell) => [
      ...changeLines(cell, 'calls of a run', cell.syscalls, String),
      ...changeLines(cell, 'pipe states', cell.pipeStates, percent),
    ]),
    ...unmatched('A', onlyA),
    ...unmatched('B', onlyB),
  ];
}

function figuresOf(
  { medianA, medianB, verdict }: ComparedCell,
  margin: string | undefined,
): string[] {
  const medians = [mebibytes(medianA), mebibytes(medianB)];
  if (verdict.verdict === 'too few') {
    return [...medians, '-', '-', '-', `too few runs (${verdict.nA} and ${verdict.nB})`];
  }
  const { ratio, low, high, correctedP, detectable } = verdict;
  const interval = `${ratio.toFixed(3)} (${low.toFixed(3)}-${high.toFixed(3)})`;
  const p = correctedP < 0.0001 ? '<0.0001' : correctedP.toFixed(4);
  const finds = detectable === undefined ? '-' : shortPercent(detectable);
  const said = verdict.verdict === 'equivalent' ? `equivalent within ${margin}` : verdict.verdict;
  return [...medians, interval, p, finds, said];
}

/** `A: drift; B: drift, steal` */
function doubtsOf({ doubtsA, doubtsB }: ComparedCell): string {
  return [['A', doubtsA] as const, ['B', doubtsB] as const]
    .flatMap(([side, codes]) => (codes.length === 0 ? [] : [`${side}: ${codes.join(', ')}`]))
    .join('; ');
}

function methodLines(cells: readonly ComparedCell[]): readonly string[] {
  const known = cells.flatMap(({ verdict }) => (verdict.verdict === 'too few' ? [] : [verdict]));
  const paired = known.filter(({ method }) => method === 'paired').length;
  const blind = known.filter(({ detectable }) => detectable === undefined).length;
  return [
    ...(paired === 0
      ? []
      : [
          '',
          `${paired === cells.length ? 'Ratios are' : `${paired} of ${cells.length} ratios are`} of runs in the same block (paired).`,
        ]),
    ...(blind === 0
      ? []
      : [
          '',
          `- under could find: with so few runs, a change of a single cell among ${known.length} could not be called, however large; make more trials.`,
        ]),
  ];
}

/**
 * The result of `--fail-if-slower`, with a line for each cell that does not pass.
 * @param limit the share, as it was written
 */
export function gateLines(
  { cells, onlyA }: ComparedSides,
  limit: string | undefined,
): readonly string[] {
  if (limit === undefined) return [];
  const count = (state: Gate['state']) => cells.filter(({ gate }) => gate?.state === state).length;
  const [passed, slower, undecided] = [count('passes'), count('slower'), count('undecided')];
  const missing = onlyA.length === 0 ? '' : `, ${onlyA.length} that B does not have`;
  const all = cells.length + onlyA.length;
  const result =
    passed === all
      ? `${counted(passed, 'cell')}, all pass`
      : `${counted(all, 'cell')}: ${passed} pass, ${slower} slower, ${undecided} undecided${missing}`;
  const told = cells.flatMap((cell) => {
    const words = cell.gate && gateWords(cell.gate, cell.verdict);
    return words === undefined ? [] : [`  ${nameOf(cell)}: ${words}`];
  });
  return ['', `not slower by ${limit}: ${result}`, ...told];
}

function gateWords(gate: Gate, verdict: CellVerdict): string | undefined {
  if (gate.state === 'passes') return undefined;
  const now = `${verdict.nA} and ${verdict.nB}`;
  if (verdict.verdict === 'too few')
    return `undecided, too few runs (${now}); make at least 5 a side`;
  const { low, high } = verdict.bounds;
  if (gate.state === 'slower') {
    return `slower, by ${shortPercent(1 - high)} to ${shortPercent(1 - low)}`;
  }
  const worst = `undecided, may be slower by up to ${shortPercent(1 - low)}`;
  switch (gate.because) {
    case 'sessions differ':
      return `${worst}; no number of trials would do, as sessions of this machine differ by too much: make both sides in one sweep`;
    case 'few repeats': {
      const { repeats } = gate;
      const enough =
        repeats === undefined ? '' : ` (about ${repeats} in all, if they agree as well)`;
      const trials =
        gate.trials === undefined ? '' : ` and about ${shortCount(gate.trials)} trials a side`;
      return `${worst}; no number of trials alone would do, as few repeats do not tell how far sessions differ: make more repeats${enough}${trials}, or both sides in one sweep`;
    }
    case 'near the limit':
      return `${worst}; with as many trials (${now}) an unchanged cell would pass in 9 of 10 cases`;
    default:
      return `${worst}; with about ${shortCount(gate.trials ?? 0)} trials a side an unchanged cell would pass in 9 of 10 cases (now ${now})`;
  }
}

/** Lines about the changes for which there is evidence. */
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

/** The cell of A, and the cell of B if it differs in an axis. */
function nameOf({ a, b }: { readonly a: CellRow; readonly b: CellRow }): string {
  // `... by base / new` is shorter than both names and says more.
  const program = [a, b].map((cell) => cell.program || '(unnamed)').join(' / ');
  const both = cellName({ ...cellOf(a), program });
  if (a.program !== b.program && both === cellName({ ...cellOf(b), program })) return both;
  const [left = '', right = ''] = [a, b].map((cell) => cellName(cellOf(cell)));
  return left === right ? left : `${left} / ${right}`;
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))}%`;
}

function shortPercent(share: number): string {
  return `${Number((100 * share).toPrecision(2))}%`;
}

function shortCount(count: number): number {
  return Number(count.toPrecision(2));
}
