import { bandwidthOnLine, type CurveFit, type FittedValue } from '../analyse/curve-fit.ts';
import { type Curve, curvesOf, type MeasuredCell } from '../analyse/curves.ts';
import { CONFIDENCE } from '../analyse/interval.ts';
import type { CellSummary } from '../analyse/summary.ts';
import { counted, FROM_ONE, OF_CELL, ofCell, SIZE, withMebibytes } from './columns.ts';
import { type ColumnOf, column, type Table, type TableDefinition, tableOf } from './table.ts';

const NS_PER_S = 1e9;
const RATE = { unit: 'bytes/s', minimum: 0 } as const;
const BYTES = { unit: 'bytes', minimum: 0 } as const;
const CHANCE = { unit: 'probability', minimum: 0 } as const;

interface CurveRow extends Curve {
  readonly series: number;
}

/** The three columns of an estimate. @param scale the factor from the computed value to the unit */
function estimated(
  name: string,
  end: string,
  of: (fit: CurveFit) => FittedValue | undefined,
  description: string,
  more: { readonly unit: string; readonly minimum: number },
  scale = 1,
): readonly ColumnOf<CurveRow>[] {
  const part = (middle: string, words: string, pick: (found: FittedValue) => number) =>
    column<CurveRow>(
      `${name}${middle}_${end}`,
      'number',
      ({ fit }) => {
        const found = of(fit);
        return found ? pick(found) * scale : null;
      },
      words,
      more,
    );
  return [
    part('', description, ({ value }) => value),
    part('_ci_low', 'lower end of its 95% interval', ({ interval }) => interval.low),
    part('_ci_high', 'upper end of its 95% interval', ({ interval }) => interval.high),
  ];
}

const SERIES = column<{ readonly series: number }>(
  'series',
  'integer',
  (r) => r.series,
  'number of the curve in this sweep, from 1',
  FROM_ONE,
);

/** The columns that the cells of a curve have in common. */
const COMMON = OF_CELL.filter(({ name }) => name !== 'cell' && name !== 'buffer_bytes').map(
  (own): ColumnOf<CurveRow> => ({
    ...own,
    of: ({ cells }, context) => own.of(cells[0]!.cell, context),
  }),
);

export const BANDWIDTH_FIT: TableDefinition<CurveRow> = {
  name: 'bandwidth_fit',
  description:
    'A row for each curve: cells that differ in their buffer size alone, at least 4; no file without one. Estimates stand only where the curve follows the line (docs/method.md).',
  primaryKey: ['series'],
  optional: true,
  columns: [
    SERIES,
    ...COMMON,
    column(
      'untraced',
      'boolean',
      (r) => r.cells[0]!.untraced,
      'whether the runs were made without a tracer; with one, its cost is part of a call',
    ),
    column(
      'state',
      'string',
      (r) => r.fit.state,
      'whether there are estimates; `undetermined`: the cost of a call or the asymptote cannot be told from 0 or from infinity, or runs vary so much that a median is off by more than 25 %',
      { values: ['fitted', 'does-not-follow', 'undetermined'], required: true },
    ),
    column('sizes', 'integer', (r) => r.fit.used, 'cells that the line is fitted to', {
      unit: 'cells',
      minimum: 1,
      required: true,
    }),
    column('runs', 'integer', (r) => runsOf(r), 'runs of these cells', counted('runs')),
    column(
      'fit_from_bytes',
      'integer',
      (r) => r.cells[0]!.cell.buffer_bytes,
      'smallest buffer of these cells',
      SIZE,
    ),
    column(
      'fit_to_bytes',
      'integer',
      (r) => r.cells[r.fit.used - 1]!.cell.buffer_bytes,
      'largest; where the curve has more cells, beyond this size it is no line',
      SIZE,
    ),
    column('level', 'number', (r) => (r.fit.hockney ? CONFIDENCE : null), 'of the intervals', {
      unit: 'share',
      minimum: 0,
    }),
    ...estimated(
      'call',
      'ns',
      (fit) => fit.hockney?.call,
      'time that a write and its read take for a buffer without its bytes',
      { unit: 'ns', minimum: 0 },
      NS_PER_S,
    ),
    ...estimated(
      'asymptote',
      'bytes_per_s',
      (fit) => fit.hockney?.asymptote,
      'bandwidth that larger and larger buffers come near to; with a break, by the line up to it',
      RATE,
    ).flatMap(withMebibytes),
    ...estimated(
      'half',
      'bytes',
      (fit) => fit.hockney?.half,
      'buffer with which half of that is reached',
      BYTES,
    ),
    column(
      'break_bytes',
      'number',
      (r) => r.fit.hockney?.bend?.at ?? null,
      'buffer at which the curve leaves that line; empty where it is not seen to',
      BYTES,
    ),
    column(
      'break_ci_low_bytes',
      'number',
      (r) => r.fit.hockney?.bend?.interval.low ?? null,
      'lower end of its 95% interval; empty where the smallest sizes leave it open',
      BYTES,
    ),
    column(
      'break_ci_high_bytes',
      'number',
      (r) => r.fit.hockney?.bend?.interval.high ?? null,
      'upper end of it; empty where the largest sizes leave it open',
      BYTES,
    ),
    column(
      'break_p',
      'number',
      (r) => r.fit.hockney?.bend?.p ?? null,
      'chance of such a break in a curve without one, at most',
      CHANCE,
    ),
    ...estimated(
      'beyond',
      'bytes_per_s',
      (fit) => fit.hockney?.bend?.beyond,
      'rate at which bytes beyond the break move; empty without a break, or where it could be infinite',
      RATE,
    ).flatMap(withMebibytes),
    column(
      'lack_of_fit_p',
      'number',
      (r) => r.fit.lackOfFit ?? null,
      'chance of residuals as large as these from the variation between runs alone; empty for single runs',
      CHANCE,
    ),
    column(
      'residual_max',
      'number',
      (r) => r.fit.worst,
      'largest residual of the cells that are fitted, without its sign',
      { unit: 'share', minimum: 0, required: true },
    ),
  ],
};

interface ResidualRow {
  readonly series: number;
  readonly summary: MeasuredCell;
  readonly used: boolean;
  readonly fitted: number;
  readonly residual: number;
}

export const BANDWIDTH_RESIDUALS: TableDefinition<ResidualRow> = {
  name: 'bandwidth_residuals',
  description: 'A row for each cell of the curves of `bandwidth_fit.csv`; no file without one.',
  primaryKey: ['cell'],
  references: { cell: 'summary' },
  optional: true,
  columns: [
    ...ofCell<ResidualRow>((r) => r.summary.cell),
    SERIES,
    column('in_fit', 'boolean', (r) => r.used, 'whether the line is fitted to this cell, too', {
      required: true,
    }),
    ...withMebibytes<ResidualRow>(
      column(
        'bandwidth_median_bytes_per_s',
        'number',
        (r) => r.summary.bandwidth.median,
        'median bandwidth, as in `summary.csv`',
        RATE,
      ),
    ),
    ...withMebibytes<ResidualRow>(
      column('fitted_bytes_per_s', 'number', (r) => r.fitted, 'bandwidth of the line', {
        unit: 'bytes/s',
      }),
    ),
    column(
      'residual',
      'number',
      (r) => r.residual,
      'median over that of the line, less 1: 0.02 is 2 % above the line',
      { unit: 'share' },
    ),
  ],
};

function runsOf({ cells, fit }: Curve): number {
  return cells.slice(0, fit.used).reduce((sum, { bandwidth }) => sum + bandwidth.n, 0);
}

/** Tables of the curves of a sweep, and of how far each cell is off its curve. */
export function curveTables(summaries: readonly CellSummary[]): readonly Table[] {
  const curves = curvesOf(summaries).map((curve, at): CurveRow => ({ ...curve, series: at + 1 }));
  const residuals = curves.flatMap(({ series, cells, fit }) =>
    cells.map(
      (summary, at): ResidualRow => ({
        ...{ series, summary, used: at < fit.used },
        fitted: bandwidthOnLine(fit.line, summary.cell.buffer_bytes),
        residual: fit.residuals[at]!,
      }),
    ),
  );
  return [
    tableOf(BANDWIDTH_FIT, () => curves, undefined),
    tableOf(BANDWIDTH_RESIDUALS, () => residuals, undefined),
  ];
}
