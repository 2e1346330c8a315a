import type { Db } from '../store/open.ts';
import type { SweepRow } from '../store/reader.ts';
import {
  contextSwitchRows,
  ioLatencyRows,
  ioSizeRows,
  pipeStateRows,
  pipeTransitionRows,
  type RunRow,
  runRows,
  sampleRows,
  syscallRows,
  warningRows,
} from '../store/run-rows.ts';
import { hex, OF_RUN, OPTIONAL, ofRun, type Table, table, type Value } from './table.ts';

/** One observation a row: the runs of a sweep, and what was counted in each. */
export function runTables(
  db: Db,
  sweep: SweepRow,
  names: (state: number) => string,
): readonly Table[] {
  return [
    table('runs', RUN_COLUMNS, () => runRows(db, sweep.id), runValues),
    table(
      'samples',
      [
        ...OF_RUN,
        'iteration',
        'warmup',
        'elapsed_ns',
        'bandwidth_bytes_per_s',
        'stime_ns',
        'utime_ns',
        'msgsnd',
        'msgrcv',
        'nvcsw',
        'nivcsw',
      ],
      () => sampleRows(db, sweep.id),
      (r) => [
        ...ofRun(r),
        r.iteration,
        r.warmup === 1,
        r.elapsed_ns,
        r.bandwidth_bytes_per_s,
        r.stime_ns,
        r.utime_ns,
        r.msgsnd,
        r.msgrcv,
        r.nvcsw,
        r.nivcsw,
      ],
    ),
    table(
      'syscalls',
      [...OF_RUN, 'role', 'syscall', 'count'],
      () => syscallRows(db, sweep.id),
      (r) => [...ofRun(r), r.role, r.syscall, r.count],
    ),
    table(
      'pipe_states',
      [...OF_RUN, 'role', 'operation', 'state', 'state_hex', 'state_names', 'count'],
      () => pipeStateRows(db, sweep.id),
      (r) => [...ofRun(r), r.role, r.operation, r.state, hex(r.state), names(r.state), r.count],
    ),
    table(
      'pipe_transitions',
      [
        ...OF_RUN,
        'role',
        'operation',
        'from_state',
        'to_state',
        'from_state_names',
        'to_state_names',
        'count',
      ],
      () => pipeTransitionRows(db, sweep.id),
      (r) => [
        ...ofRun(r),
        r.role,
        r.operation,
        r.from_state,
        r.to_state,
        names(r.from_state),
        names(r.to_state),
        r.count,
      ],
    ),
    table(
      'io_sizes',
      [...OF_RUN, 'role', 'operation', 'bytes', 'count'],
      () => ioSizeRows(db, sweep.id),
      (r) => [...ofRun(r), r.role, r.operation, r.bytes, r.count],
    ),
    table(
      'context_switches',
      [...OF_RUN, 'role', 'kind', 'count'],
      () => contextSwitchRows(db, sweep.id),
      (r) => [...ofRun(r), r.role, r.kind, r.count],
      OPTIONAL,
    ),
    table(
      'io_latencies',
      [...OF_RUN, 'role', 'operation', 'from_ns', 'count'],
      () => ioLatencyRows(db, sweep.id),
      (r) => [...ofRun(r), r.role, r.operation, r.from_ns, r.count],
      OPTIONAL,
    ),
    table(
      'warnings',
      [...OF_RUN, 'code', 'suspect', 'message'],
      () => warningRows(db, sweep.id),
      (r) => [...ofRun(r), r.code, r.suspect === 1, r.message],
    ),
  ];
}

const RUN_COLUMNS = [
  'run_id',
  'cell',
  'trial',
  'attempt',
  'state',
  'reason',
  'warmup',
  'traced',
  'ipc',
  'mode',
  'buffer_bytes',
  'total_bytes',
  'socket_buffers',
  'iterations',
  'bare',
  'exit_code',
  'signal',
  'wall_ns',
  'host',
  'tracer',
  'ordinal',
  'started_at',
  'started_at_utc',
] as const;

function runValues(r: RunRow): Value[] {
  return [
    r.run_id,
    r.cell,
    r.trial,
    r.attempt,
    r.state,
    r.reason,
    r.warmup === 1,
    r.traced === 1,
    r.ipc,
    r.mode,
    r.buffer_bytes,
    r.total_bytes,
    r.socket_buffers === 1,
    r.iterations,
    r.bare === 1,
    r.exit_code,
    r.signal,
    r.wall_ns,
    r.host,
    r.tracer,
    r.ordinal,
    r.started_at,
    spreadsheetTime(r.started_at),
  ];
}

/** ISO-8601 without the T and the Z, which spreadsheets take for a time. */
function spreadsheetTime(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}
