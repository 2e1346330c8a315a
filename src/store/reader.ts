import { ExitCode, UserError } from '../errors.ts';
import type { RunState } from '../execute/outcome.ts';
import type { Operation, PipeOperation, Role } from '../trace/counts.ts';
import type { Db } from './open.ts';
import type { SweepState } from './sweep-writer.ts';

/** A stored sweep, as its row says it. Names are the columns' names. */
export interface SweepRow {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly spec_file: string;
  readonly seed: number;
  readonly run_order: string;
  readonly planned_runs: number;
  readonly tracer: string;
  readonly iterations: number;
  readonly bare: number;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly state: SweepState;
}

export interface CellRow {
  readonly cell: number;
  readonly ipc: string;
  readonly mode: string;
  readonly buffer_bytes: number;
  readonly total_bytes: number;
  readonly socket_buffers: number;
}

/** The columns that every table about runs begins with. */
interface OfRun {
  readonly run_id: number;
  readonly buffer_bytes: number;
  readonly total_bytes: number;
}

export interface RunRow extends OfRun, CellRow {
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
  readonly host: string;
  readonly tracer: string;
  readonly started_at: string;
  readonly ordinal: number;
}

export interface SampleRow extends OfRun {
  readonly iteration: number;
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
  readonly bucket_from: number | null;
  readonly bucket_to: number | null;
  readonly value: number;
  /** Divided by U+001F; null without keys. */
  readonly keys: string | null;
}

export interface WarningRow extends OfRun {
  readonly code: string;
  readonly message: string;
  readonly suspect: number;
}

/** The newest sweep first. */
export function listSweeps(db: Db): readonly SweepRow[] {
  return db.prepare<[], SweepRow>('SELECT * FROM sweep ORDER BY id DESC').all();
}

/**
 * @param which a sweep's id, its name (then the newest of that name), or undefined for the newest
 * @throws UserError when there is none
 */
export function chooseSweep(db: Db, which: string | undefined): SweepRow {
  const sweeps = listSweeps(db);
  const found =
    which === undefined
      ? sweeps[0]
      : (sweeps.find(({ id }) => String(id) === which) ??
        sweeps.find(({ name, id }) => name === which || `${name}-${id}` === which));
  if (found) return found;
  const known = sweeps.slice(0, 10).map(({ name, id }) => `${name}-${id}`);
  throw new UserError(
    which === undefined ? 'the database holds no sweep' : `the database holds no sweep ${which}`,
    {
      hint: known.length > 0 ? `it holds ${known.join(', ')}` : '`ipc-sweep run SPEC` makes one',
      exitCode: ExitCode.usage,
    },
  );
}

export function cellsOf(db: Db, sweepId: number): readonly CellRow[] {
  return db
    .prepare<[number], CellRow>(
      `SELECT number AS cell, ipc, mode, buffer_bytes, total_bytes, socket_buffers
       FROM cell WHERE sweep_id = ? AND asked = 1 ORDER BY number`,
    )
    .all(sweepId);
}

/** How many runs of a sweep ended in which state. */
export function stateCounts(db: Db, sweepId: number): ReadonlyMap<RunState, number> {
  const rows = db
    .prepare<[number], { state: RunState; count: number }>(
      'SELECT state, count(*) AS count FROM run_overview WHERE sweep_id = ? GROUP BY state',
    )
    .all(sweepId);
  return new Map(rows.map(({ state, count }) => [state, count]));
}

/** The last trial that a sweep's spec asks for; a spec that asked for more has left later ones. */
export const LAST_TRIAL = `(SELECT planned_runs / max(1, (
    SELECT count(*) FROM cell WHERE sweep_id = sweep.id AND asked = 1)) FROM sweep WHERE id = ?)`;

/** How many of the planned runs are decided: some attempt of them was not interrupted. */
export function runsDone(db: Db, sweepId: number): number {
  const row = db
    .prepare<[number, number], { count: number }>(
      `SELECT count(*) AS count FROM (SELECT DISTINCT cell, trial, traced FROM run_overview
         WHERE sweep_id = ? AND trial <= ${LAST_TRIAL} AND state <> 'interrupted')`,
    )
    .get(sweepId, sweepId);
  return row?.count ?? 0;
}

export function runRows(db: Db, sweepId: number): IterableIterator<RunRow> {
  return db
    .prepare<[number], RunRow>(
      'SELECT * FROM run_overview WHERE sweep_id = ? ORDER BY ordinal, attempt',
    )
    .iterate(sweepId);
}

function joined<Row>(db: Db, sweepId: number, table: string, columns: string, order: string) {
  return db
    .prepare<[number], Row>(
      `SELECT run_id, buffer_bytes, total_bytes, ${columns}
       FROM run_overview JOIN ${table} USING (run_id)
       WHERE sweep_id = ? ORDER BY run_id, ${order}`,
    )
    .iterate(sweepId);
}

export function sampleRows(db: Db, sweepId: number): IterableIterator<SampleRow> {
  const columns =
    'iteration, elapsed_ns, bandwidth_bytes_per_s, stime_ns, utime_ns, msgsnd, msgrcv, nvcsw, nivcsw';
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
  const columns = `script, name, function, bucket_from, bucket_to, value, (
    SELECT group_concat(key, char(31)) FROM (
      SELECT key FROM aggregation_key WHERE aggregation_id = aggregation.id ORDER BY position)
    ) AS keys`;
  return joined(db, sweepId, 'aggregation', columns, 'aggregation.id');
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

/** Names of the state bits as they were when the sweep was run. */
export function stateBits(db: Db, sweepId: number): readonly { bit: number; name: string }[] {
  return db
    .prepare<[number], { bit: number; name: string }>(
      'SELECT bit, name FROM pipe_state_bit WHERE sweep_id = ? ORDER BY bit',
    )
    .all(sweepId);
}

/** Which runs go into summaries: completed ones, and suspect ones for whoever asks for them. */
export interface Selection {
  readonly suspect: boolean;
}

/** Warm-up trials never count. */
const SELECTED =
  "warmup = 0 AND run_overview.state IN ('completed', iif(?, 'suspect', 'completed'))";

/** Bandwidths of the selected samples of each cell, by the cell's number. */
export function cellBandwidths(
  db: Db,
  sweepId: number,
  { suspect }: Selection,
): ReadonlyMap<number, readonly number[]> {
  const rows = db
    .prepare<[number, number], { cell: number; bandwidth: number }>(
      `SELECT cell, bandwidth_bytes_per_s AS bandwidth
       FROM run_overview JOIN sample USING (run_id) WHERE sweep_id = ? AND ${SELECTED}`,
    )
    .iterate(sweepId, Number(suspect));
  const byCell = new Map<number, number[]>();
  for (const { cell, bandwidth } of rows) {
    const list = byCell.get(cell);
    if (list) list.push(bandwidth);
    else byCell.set(cell, [bandwidth]);
  }
  return byCell;
}

/** Calls of each selected traced run, all roles together. */
export function cellSyscalls(
  db: Db,
  sweepId: number,
  { suspect }: Selection,
): readonly { cell: number; run_id: number; syscall: string; count: number }[] {
  return db
    .prepare<[number, number], { cell: number; run_id: number; syscall: string; count: number }>(
      `SELECT cell, run_id, syscall, sum(count) AS count
       FROM run_overview JOIN syscall_count USING (run_id)
       WHERE sweep_id = ? AND ${SELECTED}
       GROUP BY run_id, syscall`,
    )
    .all(sweepId, Number(suspect));
}

/** Pipe states of the selected traced runs of each cell, all runs together. */
export function cellPipeStates(
  db: Db,
  sweepId: number,
  { suspect }: Selection,
): readonly { cell: number; operation: PipeOperation; state: number; count: number }[] {
  return db
    .prepare<
      [number, number],
      { cell: number; operation: PipeOperation; state: number; count: number }
    >(
      `SELECT cell, operation, pipe_state.state AS state, sum(count) AS count
       FROM run_overview JOIN pipe_state USING (run_id)
       WHERE sweep_id = ? AND ${SELECTED}
       GROUP BY cell, operation, pipe_state.state`,
    )
    .all(sweepId, Number(suspect));
}

/** How many counted (not warm-up) runs of each cell ended in which state. */
export function cellStateCounts(
  db: Db,
  sweepId: number,
): readonly { cell: number; state: RunState; count: number }[] {
  return db
    .prepare<[number], { cell: number; state: RunState; count: number }>(
      `SELECT cell, state, count(*) AS count FROM run_overview
       WHERE sweep_id = ? AND warmup = 0 GROUP BY cell, state`,
    )
    .all(sweepId);
}
