import { bandwidthsByCell } from '../analyse/bandwidths.ts';
import type { Interval } from '../analyse/bca.ts';
import { medianSyscalls, summariseSyscalls } from '../analyse/counts.ts';
import { type BandwidthSummary, type CellSummary, summarise } from '../analyse/summary.ts';
import {
  cellBandwidths,
  cellStateCounts,
  cellSyscalls,
  type Selection,
} from '../store/cell-data.ts';
import type { Db } from '../store/open.ts';
import { cellsOf, type SweepRow } from '../store/reader.ts';
import { CELL_COLUMNS, cellValues, OPTIONAL, type Table, table, type Value } from './table.ts';

/** What a sweep says about its cells. */
export function cellSummaries(
  db: Db,
  sweep: SweepRow,
  selection: Selection,
): readonly CellSummary[] {
  return summarise(
    sweep,
    cellsOf(db, sweep.id),
    bandwidthsByCell(cellBandwidths(db, sweep.id, selection)),
    cellStateCounts(db, sweep.id),
  );
}

/** One cell a row. */
export function summaryTables(
  db: Db,
  sweep: SweepRow,
  selection: Selection,
  summaries: readonly CellSummary[],
): readonly Table[] {
  return [
    table('summary', SUMMARY_COLUMNS, () => summaries, summaryValues),
    probeEffectTable(sweep.controls === 1 ? summaries : []),
    cellWarningTable(summaries),
    ...syscallTables(db, sweep, selection),
  ];
}

const SUMMARY_COLUMNS = [
  ...CELL_COLUMNS,
  'runs_completed',
  'runs_suspect',
  'runs_failed',
  'n',
  'untraced',
  'bandwidth_median_bytes_per_s',
  'bandwidth_ci_low_bytes_per_s',
  'bandwidth_ci_high_bytes_per_s',
  'bandwidth_q1_bytes_per_s',
  'bandwidth_q3_bytes_per_s',
  'bandwidth_min_bytes_per_s',
  'bandwidth_max_bytes_per_s',
  'bandwidth_mad_bytes_per_s',
  'bandwidth_cv',
  'bandwidth_outliers',
  'variance_between_runs',
  'probe_effect',
  'probe_effect_ci_low',
  'probe_effect_ci_high',
  'precision',
  'relative_half_width',
] as const;

function summaryValues(row: CellSummary): Value[] {
  const { cell, completed, suspect, failed, bandwidth, untraced, probeEffect, precision } = row;
  return [
    ...cellValues(cell),
    completed,
    suspect,
    failed,
    bandwidth?.n ?? 0,
    bandwidth ? untraced : null,
    ...bandwidthValues(bandwidth),
    probeEffect?.ratio?.ratio ?? null,
    ...ends(probeEffect?.ratio),
    precision?.state ?? null,
    precision?.relativeHalfWidth ?? null,
  ];
}

function bandwidthValues(b: BandwidthSummary | undefined): Value[] {
  if (!b) return [null, null, null, null, null, null, null, null, null, null, null];
  return [
    b.median,
    ...ends(b.interval),
    b.q1,
    b.q3,
    b.min,
    b.max,
    b.mad,
    b.cv ?? null,
    b.outliers,
    b.varianceBetweenRuns ?? null,
  ];
}

function probeEffectTable(summaries: readonly CellSummary[]): Table {
  return table(
    'probe_effect',
    [
      ...CELL_COLUMNS,
      'traced_n',
      'untraced_n',
      'traced_median_bytes_per_s',
      'untraced_median_bytes_per_s',
      'probe_effect',
      'probe_effect_ci_low',
      'probe_effect_ci_high',
    ],
    () => summaries,
    ({ cell, probeEffect }) => [
      ...cellValues(cell),
      probeEffect?.traced?.n ?? 0,
      probeEffect?.untraced?.n ?? 0,
      probeEffect?.traced?.median ?? null,
      probeEffect?.untraced?.median ?? null,
      probeEffect?.ratio?.ratio ?? null,
      ...ends(probeEffect?.ratio),
    ],
    OPTIONAL,
  );
}

/** Doubts about a cell's runs as a series. */
function cellWarningTable(summaries: readonly CellSummary[]): Table {
  const rows = summaries.flatMap(({ cell, bandwidth }) =>
    (bandwidth?.warnings ?? []).map((warning) => ({ cell, ...warning })),
  );
  return table(
    'cell_warnings',
    [...CELL_COLUMNS, 'code', 'message'],
    () => rows,
    ({ cell, code, message }) => [...cellValues(cell), code, message],
    OPTIONAL,
  );
}

function ends(interval: Interval | undefined): [Value, Value] {
  return interval ? [interval.low, interval.high] : [null, null];
}

function syscallTables(db: Db, sweep: SweepRow, selection: Selection): readonly Table[] {
  const cells = cellsOf(db, sweep.id);
  const rows = cellSyscalls(db, sweep.id, selection);
  const medians = medianSyscalls(rows);
  const cellOf = new Map(cells.map((cell) => [cell.cell, cell]));
  return [
    table(
      'syscalls_wide',
      [...CELL_COLUMNS, 'runs', ...medians.names],
      () => cells,
      (cell) => {
        const own = medians.byCell.get(cell.cell);
        return [
          ...cellValues(cell),
          own?.runs ?? 0,
          ...(own?.medians ?? medians.names.map(() => null)),
        ];
      },
    ),
    table(
      'syscalls_summary',
      [
        ...CELL_COLUMNS,
        'role',
        'syscall',
        'runs',
        'calls_median',
        'calls_q1',
        'calls_q3',
        'calls_min',
        'calls_max',
        'deterministic',
      ],
      () => summariseSyscalls(rows),
      ({ cell, role, syscall, calls, deterministic }) => [
        ...cellValues(cellOf.get(cell)!),
        role,
        syscall,
        calls.n,
        calls.median,
        calls.q1,
        calls.q3,
        calls.min,
        calls.max,
        deterministic,
      ],
      OPTIONAL,
    ),
  ];
}
