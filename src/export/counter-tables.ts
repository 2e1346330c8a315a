import { type CounterSummary, summariseCounters } from '../analyse/counter-summary.ts';
import { cellCounters, type Selection } from '../store/cell-data.ts';
import type { Db } from '../store/open.ts';
import { cellsOf, type SweepRow } from '../store/reader.ts';
import { type CounterOfRun, counterRows } from '../store/run-rows.ts';
import { counted, OF_RUN, ofCell } from './columns.ts';
import { ITERATION } from './run-tables.ts';
import { column, type Table, type TableDefinition, tableOf } from './table.ts';

export const COUNTERS: TableDefinition<CounterOfRun> = {
  name: 'counters',
  description:
    '`benchmark.counters`: a row for each counter of each iteration (docs/counters.md); no file without one.',
  primaryKey: ['run_id', 'iteration', 'counter'],
  references: { run_id: 'runs' },
  optional: true,
  columns: [
    ...OF_RUN,
    ...ITERATION,
    column('counter', 'string', (r) => r.counter, 'its name, as the benchmark prints it', {
      required: true,
    }),
    column('value', 'number', (r) => r.value, 'what it counted in this iteration', {
      required: true,
    }),
  ],
};

export const COUNTERS_SUMMARY: TableDefinition<CounterSummary> = {
  name: 'counters_summary',
  description:
    'A row for each counter of a cell, and for each rate that follows from its counters (docs/counters.md); no file without one.',
  primaryKey: ['cell', 'kind', 'counter'],
  references: { cell: 'summary' },
  optional: true,
  columns: [
    ...ofCell<CounterSummary>((r) => r.cell),
    column('kind', 'string', (r) => r.kind, 'whether it was printed, or computed from others', {
      values: ['counter', 'rate'],
      required: true,
    }),
    column('counter', 'string', (r) => r.name, 'name of the counter or rate', { required: true }),
    column(
      'unit',
      'string',
      (r) => r.unit,
      'unit of the columns from `value_median` on; `events`: how often it happened in an iteration',
      { required: true },
    ),
    column(
      'n',
      'integer',
      (r) => r.values.n,
      'runs that have a value, one each: the median of the iterations',
      counted('runs'),
    ),
    column('untraced', 'boolean', (r) => r.untraced, 'whether they were made without a tracer', {
      required: true,
    }),
    column('value_median', 'number', (r) => r.values.median, 'median', { required: true }),
    column(
      'value_ci_low',
      'number',
      (r) => r.interval?.low ?? null,
      'lower end of the confidence interval of the median; empty for fewer than 5 runs, and for iterations of one process',
    ),
    column('value_ci_high', 'number', (r) => r.interval?.high ?? null, 'upper end of it'),
    column(
      'value_ci_level',
      'number',
      (r) => r.interval?.level ?? null,
      'confidence level of that interval: 0.95, or 0.9375 for 5 runs',
      { unit: 'share', minimum: 0 },
    ),
    column('value_q1', 'number', (r) => r.values.q1, 'lower quartile', { required: true }),
    column('value_q3', 'number', (r) => r.values.q3, 'upper quartile', { required: true }),
    column('value_min', 'number', (r) => r.values.min, 'smallest', { required: true }),
    column('value_max', 'number', (r) => r.values.max, 'largest', { required: true }),
  ],
};

/** Sums up the counters of a sweep's cells. */
export function counterSummaries(
  db: Db,
  sweep: SweepRow,
  selection: Selection,
): readonly CounterSummary[] {
  return summariseCounters(sweep, cellsOf(db, sweep.id), cellCounters(db, sweep.id, selection));
}

/** Tables of the counters of a sweep: of its cells, and of each sample. */
export function counterTables(db: Db, sweep: SweepRow, selection: Selection): readonly Table[] {
  return [
    tableOf(COUNTERS_SUMMARY, () => counterSummaries(db, sweep, selection), undefined),
    tableOf(COUNTERS, () => counterRows(db, sweep.id), undefined),
  ];
}
