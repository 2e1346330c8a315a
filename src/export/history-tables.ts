import type { Change, HistorySeries, HistoryStep } from '../analyse/history.ts';
import { counted, FROM_ONE, MACHINE, ofCell, withMebibytes } from './columns.ts';
import { type ColumnOf, column, type Table, type TableDefinition, tableOf } from './table.ts';

interface OfSeries {
  readonly series: HistorySeries;
}
interface PointRow extends OfSeries {
  readonly at: number;
}
interface StepRow extends OfSeries {
  readonly step: HistoryStep;
  readonly isNew: boolean;
}

const REQUIRED = { required: true } as const;
const RATE = { unit: 'bytes/s', minimum: 0 } as const;
const RATIO = { unit: 'ratio', minimum: 0, required: true } as const;

/** The columns of a cell on one machine, always measured in the same way. */
const OF_SERIES: readonly ColumnOf<OfSeries>[] = [
  ...ofCell<OfSeries>(({ series }) => series.cell),
  { ...MACHINE, of: ({ series }) => series.machine },
  column(
    'measured',
    'string',
    ({ series }) => series.measured,
    'how it was measured: `untraced` or the tracer, and options of the benchmark; sweeps that differ in this have separate histories',
    REQUIRED,
  ),
];

/** Columns that name the sweep of a point. @param before what its names begin with */
function ofSweep<Row extends OfSeries>(
  before: string,
  which: string,
  at: (row: Row) => number,
): readonly ColumnOf<Row>[] {
  const sweep = (row: Row) => row.series.points[at(row)]!.sweep;
  return [
    column(
      `${before}database`,
      'string',
      (r) => sweep(r).file,
      `the database that holds ${which}`,
      REQUIRED,
    ),
    column(
      `${before}sweep`,
      'integer',
      (r) => sweep(r).id,
      `the id of ${which}, in that database`,
      FROM_ONE,
    ),
    column(
      `${before}started_at`,
      'timestamp',
      (r) => sweep(r).startedAt,
      `when ${which} was started`,
      REQUIRED,
    ),
  ];
}

export const HISTORY: TableDefinition<PointRow> = {
  name: 'history',
  description: 'A row for each cell of each sweep of an experiment, in the order of `--by`.',
  columns: [
    ...OF_SERIES,
    column('place', 'integer', (r) => r.at + 1, 'place in the order of the sweeps', FROM_ONE),
    ...ofSweep<PointRow>('', 'the sweep', ({ at }) => at),
    column('n', 'integer', (r) => pointOf(r).runs, 'runs that are quoted', counted('runs')),
    ...withMebibytes<PointRow>(
      column<PointRow>(
        'bandwidth_median_bytes_per_s',
        'number',
        (r) => pointOf(r).median,
        'their median',
        {
          ...RATE,
          ...REQUIRED,
        },
      ),
    ),
    ...withMebibytes<PointRow>(
      column<PointRow>(
        'bandwidth_ci_low_bytes_per_s',
        'number',
        (r) => pointOf(r).interval?.low ?? null,
        'lower end of its interval; all columns of the interval are empty for fewer than 5 runs',
        RATE,
      ),
    ),
    ...withMebibytes<PointRow>(
      column<PointRow>(
        'bandwidth_ci_high_bytes_per_s',
        'number',
        (r) => pointOf(r).interval?.high ?? null,
        'upper end of its interval',
        RATE,
      ),
    ),
    column(
      'bandwidth_ci_level',
      'number',
      (r) => pointOf(r).interval?.level ?? null,
      'level of that interval',
      { unit: 'share', minimum: 0 },
    ),
    ...withMebibytes<PointRow>(
      column<PointRow>(
        'level_bytes_per_s',
        'number',
        ({ series: { found }, at }) =>
          found?.levels.find(({ from, to }) => from <= at && at < to)?.level ?? null,
        'the level between two steps; empty where there are fewer than 4 sweeps',
        RATE,
      ),
    ),
    column(
      'is_step',
      'boolean',
      ({ series: { found }, at }) => found?.steps.some(({ first }) => first === at) ?? false,
      '`true`: the first sweep after a step',
      REQUIRED,
    ),
    column(
      'changed',
      'string',
      ({ series: { changes }, at }) => codesOf(changes.filter((change) => change.at === at)),
      'codes of what differs from the sweep before it, separated by commas (docs/environment.md, docs/history.md); empty if no difference is known',
    ),
    column(
      'doubts',
      'string',
      (r) => pointOf(r).doubts.join(',') || null,
      'codes of doubts about its runs, separated by commas (docs/tracing.md, docs/method.md); empty if there are none',
    ),
  ],
};

export const HISTORY_STEPS: TableDefinition<StepRow> = {
  name: 'history_steps',
  description:
    'A row for each step of each cell. The step began between the earliest and the latest sweep with 95 % confidence.',
  columns: [
    ...OF_SERIES,
    ...ofSweep<StepRow>('', 'the first sweep after the step', ({ step }) => step.first),
    ...ofSweep<StepRow>(
      'earliest_',
      'the earliest sweep with which the step may have begun',
      ({ step }) => step.earliest,
    ),
    ...ofSweep<StepRow>('latest_', 'the latest sweep that this may be', ({ step }) => step.latest),
    ...withMebibytes<StepRow>(
      column<StepRow>('before_bytes_per_s', 'number', (r) => r.step.before, 'the level before it', {
        ...RATE,
        ...REQUIRED,
      }),
    ),
    ...withMebibytes<StepRow>(
      column<StepRow>('after_bytes_per_s', 'number', (r) => r.step.after, 'the level after it', {
        ...RATE,
        ...REQUIRED,
      }),
    ),
    column('ratio', 'number', (r) => r.step.ratio, 'after over before: below 1, slower', RATIO),
    column(
      'ratio_ci_low',
      'number',
      (r) => r.step.interval.low,
      'lower end of its interval',
      RATIO,
    ),
    column(
      'ratio_ci_high',
      'number',
      (r) => r.step.interval.high,
      'upper end of its interval',
      RATIO,
    ),
    column('ratio_ci_level', 'number', (r) => r.step.interval.level, 'level of that interval', {
      ...{ unit: 'share', minimum: 0, required: true },
    }),
    column(
      'changed',
      'string',
      (r) => codesOf(r.step.changes),
      'codes of what changed between the sweeps where it may have begun, separated by commas; empty if no change is known',
    ),
    column(
      'doubts',
      'string',
      (r) => r.step.doubts.join(',') || null,
      'codes of doubts about the runs of the sweeps around it, separated by commas; empty if there are none',
    ),
    column('new', 'boolean', (r) => r.isNew, '`true`: `--fail-on-step` counts it as new', REQUIRED),
  ],
};

function pointOf({ series, at }: PointRow) {
  return series.points[at]!;
}

function codesOf(changes: readonly Change[]): string | null {
  return [...new Set(changes.map(({ code }) => code))].join(',') || null;
}

/** A history as tables: one row per cell and sweep, and one per step. */
export function historyTables(
  all: readonly HistorySeries[],
  isNew: (series: HistorySeries, step: HistoryStep) => boolean,
): readonly [history: Table, steps: Table] {
  const points = () => all.flatMap((series) => series.points.map((_, at) => ({ series, at })));
  const steps = () =>
    all.flatMap((series) =>
      (series.found?.steps ?? []).map((step) => ({ series, step, isNew: isNew(series, step) })),
    );
  return [tableOf(HISTORY, points, undefined), tableOf(HISTORY_STEPS, steps, undefined)];
}
