import type { CellWarning } from '../analyse/cell-warnings.ts';
import { ITERATIONS } from '../analyse/doubts.ts';
import { PRECISION_STATES } from '../analyse/precision.ts';
import type { CellSummary } from '../analyse/summary.ts';
import type { Selection } from '../store/cell-data.ts';
import type { Db } from '../store/open.ts';
import type { CellRow, SweepRow } from '../store/reader.ts';
import { counted, ofCell, withMebibytes } from './columns.ts';
import { curveTables } from './curve-tables.ts';
import { syscallsWide } from './syscalls-wide.ts';
import { type ColumnOf, column, type Table, type TableDefinition, tableOf } from './table.ts';

/** The value is unknown for a cell without runs. */
const BANDWIDTH = { unit: 'bytes/s', minimum: 0 } as const;
const RATIO = { unit: 'ratio', minimum: 0 } as const;
/** The level of a confidence interval. */
const LEVEL = { unit: 'share', minimum: 0 } as const;
const SHARE = { unit: 'share', minimum: 0 } as const;

const PROBE_EFFECT: readonly ColumnOf<CellSummary>[] = [
  column(
    'probe_effect',
    'number',
    (r) => r.probeEffect?.ratio?.ratio ?? null,
    'bandwidth of traced runs over that of their controls: the estimate from pairs of one trial (docs/method.md); empty without controls and for fewer than 5 pairs',
    RATIO,
  ),
  column(
    'probe_effect_ci_low',
    'number',
    (r) => r.probeEffect?.ratio?.low ?? null,
    'lower end of its interval',
    RATIO,
  ),
  column(
    'probe_effect_ci_high',
    'number',
    (r) => r.probeEffect?.ratio?.high ?? null,
    'upper end of its interval',
    RATIO,
  ),
  column(
    'probe_effect_ci_level',
    'number',
    (r) => r.probeEffect?.ratio?.level ?? null,
    'confidence level of that interval: the lowest from 0.95 on that ranks can give, 0.9375 for 5 pairs',
    LEVEL,
  ),
];

export const SUMMARY: TableDefinition<CellSummary> = {
  name: 'summary',
  description: 'A row for each cell.',
  primaryKey: ['cell'],
  columns: [
    ...ofCell<CellSummary>((r) => r.cell),
    column(
      'runs_completed',
      'integer',
      (r) => r.completed,
      'runs whose counts are believed',
      counted('runs'),
    ),
    column(
      'runs_suspect',
      'integer',
      (r) => r.suspect,
      'runs whose counts are not; `warnings.csv` says why',
      counted('runs'),
    ),
    column('runs_failed', 'integer', (r) => r.failed, 'every other end', counted('runs')),
    column(
      'n',
      'integer',
      (r) => r.bandwidth?.n ?? 0,
      'runs that the columns from `untraced` to `variance_between_runs` are made from, one bandwidth each (docs/method.md)',
      counted('runs'),
    ),
    column(
      'n_counts',
      'string',
      (r) => (r.iterationsAsRuns ? ITERATIONS : 'runs'),
      'what n counts; iterations of one process depend on each other, and have no interval (docs/import-notebook.md)',
      { values: ['runs', ITERATIONS], required: true },
    ),
    column(
      'untraced',
      'boolean',
      (r) => (r.bandwidth ? r.untraced : null),
      'whether those runs were made without a tracer',
    ),
    ...withMebibytes<CellSummary>(
      column(
        'bandwidth_median_bytes_per_s',
        'number',
        (r) => r.bandwidth?.median ?? null,
        'median',
        BANDWIDTH,
      ),
    ),
    ...withMebibytes<CellSummary>(
      column(
        'bandwidth_ci_low_bytes_per_s',
        'number',
        (r) => r.bandwidth?.interval?.low ?? null,
        'lower end of the confidence interval of the median; empty for fewer than 5 runs, and for iterations of one process',
        BANDWIDTH,
      ),
    ),
    ...withMebibytes<CellSummary>(
      column(
        'bandwidth_ci_high_bytes_per_s',
        'number',
        (r) => r.bandwidth?.interval?.high ?? null,
        'upper end of it',
        BANDWIDTH,
      ),
    ),
    column(
      'bandwidth_ci_level',
      'number',
      (r) => r.bandwidth?.interval?.level ?? null,
      'confidence level of that interval: 0.95, or 0.9375 for 5 runs',
      LEVEL,
    ),
    ...withMebibytes<CellSummary>(
      column(
        'bandwidth_q1_bytes_per_s',
        'number',
        (r) => r.bandwidth?.q1 ?? null,
        'lower quartile, interpolated as in R and NumPy (type 7)',
        BANDWIDTH,
      ),
    ),
    ...withMebibytes<CellSummary>(
      column(
        'bandwidth_q3_bytes_per_s',
        'number',
        (r) => r.bandwidth?.q3 ?? null,
        'upper quartile, likewise',
        BANDWIDTH,
      ),
    ),
    ...withMebibytes<CellSummary>(
      column(
        'bandwidth_min_bytes_per_s',
        'number',
        (r) => r.bandwidth?.min ?? null,
        'smallest',
        BANDWIDTH,
      ),
    ),
    ...withMebibytes<CellSummary>(
      column(
        'bandwidth_max_bytes_per_s',
        'number',
        (r) => r.bandwidth?.max ?? null,
        'largest',
        BANDWIDTH,
      ),
    ),
    ...withMebibytes<CellSummary>(
      column(
        'bandwidth_mad_bytes_per_s',
        'number',
        (r) => r.bandwidth?.mad ?? null,
        'median absolute deviation, times 1.4826',
        BANDWIDTH,
      ),
    ),
    column(
      'bandwidth_cv',
      'number',
      (r) => r.bandwidth?.cv ?? null,
      'coefficient of variation',
      SHARE,
    ),
    column(
      'bandwidth_outliers',
      'integer',
      (r) => r.bandwidth?.outliers ?? null,
      "runs outside Tukey's fences; they are not left out",
      { unit: 'runs', minimum: 0 },
    ),
    column(
      'variance_between_runs',
      'number',
      (r) => r.bandwidth?.varianceBetweenRuns ?? null,
      'part of the variance that lies between runs, the rest between iterations of one run; empty for single iterations',
      SHARE,
    ),
    ...PROBE_EFFECT,
    column(
      'precision',
      'string',
      (r) => r.precision?.state ?? null,
      'of trials that go on until a precision: narrow enough; or still wider after all trials that were allowed, after all that its values called for (some may have failed), or with trials left; empty for a fixed number of trials',
      { values: PRECISION_STATES },
    ),
    column(
      'relative_half_width',
      'number',
      (r) => r.precision?.relativeHalfWidth ?? null,
      "half the interval's width over the median; empty for a fixed number of trials",
      SHARE,
    ),
    column(
      'interval_nominal',
      'boolean',
      (r) => (r.bandwidth?.interval ? r.precision !== undefined : null),
      'whether the values themselves decided how many trials there are: the level of the interval is then nominal (docs/method.md, "Stopping on precision"); empty without an interval',
    ),
  ],
};

export const PROBE_EFFECTS: TableDefinition<CellSummary> = {
  name: 'probe_effect',
  description: 'A row for each cell; only for a sweep with `trace.controls`.',
  primaryKey: ['cell'],
  references: { cell: 'summary' },
  optional: true,
  columns: [
    ...ofCell<CellSummary>((r) => r.cell),
    column(
      'traced_n',
      'integer',
      (r) => r.probeEffect?.traced?.n ?? 0,
      'traced runs',
      counted('runs'),
    ),
    column(
      'untraced_n',
      'integer',
      (r) => r.probeEffect?.untraced?.n ?? 0,
      'controls',
      counted('runs'),
    ),
    ...withMebibytes<CellSummary>(
      column(
        'traced_median_bytes_per_s',
        'number',
        (r) => r.probeEffect?.traced?.median ?? null,
        'median bandwidth of the traced runs',
        BANDWIDTH,
      ),
    ),
    ...withMebibytes<CellSummary>(
      column(
        'untraced_median_bytes_per_s',
        'number',
        (r) => r.probeEffect?.untraced?.median ?? null,
        'median bandwidth of the controls',
        BANDWIDTH,
      ),
    ),
    column(
      'pairs',
      'integer',
      (r) => r.probeEffect?.pairs ?? 0,
      'trials of which both the traced run and the control are good',
      counted('trials'),
    ),
    ...PROBE_EFFECT,
    column(
      'unpaired_ratio',
      'number',
      (r) => r.probeEffect?.unpaired?.ratio ?? null,
      'all traced runs over all controls, whatever their trial; empty for fewer than 5 of either',
      RATIO,
    ),
    column(
      'unpaired_ratio_ci_low',
      'number',
      (r) => r.probeEffect?.unpaired?.low ?? null,
      'lower end of its interval',
      RATIO,
    ),
    column(
      'unpaired_ratio_ci_high',
      'number',
      (r) => r.probeEffect?.unpaired?.high ?? null,
      'upper end of its interval',
      RATIO,
    ),
    column(
      'unpaired_ratio_ci_level',
      'number',
      (r) => r.probeEffect?.unpaired?.level ?? null,
      'confidence level of that interval',
      LEVEL,
    ),
  ],
};

export const CELL_WARNINGS: TableDefinition<{ cell: CellRow; warning: CellWarning }> = {
  name: 'cell_warnings',
  description:
    'A row for each doubt that the values of a cell and their order raise; no file without one. See docs/method.md.',
  primaryKey: ['cell', 'code'],
  references: { cell: 'summary' },
  optional: true,
  columns: [
    ...ofCell<{ cell: CellRow }>((r) => r.cell),
    column('code', 'string', (r) => r.warning.code, 'what is doubted', {
      values: ['drift', 'autocorrelated', 'short-samples', 'noisy'],
      required: true,
    }),
    column('message', 'string', (r) => r.warning.message, 'in words'),
  ],
};

/** Tables with one cell per row. */
export function summaryTables(
  db: Db,
  sweep: SweepRow,
  selection: Selection,
  summaries: readonly CellSummary[],
): readonly Table[] {
  const warnings = summaries.flatMap(({ cell, bandwidth }) =>
    (bandwidth?.warnings ?? []).map((warning) => ({ cell, warning })),
  );
  return [
    tableOf(SUMMARY, () => summaries, undefined),
    tableOf(PROBE_EFFECTS, () => (sweep.controls === 1 ? summaries : []), undefined),
    tableOf(CELL_WARNINGS, () => warnings, undefined),
    ...curveTables(summaries),
    syscallsWide(db, sweep, selection),
  ];
}
