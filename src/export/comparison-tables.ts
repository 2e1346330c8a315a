import { type ComparedCell, type ComparedSides, sideLetter } from '../analyse/comparison.ts';
import type { FeatureChange } from '../analyse/features.ts';
import type { CellRow } from '../store/reader.ts';
import { counted, ofCell, withMebibytes } from './columns.ts';
import { type ColumnOf, column, type Table, type TableDefinition, tableOf } from './table.ts';

/** The row's own place in a comparison. */
interface OfPair {
  /** The index of the side among those that are compared with the base. */
  readonly side: number;
  readonly a: CellRow;
  readonly b: CellRow;
}

/** The selectors of all sides, the base first. */
type Selectors = readonly string[];

/** The side, and the columns of both cells. */
const OF_PAIR: readonly ColumnOf<OfPair, Selectors>[] = [
  column(
    'side',
    'string',
    (r) => sideLetter(r.side + 1),
    'the side that the row compares with A: `B`, and with more than two sides also `C`, `D` and so on; below, B stands for it',
    { required: true },
  ),
  column('a_selector', 'string', (_, [base]) => base ?? null, 'the words that name A to `compare`'),
  column(
    'b_selector',
    'string',
    (r, selectors) => selectors[r.side + 1] ?? null,
    'the words that name B to `compare`',
  ),
  ...(['a', 'b'] as const).flatMap((side) =>
    ofCell<OfPair>(
      (r) => r[side],
      ({ name, description }) => ({
        name: `${side}_${name}`,
        description: `of ${side.toUpperCase()}: ${description}`,
      }),
    ),
  ),
];
const PAIR = ['side', 'a_cell', 'b_cell'];

/** A value that exists only for cells with enough runs on both sides. */
function known<Result>(of: (verdict: Known) => Result): (row: ComparedCell) => Result | null {
  return ({ verdict }) => (verdict.verdict === 'too few' ? null : of(verdict));
}
type Known = Exclude<ComparedCell['verdict'], { verdict: 'too few' }>;

const EMPTY_FOR_FEW = 'empty for fewer than 5 runs of a side';

const RATIO = { unit: 'ratio', minimum: 0 } as const;
const SHARE = { unit: 'share', minimum: 0 } as const;
const DOUBTS_OF = (side: 'A' | 'B') =>
  `codes of what harms the runs of ${side}, divided by commas (docs/tracing.md, docs/method.md); empty for nothing`;

function codesOf(codes: readonly string[]): string | null {
  return codes.length === 0 ? null : codes.join(',');
}

export const COMPARISON: TableDefinition<ComparedCell, Selectors> = {
  name: 'comparison',
  description:
    'A row for each pair of cells: one of A, the base, and its counterpart in another side.',
  primaryKey: PAIR,
  columns: [
    ...OF_PAIR,
    column('a_n', 'integer', (r) => r.verdict.nA, 'runs of A', counted('runs')),
    column('b_n', 'integer', (r) => r.verdict.nB, 'runs of B', counted('runs')),
    ...withMebibytes<ComparedCell>(
      column(
        'a_bandwidth_median_bytes_per_s',
        'number',
        (r) => r.medianA ?? null,
        'median of A; empty without a run',
        { unit: 'bytes/s', minimum: 0 },
      ),
    ),
    ...withMebibytes<ComparedCell>(
      column(
        'b_bandwidth_median_bytes_per_s',
        'number',
        (r) => r.medianB ?? null,
        'median of B; empty without a run',
        { unit: 'bytes/s', minimum: 0 },
      ),
    ),
    column(
      'ratio',
      'number',
      known((it) => it.ratio),
      `bandwidth of B over that of A (Hodges-Lehmann): above 1, B is faster; ${EMPTY_FOR_FEW}, as are the next twelve`,
      RATIO,
    ),
    column(
      'ratio_ci_low',
      'number',
      known((it) => it.low),
      'lower end of its interval',
      RATIO,
    ),
    column(
      'ratio_ci_high',
      'number',
      known((it) => it.high),
      'upper end of its interval',
      RATIO,
    ),
    column(
      'ratio_ci_level',
      'number',
      known((it) => it.level),
      'level of that interval: 0.95 or a little more, as ranks are whole numbers',
      SHARE,
    ),
    column(
      'ratio_lower_bound',
      'number',
      known((it) => it.bounds.low),
      'the ratio is not below this, at a level of 95 %: what `--fail-if-slower` and `--equivalent` ask',
      RATIO,
    ),
    column(
      'ratio_upper_bound',
      'number',
      known((it) => it.bounds.high),
      'the ratio is not above this, at a level of 95 %',
      RATIO,
    ),
    column(
      'cliffs_delta',
      'number',
      known((it) => it.cliffsDelta),
      'from -1 to 1; above 0 when values of B tend to be higher',
    ),
    column(
      'p',
      'number',
      known((it) => it.p),
      'of the test that the interval inverts, two-sided, not corrected',
      { minimum: 0 },
    ),
    column(
      'p_corrected',
      'number',
      known((it) => it.correctedP),
      'corrected for the number of all pairs of cells, of all sides together (Benjamini and Hochberg)',
      { minimum: 0 },
    ),
    column(
      'detectable_slowdown',
      'number',
      known((it) => it.detectable ?? null),
      'the slowdown of this cell alone that would be found in 4 of 5 such comparisons; empty where none would, with so few runs among so many cells',
      SHARE,
    ),
    column(
      'method',
      'string',
      known((it) => it.method),
      '`paired`: ratios of runs in the same block, signed-rank test; `unpaired`: all runs, Mann-Whitney test',
      { values: ['paired', 'unpaired'] },
    ),
    column(
      'pairs',
      'integer',
      known((it) => it.pairs ?? null),
      'blocks that hold a run of each side; empty when unpaired',
      { unit: 'blocks', minimum: 0 },
    ),
    column(
      'session_floor',
      'number',
      known((it) => it.floor),
      'standard deviation between sessions that interval and p allow for; 0 where none is known, or within one session',
      SHARE,
    ),
    column('verdict', 'string', (r) => r.verdict.verdict, 'what is said of B', {
      values: ['faster', 'slower', 'equivalent', 'inconclusive', 'too few'],
      required: true,
    }),
    column(
      'gate',
      'string',
      (r) => r.gate?.state ?? null,
      'what `--fail-if-slower` finds; empty without it. The reason why a cell is undecided is `gate.because` of `compare --json` (docs/compare.md)',
      { values: ['passes', 'slower', 'undecided'] },
    ),
    column(
      'interleaved',
      'boolean',
      (r) => r.interleaved,
      '`true`: the runs of both were made in the same blocks of one sweep; `false`: differences between sessions count as differences',
      { required: true },
    ),
    column('a_doubts', 'string', (r) => codesOf(r.doubtsA), DOUBTS_OF('A')),
    column('b_doubts', 'string', (r) => codesOf(r.doubtsB), DOUBTS_OF('B')),
  ],
};

interface ChangeOfPair extends OfPair {
  readonly change: FeatureChange;
}

function featureTable(
  name: string,
  description: string,
  nameDescription: string,
  unit: 'calls' | 'share',
): TableDefinition<ChangeOfPair, Selectors> {
  const median = { unit: unit === 'calls' ? 'calls a run' : unit, minimum: 0, required: true };
  return {
    name,
    description,
    primaryKey: [...PAIR, 'name'],
    references: { side: 'comparison', a_cell: 'comparison', b_cell: 'comparison' },
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

/** A comparison as tables: one row per pair of cells, and one per feature that differs. */
export function comparisonTables({ cells }: ComparedSides, selectors: Selectors): readonly Table[] {
  const changes = (kind: 'syscalls' | 'pipeStates') => () =>
    cells.flatMap((cell) => cell[kind].map((change) => ({ ...cell, change })));
  return [
    tableOf(COMPARISON, () => cells, selectors),
    tableOf(COMPARED_SYSCALLS, changes('syscalls'), selectors),
    tableOf(COMPARED_PIPE_STATES, changes('pipeStates'), selectors),
  ];
}
