import {
  BUCKET_QUANTILES,
  type Bucket,
  type PerRunSummary,
  type QuantileSummary,
  type ShareSummary,
  summarisePerRun,
  summariseQuantiles,
  summariseShares,
} from '../analyse/count-summaries.ts';
import type { CountTable, Key } from '../instruments/instrument.ts';
import { COUNT_TABLES } from '../instruments/instruments.ts';
import type { CountOfRun } from '../store/cell-data.ts';
import { runCounts, type Selection } from '../store/cell-data.ts';
import type { Db } from '../store/open.ts';
import { type CellRow, cellsOf, type SweepRow } from '../store/reader.ts';
import { counted, ofCell, ROLE } from './columns.ts';
import { exportedName, keyColumns, type StateNames } from './count-tables.ts';
import { type ColumnOf, column, type Table, type TableDefinition, tableOf } from './table.ts';

const SHARE = { unit: 'share', minimum: 0 } as const;

type AnySummary = PerRunSummary | ShareSummary | QuantileSummary;

interface OfCell<Summary = AnySummary> {
  readonly cell: CellRow;
  readonly own: Summary;
}

/** A table with a row for each cell, role and key; `summary` says what stands in it. */
interface Summing {
  readonly table: CountTable;
  readonly definition: TableDefinition<OfCell, StateNames>;
  readonly sumUp: (rows: ReturnType<typeof runCounts>) => readonly AnySummary[];
}

function summing(table: CountTable): readonly Summing[] {
  const { summary, keys } = table;
  if (summary === undefined) return [];
  const inner = keys.slice(0, -1);
  switch (summary.kind) {
    case 'per-run': {
      const definition = definitionOf(table, keys, perRunColumns(table));
      return [{ table, definition, sumUp: summarisePerRun }];
    }
    case 'shares': {
      const kept = keys.filter(({ name }) => name !== summary.leftOut);
      const definition = definitionOf(table, kept, shareColumns({ ...table, keys: kept }));
      const places = kept.map((key) => keys.indexOf(key));
      return [{ table, definition, sumUp: (r) => summariseShares(withKeysAt(places, r)) }];
    }
    case 'quantiles': {
      const definition = definitionOf(table, inner, quantileColumns(table));
      return [{ table, definition, sumUp: (r) => summariseQuantiles(r, summary.firstBucket) }];
    }
  }
}

function* withKeysAt(
  places: readonly number[],
  rows: Iterable<CountOfRun>,
): IterableIterator<CountOfRun> {
  for (const row of rows) yield { ...row, keys: places.map((place) => row.keys[place]!) };
}

const SUMMING = COUNT_TABLES.flatMap(summing);

/** The tables that sum up what the instruments counted, without rows. */
export const COUNT_SUMMARIES = SUMMING.map(({ definition }) => definition);

/** Returns one of them by the name of what was counted. @throws RangeError if it has none */
export function summaryOf(count: CountTable): TableDefinition<OfCell, StateNames> {
  const found = SUMMING.find(({ table }) => table.name === count.name);
  if (!found) throw new RangeError(`${count.name} is not summed up`);
  return found.definition;
}

/** Sums up what the instruments counted in the runs of each cell. */
export function countSummaryTables(
  db: Db,
  sweep: SweepRow,
  selection: Selection,
  names: StateNames,
): readonly Table[] {
  const cells = new Map(cellsOf(db, sweep.id).map((cell) => [cell.cell, cell]));
  return SUMMING.map(({ table, definition, sumUp }) => {
    let known: readonly OfCell[] | undefined;
    const rows = () => {
      known ??= sumUp(runCounts(db, sweep.id, table, selection)).map((own) => {
        return { cell: cells.get(own.cell)!, own };
      });
      return known;
    };
    return tableOf(definition, rows, names);
  });
}

function definitionOf<Summary extends AnySummary>(
  { name, role }: CountTable,
  keys: readonly Key[],
  columns: readonly ColumnOf<OfCell<Summary>>[],
): TableDefinition<OfCell, StateNames> {
  const named = keys.map(exportedName);
  const all = ['role', ...named];
  const each = [all.slice(0, -1).join(', '), all.at(-1)].filter(Boolean).join(' and ');
  const description = `A row for each ${each} of a cell: \`${name}.csv\` summed up over its runs.`;
  return {
    name: `${name}_summary`,
    description,
    primaryKey: ['cell', 'role', ...named],
    references: { cell: 'summary' },
    optional: true,
    columns: [
      ...ofCell<OfCell>((r) => r.cell),
      {
        ...ROLE,
        ...(role === undefined ? {} : { description: role }),
        of: (r: OfCell) => r.own.role,
      },
      ...keyColumns<OfCell>(keys, (r, key) => r.own.keys[named.indexOf(key)]!),
      ...(columns as readonly ColumnOf<OfCell>[]),
    ],
  };
}

function perRunColumns({
  count: { unit },
}: CountTable): readonly ColumnOf<OfCell<PerRunSummary>>[] {
  const ofRun = counted(`${unit} a run`);
  return [
    column('runs', 'integer', (r) => r.own.counts.n, 'traced runs', counted('runs')),
    column(
      `${unit}_median`,
      'number',
      (r) => r.own.counts.median,
      'median over the runs; a run without any counts as 0',
      ofRun,
    ),
    column(`${unit}_q1`, 'number', (r) => r.own.counts.q1, 'lower quartile', ofRun),
    column(`${unit}_q3`, 'number', (r) => r.own.counts.q3, 'upper quartile', ofRun),
    column(`${unit}_min`, 'number', (r) => r.own.counts.min, 'fewest', ofRun),
    column(`${unit}_max`, 'number', (r) => r.own.counts.max, 'most', ofRun),
    column(
      'deterministic',
      'boolean',
      (r) => r.own.deterministic,
      'every run has exactly as many',
      { required: true },
    ),
  ];
}

function shareColumns({
  keys,
  count: { unit },
}: CountTable): readonly ColumnOf<OfCell<ShareSummary>>[] {
  const others = ['role', ...keys.slice(0, -1).map(exportedName)].join(' and ');
  return [
    column('runs', 'integer', (r) => r.own.runs, 'traced runs', counted('runs')),
    column('count', 'integer', (r) => r.own.count, 'in all runs together', counted(unit)),
    column(
      'share',
      'number',
      (r) => r.own.share,
      `of all with the same ${others}, over all runs together`,
      { ...SHARE, required: true },
    ),
    column(
      'share_ci_low',
      'number',
      (r) => r.own.interval?.low ?? null,
      'lower end of its confidence interval, from the differences between runs (docs/method.md); empty for fewer than 5 runs',
      SHARE,
    ),
    column('share_ci_high', 'number', (r) => r.own.interval?.high ?? null, 'upper end', SHARE),
    column(
      'share_ci_level',
      'number',
      (r) => r.own.interval?.level ?? null,
      'confidence level of that interval',
      SHARE,
    ),
  ];
}

function quantileColumns({
  keys,
  count: { unit },
}: CountTable): readonly ColumnOf<OfCell<QuantileSummary>>[] {
  const last = keys.at(-1)!;
  const ofValue = last.kind === 'integer' ? (last.unit ?? '') : '';
  const suffix = ofValue === '' ? '' : `_${ofValue}`;
  const edges = (
    name: string,
    bucketOf: (own: QuantileSummary) => Bucket,
    words: string,
  ): readonly ColumnOf<OfCell<QuantileSummary>>[] => [
    column(
      `${name}_from${suffix}`,
      'integer',
      (r) => bucketOf(r.own).from,
      `lower edge of the bucket in which ${words} lies`,
      counted(ofValue),
    ),
    column(
      `${name}_below${suffix}`,
      'integer',
      (r) => bucketOf(r.own).below,
      'upper edge of it, which is not in it',
      counted(ofValue),
    ),
  ];
  return [
    column('runs', 'integer', (r) => r.own.runs, 'traced runs', counted('runs')),
    column('count', 'integer', (r) => r.own.count, 'in all runs together', counted(unit)),
    ...BUCKET_QUANTILES.flatMap((p, at) =>
      edges(
        `p${Math.round(100 * p)}`,
        (own) => own.quantiles[at]!,
        p === 0.5 ? 'the median' : `the ${p} quantile`,
      ),
    ),
    ...edges('min', (own) => own.least, 'the smallest'),
    ...edges('max', (own) => own.most, 'the largest'),
  ];
}
