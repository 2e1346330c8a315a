import type { SweepDoubt } from '../analyse/doubts.ts';
import type { CountTable } from '../instruments/instrument.ts';
import { INSTRUMENTS } from '../instruments/instruments.ts';
import { column, type Table, type TableDefinition, tableOf } from './table.ts';

export const DOUBTS: TableDefinition<SweepDoubt> = {
  name: 'doubts',
  description:
    'A row for each kind of doubt about the sweep, the most harmful first; no file without one. `warnings.csv` has them run by run, `cell_warnings.csv` cell by cell.',
  optional: true,
  columns: [
    column(
      'code',
      'string',
      (r) => r.code,
      '`missing` for what the spec asks for and the sweep does not have; `iterations-as-runs` for an import (docs/import-notebook.md); the others stand in docs/tracing.md, docs/environment.md and docs/method.md',
      { required: true },
    ),
    column('about', 'string', (r) => r.about, 'what it is a doubt about', {
      values: ['sweep', 'runs', 'cells', 'machine'],
      required: true,
    }),
    column(
      'runs',
      'integer',
      (r) => r.runs ?? null,
      'that it concerns; of cells, those that their figures are made from; empty where it concerns all',
      { unit: 'runs' },
    ),
    column('of_runs', 'integer', (r) => r.of, 'all that are stored', {
      unit: 'runs',
      required: true,
    }),
    column(
      'cells',
      'string',
      (r) => r.cells.join('; '),
      'the cells that it concerns, where they are only some and not all of a host',
    ),
    column(
      'hosts',
      'string',
      (r) => r.hosts.join('; '),
      'the hosts that it concerns, where they are only some',
    ),
    column('message', 'string', (r) => r.text, 'in words', { required: true }),
  ],
};

export function doubtTable(doubts: readonly SweepDoubt[]): Table {
  return tableOf(DOUBTS, () => doubts, undefined);
}

/** The names with which the tables of an instrument's results begin. */
function tablesOf(missing: string): readonly string[] {
  if (missing === 'events') return ['pipe_events'];
  const instrument = INSTRUMENTS.find(({ name }) => name === missing);
  const counts: readonly CountTable[] = instrument?.counts ?? [];
  return [
    ...counts.map(({ name }) => name),
    ...(missing === 'pipe-states' ? tablesOf('events') : []),
  ];
}

/**
 * Makes the tables of missing instruments optional: without rows, they would look as if nothing had
 * been found, when nothing was looked for.
 */
export function withoutMissing(
  tables: readonly Table[],
  missing: readonly { readonly name: string }[],
): readonly Table[] {
  const names = missing.flatMap(({ name }) => tablesOf(name));
  const isMissing = (table: Table) =>
    names.some((name) => table.name === name || table.name.startsWith(`${name}_`));
  return tables.map((table) => (isMissing(table) ? { ...table, optional: true } : table));
}
