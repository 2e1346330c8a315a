import {
  type CountTable,
  type Key,
  OPERATIONS,
  PIPE_OPERATIONS,
} from '../instruments/instrument.ts';
import { COUNT_TABLES } from '../instruments/instruments.ts';
import type { Db } from '../store/open.ts';
import type { SweepRow } from '../store/reader.ts';
import { type CountRowOfRun, countRows, type WarningRow, warningRows } from '../store/run-rows.ts';
import { stateHex } from '../trace/pipe-state-bits.ts';
import { countOf, OF_RUN, ROLE } from './columns.ts';
import { type ColumnOf, column, type Table, type TableDefinition, tableOf } from './table.ts';

/** Returns the names of a state's bits. */
export type StateNames = (state: number) => string;

/** The table of what an instrument counts, a row for each run and key. */
export function tableOfCount(table: CountTable): TableDefinition<CountRowOfRun, StateNames> {
  const { name, description, role, keys, count, optional } = table;
  return {
    name,
    description,
    primaryKey: ['run_id', 'role', ...keys.map(exportedName)],
    references: { run_id: 'runs' },
    ...(optional ? { optional } : {}),
    columns: [
      ...OF_RUN,
      role === undefined ? ROLE : { ...ROLE, description: role },
      ...keyColumns<CountRowOfRun>(keys, (row, key) => row[key]!),
      countOf(count.unit, count.description),
    ],
  };
}

/** Everything that is counted, first what every sweep has unless its spec leaves it out. */
const IN_ORDER = [
  ...COUNT_TABLES.filter(({ optional }) => !optional),
  ...COUNT_TABLES.filter(({ optional }) => optional),
];

export const COUNTS = IN_ORDER.map(tableOfCount);

export function exportedName({ name, exported = name }: Key): string {
  return exported;
}

/** Returns the value of a key by its name in tables. */
type KeyOf<Row> = (row: Row, name: string) => string | number;

/** The columns of the keys of a count, and after them the words for those that are states. */
export function keyColumns<Row>(
  keys: readonly Key[],
  keyOf: KeyOf<Row>,
): readonly ColumnOf<Row, StateNames>[] {
  return [
    ...keys.map((key) => keyColumn(key, keyOf)),
    ...keys.flatMap((key) => stateColumns(key, keyOf)),
  ];
}

function keyColumn<Row>(key: Key, keyOf: KeyOf<Row>): ColumnOf<Row> {
  const name = exportedName(key);
  const of = (row: Row) => keyOf(row, name);
  const { description = 'which call' } = key;
  const required = true;
  switch (key.kind) {
    case 'word':
      return column(name, 'string', of, description, { values: key.words, required });
    case 'operation':
      return column(name, 'string', of, description, { values: OPERATIONS, required });
    case 'pipe-operation':
      return column(name, 'string', of, description, { values: PIPE_OPERATIONS, required });
    case 'syscall':
    case 'stack':
      return column(name, 'string', of, description, { required });
    case 'pipe-state':
      return column(name, 'integer', of, description, { required });
    case 'integer': {
      const { unit, minimum } = key;
      const about = {
        ...(unit === undefined ? {} : { unit }),
        ...(minimum === undefined ? {} : { minimum }),
      };
      return column(name, 'integer', of, description, { ...about, required });
    }
  }
}

function stateColumns<Row>(key: Key, keyOf: KeyOf<Row>): readonly ColumnOf<Row, StateNames>[] {
  if (key.kind !== 'pipe-state') return [];
  const name = exportedName(key);
  const of = (row: Row) => Number(keyOf(row, name));
  const { inHexadecimal: inHex, byName } = key;
  const required = true;
  return [
    ...(inHex === undefined
      ? []
      : [column<Row>(`${name}_hex`, 'string', (r) => stateHex(of(r)), inHex, { required })]),
    column<Row, StateNames>(`${name}_names`, 'string', (r, names) => names(of(r)), byName),
  ];
}

export const WARNINGS: TableDefinition<WarningRow> = {
  name: 'warnings',
  description: 'A row for each doubt about a run. The codes stand in docs/tracing.md.',
  primaryKey: ['run_id', 'code', 'message'],
  references: { run_id: 'runs' },
  columns: [
    ...OF_RUN,
    column('code', 'string', (r) => r.code, 'such as `tracer-dropped`', { required: true }),
    column(
      'suspect',
      'boolean',
      (r) => r.suspect === 1,
      '`true`: the counts are not to be believed; `false`: worth knowing',
      { required: true },
    ),
    column('message', 'string', (r) => r.message, 'in words', { required: true }),
  ],
};

/** Tables with one observation per row: the counts from the runs of a sweep. */
export function countTables(db: Db, sweep: SweepRow, names: StateNames): readonly Table[] {
  return [
    ...IN_ORDER.map((table) =>
      tableOf(tableOfCount(table), () => countRows(db, sweep.id, table), names),
    ),
    tableOf(WARNINGS, () => warningRows(db, sweep.id), undefined),
  ];
}
