import { byCell } from '../../analyse/consecutive.ts';
import { stateShares, summariseSyscalls } from '../../analyse/counts.ts';
import { type Interval, levelText, sharedLevel } from '../../analyse/interval.ts';
import type { Distribution } from '../../analyse/statistics.ts';
import { counterSummaries } from '../../export/counter-tables.ts';
import type { Value } from '../../export/table.ts';
import { sweepTable } from '../../export/tables.ts';
import type { SweepResults } from '../../results/sweep-results.ts';
import { mebibytes, significant } from '../../rounding.ts';
import { runSyscalls } from '../../store/cell-data.ts';
import { percent, percentRange } from '../quantities.ts';
import { MISSING, range } from '../value-text.ts';
import { cellColumns } from './cell-columns.ts';
import { html, type Markup } from './markup.ts';
import { type Column, columnAt, tableView } from './view.ts';
import { wideTable } from './wide-table.ts';

const rate = (value: unknown) => (typeof value === 'number' ? mebibytes(value) : MISSING);
const rates = (low: unknown, high: unknown) =>
  typeof low === 'number' && typeof high === 'number'
    ? range(mebibytes(low), mebibytes(high))
    : MISSING;
const share = (value: unknown) => (typeof value === 'number' ? percent(value) : MISSING);
const shares = (low: unknown, high: unknown) =>
  typeof low === 'number' && typeof high === 'number' ? percentRange(low, high) : MISSING;

/**
 * A column of intervals. Its heading shows their level; if levels differ, each interval shows its
 * own.
 * @param name the parts of the column names before and after `_ci_low`, `_ci_high` and `_ci_level`
 */
function intervalColumn(
  { before, behind = '' }: { readonly before: string; readonly behind?: string },
  intervals: readonly (Interval | undefined)[],
  show: (low: Value, high: Value) => string,
): Column {
  const level = sharedLevel(intervals);
  const from = [`${before}_ci_low${behind}`, `${before}_ci_high${behind}`] as const;
  if (level !== undefined) return { label: `${level} interval`, from, show };
  return {
    label: 'interval',
    from: [...from, `${before}_ci_level`],
    show: (low, high, own) =>
      typeof own === 'number'
        ? `${show(low ?? null, high ?? null)} (${levelText({ level: own })})`
        : MISSING,
  };
}

/** One row per cell: its bandwidth, and how reliable it is. */
export function summaryTable(report: SweepResults): Markup | undefined {
  const { sweep, summaries, cells } = report;
  const bad = summaries.some(({ suspect, failed }) => suspect + failed > 0);
  const columns: readonly Column[] = [
    ...cellColumns(cells),
    { label: 'n', from: ['n'] },
    ...(bad
      ? [
          { label: 'suspect', from: ['runs_suspect'] as const },
          { label: 'failed', from: ['runs_failed'] as const },
        ]
      : []),
    { label: 'median', from: ['bandwidth_median_bytes_per_s'], show: rate },
    intervalColumn(
      { before: 'bandwidth', behind: '_bytes_per_s' },
      summaries.map(({ bandwidth }) => bandwidth?.interval),
      rates,
    ),
    {
      label: 'quartiles',
      from: ['bandwidth_q1_bytes_per_s', 'bandwidth_q3_bytes_per_s'],
      show: rates,
    },
    {
      label: 'lowest–highest',
      from: ['bandwidth_min_bytes_per_s', 'bandwidth_max_bytes_per_s'],
      show: rates,
    },
    { label: 'variation', from: ['bandwidth_cv'], show: share },
    { label: 'outliers', from: ['bandwidth_outliers'] },
    ...(sweep.relative_ci === null
      ? []
      : [
          { label: 'precision', from: ['precision'] as const },
          { label: 'half width', from: ['relative_half_width'] as const, show: share },
        ]),
  ];
  return tableView(sweepTable(report, 'summary'), columns, 'Bandwidth of each cell in MiB/s');
}

export function probeEffectTable(report: SweepResults): Markup | undefined {
  const effects = report.summaries.map(({ probeEffect }) => probeEffect);
  const columns: readonly Column[] = [
    ...cellColumns(report.cells),
    { label: 'n traced', from: ['traced_n'] },
    { label: 'n untraced', from: ['untraced_n'] },
    { label: 'traced, MiB/s', from: ['traced_median_bytes_per_s'], show: rate },
    { label: 'untraced, MiB/s', from: ['untraced_median_bytes_per_s'], show: rate },
    { label: 'traced of untraced', from: ['probe_effect'], show: share },
    intervalColumn(
      { before: 'probe_effect' },
      effects.map((effect) => effect?.ratio),
      shares,
    ),
    { label: 'pairs', from: ['pairs'] },
    { label: 'unpaired', from: ['unpaired_ratio'], show: share },
    intervalColumn(
      { before: 'unpaired_ratio' },
      effects.map((effect) => effect?.unpaired),
      shares,
    ),
  ];
  return tableView(
    sweepTable(report, 'probe_effect'),
    columns,
    'Bandwidth of traced runs as a share of that of untraced ones',
  );
}

/** Median calls of a run, with their range if runs differ. */
export function syscallTable({ db, sweep, selection, cells }: SweepResults): Markup | undefined {
  const counted = summariseSyscalls(runSyscalls(db, sweep.id, selection)).map((row) => ({
    cell: row.cell,
    group: row.role,
    name: row.syscall,
    value: row.calls.median,
    shown: withRange(row.calls),
  }));
  return wideTable(counted, cells, {
    caption: 'System calls of a run: median (least–most where runs differ)',
    same: 'Alike in every cell:',
    none: '0',
  });
}

/** Median of each counter and rate, with the interval of the median. */
export function counterTable({ db, sweep, selection, cells }: SweepResults): Markup | undefined {
  const counted = counterSummaries(db, sweep, selection).map(
    ({ cell, kind, name, title, values, interval }) => ({
      cell: cell.cell,
      group: kind === 'counter' ? 'counters of an iteration' : 'rates',
      name: kind === 'counter' ? name : title,
      value: values.median,
      shown: interval
        ? `${significant(values.median)} (${range(significant(interval.low), significant(interval.high))})`
        : significant(values.median),
    }),
  );
  return wideTable(counted, cells, {
    caption: 'Counters and their rates: median over the runs (interval of the median)',
    same: 'Alike in every cell:',
    none: MISSING,
  });
}

/** Counts of a single run are whole numbers; only a median may lie between two. */
function withRange({ median, min, max }: Distribution): string {
  return min === max ? String(median) : `${median} (${range(String(min), String(max))})`;
}

/** Share of each end's operations that found the pipe in a state. */
export function pipeStateTable(report: SweepResults): Markup | undefined {
  const { cells } = report;
  const rows = byCell(report.pipeStates);
  const counted = (['read', 'write', 'write-peer'] as const).flatMap((operation) =>
    cells.flatMap(({ cell }) =>
      stateShares(rows.get(cell) ?? [], operation).map((found) => ({
        cell,
        group: OPERATIONS[operation],
        name: report.stateNames(found.state),
        value: found.share,
        shown: percent(found.share),
      })),
    ),
  );
  return wideTable(counted, cells, {
    caption: 'States in which reads and writes find the pipe, share of the operations of all runs',
    same: 'Alike in every cell:',
    none: percent(0),
  });
}

const OPERATIONS = {
  read: 'reads',
  write: 'writes',
  'write-peer': 'other end at writes',
} as const;

export function expectationList({ judged }: SweepResults): Markup | undefined {
  if (judged.length === 0) return undefined;
  return html`<ul class="verdicts">
${judged.map(
  ({ expectation, cells, misses }) => html`<li><strong>${
    misses.length === 0 ? 'fulfilled' : 'not fulfilled'
  }</strong> <code>${expectation}</code> ${
    misses.length === 0 ? `(${cells} cells)` : `(${misses.length} of ${cells} cells)`
  }</li>
`,
)}</ul>
`;
}

/** Every cell that does not meet an expectation, with the actual finding. */
export function missTable(report: SweepResults): Markup | undefined {
  const table = sweepTable(report, 'expectations');
  const at = columnAt(table, 'fulfilled');
  const missed = { ...table, rows: () => [...table.rows()].filter((row) => row[at] === false) };
  const columns: readonly Column[] = [
    { label: 'expectation', from: ['expectation'], prose: true },
    ...cellColumns(report.cells),
    { label: 'found', from: ['found'], prose: true },
  ];
  return tableView(missed, columns, 'Cells that do not fulfil an expectation');
}

export function cellWarningTable(report: SweepResults): Markup | undefined {
  const columns: readonly Column[] = [
    ...cellColumns(report.cells),
    { label: 'code', from: ['code'] },
    { label: 'what it means', from: ['message'], prose: true },
  ];
  return tableView(sweepTable(report, 'cell_warnings'), columns, 'Doubts about cells');
}
