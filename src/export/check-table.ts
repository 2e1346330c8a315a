import {
  type ExpectationVerdict,
  NOT_JUDGED,
  VERDICT_STATES,
  type VerdictState,
} from '../analyse/expectation-verdict.ts';
import { counted } from './columns.ts';
import { column, type Table, type TableDefinition, tableOf } from './table.ts';

/** Facts about a database beside its verdicts; null if it cannot be read. */
export interface CheckedSweep {
  readonly sweep: string | null;
  /** How many sweeps the database holds. */
  readonly sweeps: number | null;
  readonly startedAt: string | null;
  readonly machine: string | null;
  readonly system: string | null;
  readonly processor: string | null;
  readonly differences: string | null;
  readonly doubts: string | null;
}

/** A row of a grade list. */
export interface CheckRow extends CheckedSweep {
  readonly student: string;
  readonly database: string;
  readonly state: VerdictState;
  readonly because: string | null;
  readonly found: string;
  /** Undefined for a database that cannot be read: it has a single row. */
  readonly judged:
    | { readonly expectation: string; readonly unit: string; readonly verdict: ExpectationVerdict }
    | undefined;
}

const CELLS = { ...counted('cells'), required: false };

export const CHECK: TableDefinition<CheckRow> = {
  name: 'check',
  description:
    'A row for each database and expectation that `ipc-sweep check` judges; a database that cannot be read is one row without an expectation.',
  columns: [
    column('student', 'string', (r) => r.student, "the part of the file's path that no other has", {
      required: true,
    }),
    column('database', 'string', (r) => r.database, 'the file, as it was named', {
      required: true,
    }),
    column('sweep', 'string', (r) => r.sweep, 'the sweep that is judged'),
    column('sweeps', 'integer', (r) => r.sweeps, 'all sweeps in the database', {
      unit: 'sweeps',
      minimum: 0,
    }),
    column('expectation', 'string', (r) => r.judged?.expectation ?? null, 'as the spec has it'),
    column(
      'state',
      'string',
      (r) => r.state,
      '`fail` if a cell contradicts it, `not-judged` if nothing does but something is missing',
      { values: VERDICT_STATES, required: true },
    ),
    column(
      'because',
      'string',
      (r) => r.because,
      'why it is not judged: no such cell was made, what a cell lacks, or what is wrong with the database',
      { values: [...NOT_JUDGED, 'no-sweep', 'unreadable'] },
    ),
    column('found', 'string', (r) => r.found, 'what was measured, or what is missing, in words', {
      required: true,
    }),
    column(
      'cells',
      'integer',
      (r) => r.judged?.verdict.cells ?? null,
      'cells that were made and that it concerns',
      CELLS,
    ),
    column(
      'cells_met',
      'integer',
      (r) => r.judged?.verdict.met ?? null,
      'those of them that fulfil it',
      CELLS,
    ),
    column(
      'cells_missed',
      'integer',
      (r) => r.judged?.verdict.missed ?? null,
      'those of them that contradict it',
      CELLS,
    ),
    column(
      'cells_unknown',
      'integer',
      (r) => r.judged?.verdict.unknown ?? null,
      'those of them that cannot be judged',
      CELLS,
    ),
    column(
      'cells_missing',
      'integer',
      (r) => r.judged?.verdict.missing ?? null,
      'cells that it concerns and that the spec asks for, but that were not made',
      CELLS,
    ),
    column(
      'measured_least',
      'number',
      (r) => r.judged?.verdict.least ?? null,
      'the least value of those cells, in `measured_unit`',
    ),
    column('measured_most', 'number', (r) => r.judged?.verdict.most ?? null, 'the greatest value'),
    column('measured_unit', 'string', (r) => r.judged?.unit ?? null, 'the unit of both', {
      values: ['bytes/s', 'share', 'ratio', 'calls', 'runs'],
    }),
    column(
      'differences',
      'string',
      (r) => r.differences,
      'conditions of the sweep that differ from those of the spec',
    ),
    column('doubts', 'string', (r) => r.doubts, "doubts about the sweep's runs and the database"),
    column('started_at', 'timestamp', (r) => r.startedAt, 'when the sweep was started, in UTC'),
    column(
      'machine',
      'string',
      (r) => r.machine,
      'the names that the machines have for themselves',
    ),
    column('system', 'string', (r) => r.system, 'their operating system, if all have the same'),
    column('processor', 'string', (r) => r.processor, 'their processor, if all have the same'),
  ],
};

export function checkTable(rows: readonly CheckRow[]): Table {
  return tableOf(CHECK, () => rows, undefined);
}
