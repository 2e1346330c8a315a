import type { Table, Value } from '../../export/table.ts';
import { sweepTable } from '../../export/tables.ts';
import type { SweepResults } from '../../results/sweep-results.ts';
import { mebibytes, significant } from '../../rounding.ts';
import { openRange, roundedSize } from '../curve-words.ts';
import { percent } from '../quantities.ts';
import { MISSING, range } from '../value-text.ts';
import { cellColumns } from './cell-columns.ts';
import type { Markup } from './markup.ts';
import { type Column, columnAt, tableView } from './view.ts';

const numeric = (show: (value: number) => string) => (value: Value) =>
  typeof value === 'number' ? show(value) : MISSING;

const SHOWN = {
  ns: numeric(significant),
  bytes_per_s: numeric(mebibytes),
  bytes: numeric(roundedSize),
} as const;
const chance = numeric((p) => (p < 0.001 ? '< 0.001' : p.toFixed(3)));
const share = numeric((value) => percent(value));
const signed = numeric((value) => `${value < 0 ? '−' : '+'}${percent(Math.abs(value))}`);

/** A column for an estimate with its interval. */
function estimated(label: string, name: string, unit: keyof typeof SHOWN): Column {
  const show = SHOWN[unit];
  return {
    label,
    from: [`${name}_${unit}`, `${name}_ci_low_${unit}`, `${name}_ci_high_${unit}`],
    show: (value = null, low = null, high = null) => {
      const end = (of: Value) => (of === null ? undefined : show(of));
      return value === null ? MISSING : `${show(value)} (${openRange(end(low), end(high))})`;
    },
  };
}

/** Tables of the fitted curves, and how far every cell is off; none without enough sizes. */
export function curveTables(report: SweepResults): readonly (Markup | undefined)[] {
  const ofCells = cellColumns(report.cells);
  const series: Column = { label: 'series', from: ['series'] };
  const follows: readonly Column[] = [
    series,
    ...ofCells.filter(({ label }) => label !== 'cell' && label !== 'buffer'),
    { label: 'line', from: ['state'] },
    {
      label: 'fitted to',
      from: ['fit_from_bytes', 'fit_to_bytes'],
      show: (from = null, to = null) => range(SHOWN.bytes(from), SHOWN.bytes(to)),
    },
    { label: 'p of misfit', from: ['lack_of_fit_p'], show: chance },
    { label: 'largest residual', from: ['residual_max'], show: share },
  ];
  const says: readonly Column[] = [
    series,
    estimated('call, ns', 'call', 'ns'),
    estimated('asymptote, MiB/s', 'asymptote', 'bytes_per_s'),
    estimated('half of it at', 'half', 'bytes'),
  ];
  const bends: readonly Column[] = [
    series,
    estimated('bends at', 'break', 'bytes'),
    { label: 'p without a bend', from: ['break_p'], show: chance },
    estimated('bytes beyond, MiB/s', 'beyond', 'bytes_per_s'),
  ];
  const residuals: readonly Column[] = [
    ...ofCells,
    series,
    { label: 'fitted', from: ['in_fit'] },
    { label: 'median', from: ['bandwidth_median_bytes_per_s'], show: SHOWN.bytes_per_s },
    { label: 'line', from: ['fitted_bytes_per_s'], show: SHOWN.bytes_per_s },
    { label: 'residual', from: ['residual'], show: signed },
  ];
  const fits = sweepTable(report, 'bandwidth_fit');
  return [
    tableView(
      fits,
      follows,
      'Whether a curve follows the line: time of a call = call + bytes / asymptote',
    ),
    tableView(known(fits, 'call_ns'), says, 'What the lines say, with 95% intervals'),
    tableView(
      known(fits, 'break_bytes'),
      bends,
      'Where curves leave their lines, with 95% intervals',
    ),
    tableView(
      sweepTable(report, 'bandwidth_residuals'),
      residuals,
      'Distance of each cell from the line, MiB/s',
    ),
  ];
}

/** Keeps only the rows that have a value in a column. */
function known(table: Table, name: string): Table {
  const at = columnAt(table, name);
  return { ...table, rows: () => [...table.rows()].filter((row) => row[at] !== null) };
}
