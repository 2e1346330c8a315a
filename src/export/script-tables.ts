import type { Db } from '../store/open.ts';
import type { SweepRow } from '../store/reader.ts';
import {
  type AggregationRow,
  aggregationRows,
  mostKeys,
  type PipeEventRow,
  pipeEventRows,
  type ScriptEventRow,
  scriptEventRows,
} from '../store/run-rows.ts';
import { FROM_ONE, OF_RUN, OPERATION, ROLE } from './columns.ts';
import type { StateNames } from './count-tables.ts';
import { column, type Table, type TableDefinition, tableOf } from './table.ts';

const SCRIPT = column<{ script: string }>(
  'script',
  'string',
  (r) => r.script,
  'file name of the script',
  { required: true },
);

export const PIPE_EVENTS: TableDefinition<PipeEventRow, StateNames> = {
  name: 'pipe_events',
  description: 'With `trace.events: true`: every read and write on the pipe, in order.',
  primaryKey: ['run_id', 'sequence'],
  references: { run_id: 'runs' },
  optional: true,
  columns: [
    ...OF_RUN,
    column('sequence', 'integer', (r) => r.sequence, 'from 1', FROM_ONE),
    column('at_ns', 'integer', (r) => r.at_ns, "since the run's first event", {
      unit: 'ns',
      required: true,
    }),
    ROLE,
    OPERATION,
    column(
      'pipe_state',
      'integer',
      (r) => r.pipe_state,
      'what the call found, as in `pipe_states.csv`',
      { required: true },
    ),
    column('pipe_state_names', 'string', (r, names) => names(r.pipe_state), 'the same by name'),
  ],
};

export const AGGREGATIONS: TableDefinition<AggregationRow, readonly string[]> = {
  name: 'aggregations',
  description: 'What the aggregations of your own scripts printed.',
  references: { run_id: 'runs' },
  optional: true,
  columns: [
    ...OF_RUN,
    SCRIPT,
    column(
      'name',
      'string',
      (r) => r.name,
      'of the aggregation, without `@`; `_` for the nameless one; empty when it cannot be known',
    ),
    column(
      'function',
      'string',
      (r) => r.function,
      'such as `count`, `sum`, `quantize`, `hist`; empty when it cannot be known',
    ),
    column(
      'printing',
      'integer',
      (r) => r.printing,
      'from 1: which time that the script printed the aggregation; empty in runs of version 1',
      { minimum: 1 },
    ),
    {
      family: '`key_1`, `key_2`, ...',
      names: (keys) => keys,
      of: (r, _, at) => r.keys?.split('\x1f')[at] ?? null,
      type: 'string',
      description:
        'its keys as printed, as many columns as the longest needs; a stack is one key, innermost first',
    },
    column(
      'bucket_from',
      'integer',
      (r) => r.bucket_from,
      'lower edge of a bucket, inclusive; empty where it has no end, or without buckets',
    ),
    column(
      'bucket_to',
      'integer',
      (r) => r.bucket_to,
      'upper edge of a bucket, inclusive; empty where it has no end, or without buckets',
    ),
    column('value', 'integer', (r) => r.value, 'what was counted, summed, ..., to the last digit', {
      required: true,
      unsigned: true,
    }),
  ],
};

export const EVENTS: TableDefinition<ScriptEventRow, StateNames> = {
  name: 'events',
  description: 'What your own scripts printed besides.',
  primaryKey: ['run_id', 'script', 'sequence'],
  references: { run_id: 'runs' },
  optional: true,
  columns: [
    ...OF_RUN,
    SCRIPT,
    column('sequence', 'integer', (r) => r.sequence, 'from 1', FROM_ONE),
    column(
      'probe',
      'string',
      (r) => r.probe,
      '`function:name`; empty when the output does not say',
    ),
    column('cpu', 'integer', (r) => r.cpu, 'processor; empty when the output does not say'),
    column('text', 'string', (r) => r.text, 'what was printed, without blanks around it'),
    column(
      'pipe_state_names',
      'string',
      // A number printed at a pipe's probe is taken as its state, as in the labs' script.
      ({ probe, text }, names) =>
        /^pipe_(read|write):/.test(probe) && /^\d{1,9}$/.test(text.trim())
          ? names(Number(text))
          : null,
      "a number printed at a probe of `pipe_read` or `pipe_write`, as a pipe's state by name",
    ),
  ],
};

/** Tables that only have rows for sweeps with events or user scripts. */
export function scriptTables(db: Db, sweep: SweepRow, names: StateNames): readonly Table[] {
  const keys = Array.from({ length: mostKeys(db, sweep.id) }, (_, at) => `key_${at + 1}`);
  return [
    tableOf(PIPE_EVENTS, () => pipeEventRows(db, sweep.id), names),
    tableOf(AGGREGATIONS, () => aggregationRows(db, sweep.id), keys),
    tableOf(EVENTS, () => scriptEventRows(db, sweep.id), names),
  ];
}
