import { stateShares } from '../analyse/counts.ts';
import type { CellSummary } from '../analyse/summary.ts';
import { cellSummaries } from '../export/summary-tables.ts';
import { formatSize } from '../spec/sizes.ts';
import { cellPipeStates, type Selection } from '../store/cell-data.ts';
import type { Db } from '../store/open.ts';
import { cellsOf, type SweepRow, stateBits } from '../store/reader.ts';
import { stateNames } from '../trace/pipe-state-bits.ts';
import { alignColumns } from './print-table.ts';

/** The table shown after a sweep: a row a cell. */
export function summaryLines(
  db: Db,
  sweep: SweepRow,
  selection: Selection,
  summaries = cellSummaries(db, sweep, selection),
): readonly string[] {
  const cells = cellsOf(db, sweep.id);
  const states = cellPipeStates(db, sweep.id, selection);
  const bits = stateBits(db, sweep.id);
  const channels = new Set(cells.map(({ ipc, mode }) => `${ipc} ${mode}`)).size > 1;
  const sockets = cells.some(({ socket_buffers }) => socket_buffers === 1);
  const header = [
    ...(channels ? ['channel'] : []),
    'buffer',
    'total',
    'n',
    'MiB/s',
    '95% interval',
    ...(sweep.controls === 1 ? ['traced/untraced'] : []),
    ...(states.length > 0 ? ['reads find the pipe'] : []),
  ];
  const rows = summaries.map((summary) => {
    const { cell, bandwidth, suspect, failed } = summary;
    const top = stateShares(states, cell.cell, 'read').slice(0, 2);
    const shares = top.map(({ state, share }) => `${stateNames(state, bits)} ${percent(share)}`);
    const bad = suspect + failed > 0 ? ` (${suspect + failed} not good)` : '';
    return [
      ...(channels
        ? [`${cell.ipc} ${cell.mode}${sockets && cell.socket_buffers ? ' -s' : ''}`]
        : []),
      formatSize(cell.buffer_bytes),
      formatSize(cell.total_bytes),
      `${bandwidth?.n ?? 0}${bad}`,
      bandwidth ? mebibytes(bandwidth.median) : '-',
      bandwidth?.interval
        ? `${mebibytes(bandwidth.interval.low)}-${mebibytes(bandwidth.interval.high)}`
        : '-',
      ...(sweep.controls === 1 ? [probeEffect(summary)] : []),
      ...(states.length > 0 ? [shares.join(', ') || '-'] : []),
    ];
  });
  const align = header.map((title) =>
    title === 'channel' || title === 'reads find the pipe' ? 'left' : 'right',
  );
  return [
    ...alignColumns(header, rows, align),
    ...precisionLines(sweep, summaries),
    ...warningLines(summaries),
  ];
}

function precisionLines(sweep: SweepRow, summaries: readonly CellSummary[]): readonly string[] {
  const wide = summaries.filter(({ precision }) => precision && precision.state !== 'reached');
  if (sweep.relative_ci === null || wide.length === 0) return [];
  const target = `±${Number((100 * sweep.relative_ci).toPrecision(4))}%`;
  const capped = wide.filter(({ precision }) => precision?.state === 'cap').length;
  const cap = capped > 0 ? ` (${capped} after all ${sweep.trials_max} trials)` : '';
  const cells = wide.length === 1 ? '1 cell is' : `${wide.length} cells are`;
  return ['', `${cells} known less well than ${target}${cap}; see precision in summary.csv`];
}

/** Cells whose doubts are named one by one; the CSV file has them all. */
const MOST_WARNINGS = 5;

function warningLines(summaries: readonly CellSummary[]): readonly string[] {
  const lines = summaries.flatMap(({ cell, bandwidth }) =>
    (bandwidth?.warnings ?? []).map(
      ({ code, message }) => `${formatSize(cell.buffer_bytes)}: ${code}: ${message}`,
    ),
  );
  if (lines.length === 0) return [];
  const more = lines.length - MOST_WARNINGS;
  return [
    '',
    ...lines.slice(0, MOST_WARNINGS),
    ...(more > 0 ? [`and ${more} more in cell_warnings.csv`] : []),
  ];
}

function probeEffect({ probeEffect: effect }: CellSummary): string {
  const ratio = effect?.ratio;
  return ratio
    ? `${ratio.ratio.toFixed(2)} (${ratio.low.toFixed(2)}-${ratio.high.toFixed(2)})`
    : '-';
}

function mebibytes(bytesPerSecond: number): string {
  const rate = bytesPerSecond / 1024 ** 2;
  return rate >= 100 ? rate.toFixed(0) : rate.toPrecision(3);
}

function percent(share: number): string {
  const rounded = Math.round(share * 100);
  if (rounded === 0) return '<1%';
  return rounded === 100 && share < 1 ? '>99%' : `${rounded}%`;
}
