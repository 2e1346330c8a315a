import type { ComparedCell, ComparedSides } from '../analyse/comparison.ts';
import type { FeatureChange } from '../analyse/features.ts';
import type { CellRow } from '../store/reader.ts';
import { counted, ofCell } from './columns.ts';
import { type ColumnOf, column, type Table, type TableDefinition, tableOf } from './table.ts';

/** The cell of A, and in what that of B differs from it. */
const OF_PAIR: readonly ColumnOf<{ a: CellRow; b: CellRow }>[] = (['a', 'b'] as const).flatMap(
  (side) =>
    ofCell<{ a: CellRow; b: CellRow }>(
      (r) => r[side],
      ({ name, description }) => ({
        name: `${side}_${name}`,
        description: `of ${side.toUpperCase()}: ${description}`,
      }),
    ),
);
const PAIR = ['a_cell', 'b_cell'];

/** What only cells with runs enough on both sides have. */
function known<Key extends keyof Known>(key: Key): (row: ComparedCell) => Known[Key] | null {
  return ({ verdict }) => (verdict.verdict === 'too few' ? null : verdict[key]);
}
type Known = Exclude<ComparedCell['verdict'], { verdict: 'too few' }>;

const EMPTY_FOR_FEW = 'empty for fewer than 5 runs of a side';

export const COMPARISON: TableDefinition<ComparedCell> = {
  name: 'comparison',
  description: 'A row for each pair of cells.',
  primaryKey: PAIR,
  columns: [
    ...OF_PAIR,
    column('a_n', 'integer', (r) => r.verdict.nA, 'runs of A', counted('runs')),
    column('b_n', 'integer', (r) => r.verdict.nB, 'runs of B', counted('runs')),
    column(
      'a_bandwidth_median_bytes_per_s',
      'number',
      (r) => r.medianA ?? null,
      'median of A; empty without a run',
      { unit: 'bytes/s', minimum: 0 },
    ),
    column(
      'b_bandwidth_median_bytes_per_s',
      'number',
      (r) => r.medianB ?? null,
      'median of B; empty without a run',
      { unit: 'bytes/s', minimum: 0 },
    ),
    column(
      'ratio',
      'number',
      known('ratio'),
      `median of B over that of A: above 1, B is faster; ${EMPTY_FOR_FEW}, as are the next five`,
      { unit: 'ratio', minimum: 0 },
    ),
    column('ratio_ci_low', 'number', known('low'), 'lower end of its 95% interval', {
      unit: 'ratio',
      minimum: 0,
    }),
    column('ratio_ci_high', 'number', known('high'), 'upper end of its 95% interval', {
      unit: 'ratio',
      minimum: 0,
    }),
    column(
      'cliffs_delta',
      'number',
      known('cliffsDelta'),
      'from -1 to 1; above 0 when values of B tend to be higher',
    ),
    column('p', 'number', known('p'), 'of the Mann-Whitney test, two-sided, not corrected', {
      minimum: 0,
    }),
    column(
      'p_corrected',
      'number',
      known('correctedP'),
      'corrected for the number of cells (Benjamini and Hochberg)',
      { minimum: 0 },
    ),
    column('verdict', 'string', (r) => r.verdict.verdict, 'what is said of B', {
      values: ['faster', 'slower', 'no evidence', 'too few'],
      required: true,
    }),
  ],
};

interface ChangeOfPair {
  readonly a: CellRow;
  readonly b: CellRow;
  readonly change: FeatureChange;
}

function featureTable(
  name: string,
  description: string,
  nameDescription: string,
  unit: 'calls' | 'share',
): TableDefinition<ChangeOfPair> {
  const median = { unit: unit === 'calls' ? 'calls a run' : unit, minimum: 0, required: true };
  return {
    name,
    description,
    primaryKey: [...PAIR, 'name'],
    references: { a_cell: 'comparison', b_cell: 'comparison' },
    columns: [
      ...OF_PAIR,
      column('name', 'string', (r) => r.change.name, nameDescription, { required: true }),
      column(`a_median_${unit}`, 'number', (r) => r.change.a, 'median over the runs of A', median),
      column(`b_median_${unit}`, 'number', (r) => r.change.b, 'median over the runs of B', median),
      column('change', 'string', (r) => r.change.change, 'what B has that A has not', {
        values: ['new', 'vanished', 'more', 'less'],
        required: true,
      }),
      column(
        'evidence',
        'boolean',
        (r) => r.change.evidence,
        '`true`: certain, or unlikely to be luck; `false`: seen, and it may be luck',
        { required: true },
      ),
    ],
  };
}

export const COMPARED_SYSCALLS = featureTable(
  'comparison_syscalls',
  'A row for each system call of a role whose number differs between a pair of cells.',
  'role and system call',
  'calls',
);
export const COMPARED_PIPE_STATES = featureTable(
  'comparison_pipe_states',
  'A row for each pipe state whose share of the calls differs between a pair of cells.',
  'operation and state',
  'share',
);

/** A comparison as tables: one row a pair of cells, and one for each feature that differs. */
export function comparisonTables({ cells }: ComparedSides): readonly Table[] {
  const changes = (kind: 'syscalls' | 'pipeStates') => () =>
    cells.flatMap((cell) => cell[kind].map((change) => ({ a: cell.a, b: cell.b, change })));
  return [
    tableOf(COMPARISON, () => cells, undefined),
    tableOf(COMPARED_SYSCALLS, changes('syscalls'), undefined),
    tableOf(COMPARED_PIPE_STATES, changes('pipeStates'), undefined),
  ];
}
