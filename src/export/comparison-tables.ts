import type { ComparedCell, ComparedSides } from '../analyse/comparison.ts';
import type { CellRow } from '../store/reader.ts';
import { CELL_COLUMNS, cellValues, type Table, table, type Value } from './table.ts';

/** A comparison as tables: one row a pair of cells, and one for each feature that differs. */
export function comparisonTables({ cells }: ComparedSides): readonly Table[] {
  return [
    table(
      'comparison',
      [
        ...PAIR_COLUMNS,
        'a_n',
        'b_n',
        'a_bandwidth_median_bytes_per_s',
        'b_bandwidth_median_bytes_per_s',
        'ratio',
        'ratio_ci_low',
        'ratio_ci_high',
        'cliffs_delta',
        'p',
        'p_corrected',
        'verdict',
      ],
      () => cells,
      bandwidthValues,
    ),
    featureTable('comparison_syscalls', 'calls', cells, (cell) => cell.syscalls),
    featureTable('comparison_pipe_states', 'share', cells, (cell) => cell.pipeStates),
  ];
}

/** The cell of A, and in what that of B differs from it. */
const PAIR_COLUMNS = [
  ...CELL_COLUMNS.map((name) => `a_${name}`),
  ...CELL_COLUMNS.map((name) => `b_${name}`),
];

function pairValues({ a, b }: { a: CellRow; b: CellRow }): Value[] {
  return [...cellValues(a), ...cellValues(b)];
}

function bandwidthValues(cell: ComparedCell): Value[] {
  const { verdict } = cell;
  const counts = [verdict.nA, verdict.nB, cell.medianA ?? null, cell.medianB ?? null];
  if (verdict.verdict === 'too few') {
    return [...pairValues(cell), ...counts, null, null, null, null, null, null, verdict.verdict];
  }
  const { ratio, low, high, cliffsDelta, p, correctedP } = verdict;
  return [
    ...pairValues(cell),
    ...counts,
    ratio,
    low,
    high,
    cliffsDelta,
    p,
    correctedP,
    verdict.verdict,
  ];
}

function featureTable(
  name: string,
  unit: 'calls' | 'share',
  cells: readonly ComparedCell[],
  changesOf: (cell: ComparedCell) => ComparedCell['syscalls'],
): Table {
  return table(
    name,
    [...PAIR_COLUMNS, 'name', `a_median_${unit}`, `b_median_${unit}`, 'change', 'evidence'],
    () => cells.flatMap((cell) => changesOf(cell).map((change) => ({ cell, change }))),
    ({ cell, change }) => [
      ...pairValues(cell),
      change.name,
      change.a,
      change.b,
      change.change,
      change.evidence,
    ],
  );
}
