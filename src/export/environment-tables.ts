import {
  type EnvironmentRow,
  type EnvironmentWarningRow,
  environmentRows,
  environmentWarningRows,
  type RunConditionRow,
  runConditionRows,
} from '../store/environment-rows.ts';
import type { Db } from '../store/open.ts';
import { HOST, MACHINE, OF_RUN } from './columns.ts';
import { factValue } from './fact-value.ts';
import { column, type Table, type TableDefinition, tableOf } from './table.ts';

const ENVIRONMENT_ID = column<{ environment_id: number }>(
  'environment_id',
  'integer',
  (r) => r.environment_id,
  'one start of the sweep on one host',
  { required: true },
);
const OF_ENVIRONMENT = [
  ENVIRONMENT_ID,
  column<{ captured_at: string }>(
    'captured_at',
    'timestamp',
    (r) => r.captured_at || null,
    'when, in UTC; empty where it is not known',
  ),
  HOST,
  MACHINE,
] as const;

export const ENVIRONMENT: TableDefinition<EnvironmentRow> = {
  name: 'environment',
  description:
    'A row for each fact about a host, at each start of the sweep there. docs/environment.md has the keys.',
  primaryKey: ['environment_id', 'key'],
  columns: [
    ...OF_ENVIRONMENT,
    column('key', 'string', (r) => r.key, 'what the fact is about; units are in it', {
      required: true,
    }),
    column(
      'value',
      'any',
      (r) => factValue(r.key, r.value),
      'the fact: a number, words, or a list such as 0..3, 8',
    ),
  ],
};

export const ENVIRONMENT_WARNINGS: TableDefinition<EnvironmentWarningRow> = {
  name: 'environment_warnings',
  description: 'A row for each thing that harms figures; no file without one.',
  primaryKey: ['environment_id', 'code'],
  references: { environment_id: 'environment' },
  optional: true,
  columns: [
    ...OF_ENVIRONMENT,
    column('code', 'string', (r) => r.code, 'see docs/environment.md', { required: true }),
    column('message', 'string', (r) => r.message, 'in words'),
  ],
};

export const RUN_CONDITIONS: TableDefinition<RunConditionRow> = {
  name: 'run_conditions',
  description:
    'A row for each run: what the machine did meanwhile. Empty where the system does not tell cheaply.',
  primaryKey: ['run_id'],
  references: { run_id: 'runs', environment_id: 'environment' },
  columns: [
    ...OF_RUN,
    { ...ENVIRONMENT_ID, description: 'the start of the sweep, as in `environment.csv`' },
    column('load_1min', 'number', (r) => r.load_1min, 'load average when the run began', {
      unit: 'processes',
      minimum: 0,
    }),
    column('cpu0_khz', 'integer', (r) => r.cpu0_khz, 'clock of processor 0 after the run', {
      unit: 'kHz',
    }),
    column('steal_ns', 'integer', (r) => r.steal_ns, 'that the hypervisor took from processor 0', {
      unit: 'ns',
    }),
    column('throttle_events', 'integer', (r) => r.throttle_events, 'of processor 0', {
      unit: 'events',
    }),
    column('context_switches', 'integer', (r) => r.context_switches, 'of the whole machine', {
      unit: 'switches',
    }),
    column(
      'quota_throttled_periods',
      'integer',
      (r) => r.quota_throttled_periods,
      'in which a CPU quota stopped processes; empty without a quota',
      { unit: 'periods' },
    ),
  ],
};

/** Tables of the machine's environment, the warnings about it, and its changes during each run. */
export function environmentTables(db: Db, sweepId: number): readonly Table[] {
  return [
    tableOf(ENVIRONMENT, () => environmentRows(db, sweepId), undefined),
    tableOf(ENVIRONMENT_WARNINGS, () => environmentWarningRows(db, sweepId), undefined),
    tableOf(RUN_CONDITIONS, () => runConditionRows(db, sweepId), undefined),
  ];
}
