import type { Db } from '../store/open.ts';
import type { SweepRow } from '../store/reader.ts';
import {
  type ContextSwitchRow,
  contextSwitchRows,
  type IoLatencyRow,
  type IoSizeRow,
  ioLatencyRows,
  ioSizeRows,
  type PipeStateRow,
  type PipeTransitionRow,
  pipeStateRows,
  pipeTransitionRows,
  type SyscallRow,
  syscallRows,
  type WarningRow,
  warningRows,
} from '../store/run-rows.ts';
import type { PipeOperation } from '../trace/counts.ts';
import { stateHex } from '../trace/pipe-state-bits.ts';
import { countOf, OF_RUN, OPERATION, ROLE } from './columns.ts';
import { column, type Table, type TableDefinition, tableOf } from './table.ts';

/** Returns the names of a state's bits. */
export type StateNames = (state: number) => string;

export const PIPE_OPERATIONS = [
  'read',
  'write',
  'write-peer',
] as const satisfies readonly PipeOperation[];

export const SYSCALLS: TableDefinition<SyscallRow> = {
  name: 'syscalls',
  description: 'A row for each run, role and system call.',
  primaryKey: ['run_id', 'role', 'syscall'],
  references: { run_id: 'runs' },
  columns: [
    ...OF_RUN,
    ROLE,
    column(
      'syscall',
      'string',
      (r) => r.syscall,
      'its name, or its number where the name is not known',
      { required: true },
    ),
    countOf('calls', 'how many were made'),
  ],
};

export const PIPE_STATES: TableDefinition<PipeStateRow, StateNames> = {
  name: 'pipe_states',
  description:
    'A row for each run, role, operation and state. What the states mean stands in docs/tracing.md.',
  primaryKey: ['run_id', 'role', 'operation', 'pipe_state'],
  references: { run_id: 'runs' },
  columns: [
    ...OF_RUN,
    ROLE,
    column(
      'operation',
      'string',
      (r) => r.operation,
      'which call found the pipe so; `write-peer`: the other end, where each has a state',
      { values: PIPE_OPERATIONS, required: true },
    ),
    column('pipe_state', 'integer', (r) => r.pipe_state, "the platform's state word", {
      required: true,
    }),
    column(
      'pipe_state_hex',
      'string',
      (r) => stateHex(r.pipe_state),
      'the same in hexadecimal, such as `0x208`',
      {
        required: true,
      },
    ),
    column(
      'pipe_state_names',
      'string',
      (r, names) => names(r.pipe_state),
      'its bits by name, highest first, such as `DIRECTOK|WANTW`; bits without a name stay hexadecimal',
    ),
    countOf('calls', 'that found this state'),
  ],
};

export const PIPE_TRANSITIONS: TableDefinition<PipeTransitionRow, StateNames> = {
  name: 'pipe_transitions',
  description:
    'A row for each run, role, operation and pair of states that followed each other at one end.',
  primaryKey: ['run_id', 'role', 'operation', 'from_state', 'to_state'],
  references: { run_id: 'runs' },
  columns: [
    ...OF_RUN,
    ROLE,
    OPERATION,
    column('from_state', 'integer', (r) => r.from_state, 'what a call found', { required: true }),
    column('to_state', 'integer', (r) => r.to_state, 'what the next one found', {
      required: true,
    }),
    column('from_state_names', 'string', (r, names) => names(r.from_state), 'the first by name'),
    column('to_state_names', 'string', (r, names) => names(r.to_state), 'the second by name'),
    countOf('pairs of calls', 'that found these states one after the other'),
  ],
};

export const IO_SIZES: TableDefinition<IoSizeRow> = {
  name: 'io_sizes',
  description: 'A row for each run, role, operation and size returned on the channel.',
  primaryKey: ['run_id', 'role', 'operation', 'bytes'],
  references: { run_id: 'runs' },
  columns: [
    ...OF_RUN,
    ROLE,
    OPERATION,
    column(
      'bytes',
      'integer',
      (r) => r.bytes,
      'what the call returned; 0 at the end of file, negative for an error',
      { unit: 'bytes', required: true },
    ),
    countOf('calls', 'that returned it'),
  ],
};

export const CONTEXT_SWITCHES: TableDefinition<ContextSwitchRow> = {
  name: 'context_switches',
  description: 'Instrument `context-switches`: a row for each run, role and kind of switch.',
  primaryKey: ['run_id', 'role', 'kind'],
  references: { run_id: 'runs' },
  optional: true,
  columns: [
    ...OF_RUN,
    { ...ROLE, description: 'who was switched away from' },
    column('kind', 'string', (r) => r.kind, 'it waited, or had to make room', {
      values: ['voluntary', 'involuntary'],
      required: true,
    }),
    countOf('switches', 'how many there were'),
  ],
};

export const IO_LATENCIES: TableDefinition<IoLatencyRow> = {
  name: 'io_latencies',
  description:
    'Instrument `io-latency`: how long reads and writes on the channel took, in powers of two.',
  primaryKey: ['run_id', 'role', 'operation', 'from_ns'],
  references: { run_id: 'runs' },
  optional: true,
  columns: [
    ...OF_RUN,
    ROLE,
    OPERATION,
    column(
      'from_ns',
      'integer',
      (r) => r.from_ns,
      'lower edge of the bucket, which ends below twice that; 0 stands for everything below 256',
      { unit: 'ns', minimum: 0, required: true },
    ),
    countOf('calls', 'that took so long'),
  ],
};

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
    tableOf(SYSCALLS, () => syscallRows(db, sweep.id), undefined),
    tableOf(PIPE_STATES, () => pipeStateRows(db, sweep.id), names),
    tableOf(PIPE_TRANSITIONS, () => pipeTransitionRows(db, sweep.id), names),
    tableOf(IO_SIZES, () => ioSizeRows(db, sweep.id), undefined),
    tableOf(CONTEXT_SWITCHES, () => contextSwitchRows(db, sweep.id), undefined),
    tableOf(IO_LATENCIES, () => ioLatencyRows(db, sweep.id), undefined),
    tableOf(WARNINGS, () => warningRows(db, sweep.id), undefined),
  ];
}
