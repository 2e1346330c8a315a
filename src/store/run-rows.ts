import type { Statement } from 'better-sqlite3';
import type { RunState } from '../execute/outcome.ts';
import type { Operation, PipeOperation, Role } from '../trace/counts.ts';
import type { Db } from './open.ts';
import type { CellRow } from './reader.ts';

/** The columns that every table about runs begins with. */
export interface OfRun {
  readonly run_id: number;
  readonly buffer_bytes: number;
  readonly total_bytes: number;
  /** As the spec names it; empty: not known, as of an import. */
  readonly host: string;
  /** Of several benchmarks the one that made the run; else empty. */
  readonly program: string;
}

export interface RunRow extends OfRun, Omit<CellRow, 'host_axis'> {
  readonly trial: number;
  readonly attempt: number;
  readonly warmup: number;
  readonly state: RunState;
  readonly reason: string | null;
  readonly traced: number;
  readonly iterations: number;
  readonly bare: number;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly wall_ns: number;
  /** These five are null in runs of version 1. */
  readonly user_ns: number | null;
  readonly system_ns: number | null;
  readonly max_rss_bytes: number | null;
  readonly voluntary_switches: number | null;
  readonly involuntary_switches: number | null;
  /** As it names itself. */
  readonly machine: string;
  readonly tracer: string;
  readonly started_at: string;
  readonly ordinal: number;
}

export interface SampleRow extends OfRun {
  readonly iteration: number;
  readonly warmup: number;
  readonly elapsed_ns: number;
  readonly bandwidth_bytes_per_s: number;
  readonly stime_ns: number | null;
  readonly utime_ns: number | null;
  readonly msgsnd: number | null;
  readonly msgrcv: number | null;
  readonly nvcsw: number | null;
  readonly nivcsw: number | null;
}

export interface SyscallRow extends OfRun {
  readonly role: Role;
  readonly syscall: string;
  readonly count: number;
}

export interface PipeStateRow extends OfRun {
  readonly role: Role;
  readonly operation: PipeOperation;
  readonly state: number;
  readonly count: number;
}

export interface PipeTransitionRow extends OfRun {
  readonly role: Role;
  readonly operation: Operation;
  readonly from_state: number;
  readonly to_state: number;
  readonly count: number;
}

export interface IoSizeRow extends OfRun {
  readonly role: Role;
  readonly operation: Operation;
  readonly bytes: number;
  readonly count: number;
}

export interface ContextSwitchRow extends OfRun {
  readonly role: Role;
  readonly kind: 'voluntary' | 'involuntary';
  readonly count: number;
}

export interface IoLatencyRow extends OfRun {
  readonly role: Role;
  readonly operation: Operation;
  readonly from_ns: number;
  readonly count: number;
}

export interface PipeEventRow extends OfRun {
  readonly sequence: number;
  readonly at_ns: number;
  readonly role: Role;
  readonly operation: Operation;
  readonly state: number;
}

export interface ScriptEventRow extends OfRun {
  readonly script: string;
  readonly sequence: number;
  readonly probe: string;
  readonly cpu: number | null;
  readonly text: string;
}

export interface AggregationRow extends OfRun {
  readonly script: string;
  readonly name: string;
  readonly function: string;
  /** Null in runs of version 1. */
  readonly printing: number | null;
  readonly bucket_from: number | bigint | null;
  readonly bucket_to: number | bigint | null;
  /** Digits from 2^63 on. */
  readonly value: number | bigint | string;
  /** Divided by U+001F; null without keys. */
  readonly keys: string | null;
}

export interface WarningRow extends OfRun {
  readonly code: string;
  readonly message: string;
  readonly suspect: number;
}

export function runRows(db: Db, sweepId: number): IterableIterator<RunRow> {
  return db
    .prepare<[number], RunRow>(
      'SELECT * FROM run_overview WHERE sweep_id = ? ORDER BY ordinal, attempt',
    )
    .iterate(sweepId);
}

function joined<Row>(db: Db, sweepId: number, table: string, columns: string, order: string) {
  return rowsOf<Row>(db, table, columns, order).iterate(sweepId);
}

function rowsOf<Row>(db: Db, table: string, columns: string, order: string) {
  return db.prepare<[number], Row>(
    `SELECT run_id, buffer_bytes, total_bytes, host, program, ${columns}
     FROM run_overview JOIN ${table} USING (run_id)
     WHERE sweep_id = ? ORDER BY run_id, ${order}`,
  );
}

export function sampleRows(db: Db, sweepId: number): IterableIterator<SampleRow> {
  const columns =
    'iteration, sample.warmup AS warmup, elapsed_ns, bandwidth_bytes_per_s, stime_ns, utime_ns, msgsnd, msgrcv, nvcsw, nivcsw';
  return joined(db, sweepId, 'sample', columns, 'iteration');
}

export function syscallRows(db: Db, sweepId: number): IterableIterator<SyscallRow> {
  return joined(db, sweepId, 'syscall_count', 'role, syscall, count', 'role, syscall');
}

export function pipeStateRows(db: Db, sweepId: number): IterableIterator<PipeStateRow> {
  const columns = 'role, operation, pipe_state.state AS state, count';
  return joined(db, sweepId, 'pipe_state', columns, 'role, operation, pipe_state.state');
}

export function pipeTransitionRows(db: Db, sweepId: number): IterableIterator<PipeTransitionRow> {
  const order = 'role, operation, from_state, to_state';
  return joined(db, sweepId, 'pipe_transition', `${order}, count`, order);
}

export function ioSizeRows(db: Db, sweepId: number): IterableIterator<IoSizeRow> {
  return joined(db, sweepId, 'io_size', 'role, operation, bytes, count', 'role, operation, bytes');
}

export function contextSwitchRows(db: Db, sweepId: number): IterableIterator<ContextSwitchRow> {
  return joined(db, sweepId, 'context_switch', 'role, kind, count', 'role, kind');
}

export function ioLatencyRows(db: Db, sweepId: number): IterableIterator<IoLatencyRow> {
  const order = 'role, operation, from_ns';
  return joined(db, sweepId, 'io_latency', `${order}, count`, order);
}

export function pipeEventRows(db: Db, sweepId: number): IterableIterator<PipeEventRow> {
  const columns = 'sequence, at_ns, role, operation, pipe_event.state AS state';
  return joined(db, sweepId, 'pipe_event', columns, 'sequence');
}

export function scriptEventRows(db: Db, sweepId: number): IterableIterator<ScriptEventRow> {
  const columns = 'script, sequence, probe, cpu, text';
  return joined(db, sweepId, 'event', columns, 'script, sequence');
}

export function aggregationRows(db: Db, sweepId: number): IterableIterator<AggregationRow> {
  // The unit separator cannot stand in what a tracer prints.
  const columns = `script, name, function, printing, bucket_from, bucket_to, value, (
    SELECT group_concat(key, char(31)) FROM (
      SELECT key FROM aggregation_key WHERE aggregation_id = aggregation.id ORDER BY position)
    ) AS keys`;
  return exactly(rowsOf<AggregationRow>(db, 'aggregation', columns, 'aggregation.id'), sweepId);
}

/** Rows whose integers are bigints where numbers would round them. */
function* exactly<Row>(query: Statement<[number], Row>, sweepId: number): IterableIterator<Row> {
  for (const row of query.safeIntegers().iterate(sweepId)) {
    for (const [name, value] of Object.entries(row as object)) {
      if (typeof value !== 'bigint') continue;
      const near = Number(value);
      if (Number.isSafeInteger(near)) Object.assign(row as object, { [name]: near });
    }
    yield row;
  }
}

/** The largest number of keys that a script's aggregation has in a sweep. */
export function mostKeys(db: Db, sweepId: number): number {
  const row = db
    .prepare<[number], { most: number | null }>(
      `SELECT max(position) AS most FROM aggregation_key
       JOIN aggregation ON aggregation.id = aggregation_id
       JOIN run_overview USING (run_id) WHERE sweep_id = ?`,
    )
    .get(sweepId);
  return row?.most ?? 0;
}

export function warningRows(db: Db, sweepId: number): IterableIterator<WarningRow> {
  return joined(db, sweepId, 'warning', 'code, message, suspect', 'code, message');
}
