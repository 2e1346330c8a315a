import type { RunState } from '../execute/outcome.ts';
import type { CountRow, CountTable, Operation, Role } from '../instruments/instrument.ts';
import { rowMaker } from './named-rows.ts';
import type { Db } from './open.ts';
import { AXIS_COLUMNS, type CellRow } from './reader.ts';

/**
 * The columns with which every table about runs begins. `host` is where the run was made, by its
 * name in the spec.
 */
export interface OfRun extends Omit<CellRow, 'host_axis'> {
  readonly run_id: number;
  readonly trial: number;
  readonly attempt: number;
  readonly traced: number;
  readonly warmup: number;
  readonly state: RunState;
}

export interface RunRow extends OfRun {
  readonly reason: string | null;
  readonly iterations: number;
  readonly bare: number;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly wall_ns: number;
  /** The following five are null in runs of version 1. */
  readonly user_ns: number | null;
  readonly system_ns: number | null;
  readonly max_rss_bytes: number | null;
  readonly voluntary_switches: number | null;
  readonly involuntary_switches: number | null;
  /** The machine's own name. */
  readonly machine: string;
  readonly tracer: string;
  readonly started_at: string;
  readonly ordinal: number;
}

export interface SampleRow extends OfRun {
  readonly iteration: number;
  /** 1 for the first of several iterations. */
  readonly warmup_iteration: number;
  readonly elapsed_ns: number;
  readonly bandwidth_bytes_per_s: number;
  readonly stime_ns: number | null;
  readonly utime_ns: number | null;
  readonly msgsnd: number | null;
  readonly msgrcv: number | null;
  readonly nvcsw: number | null;
  readonly nivcsw: number | null;
}

export interface CounterOfRun extends OfRun {
  readonly iteration: number;
  /** 1 for the first of several iterations. */
  readonly warmup_iteration: number;
  readonly counter: string;
  readonly value: number;
}

/** A row of what an instrument counts, with its keys under the names that they have in tables. */
export type CountRowOfRun = OfRun & CountRow;

export interface PipeEventRow extends OfRun {
  readonly sequence: number;
  readonly at_ns: number;
  readonly role: Role;
  readonly operation: Operation;
  readonly pipe_state: number;
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
  /** Text of digits from 2^63 on. */
  readonly value: number | bigint | string;
  /** Separated by U+001F; null without keys. */
  readonly keys: string | null;
}

export interface WarningRow extends OfRun {
  readonly code: string;
  readonly message: string;
  readonly suspect: number;
}

/** The columns of the table run that every table about runs has. */
const OF_EVERY_RUN = ['trial', 'attempt', 'traced', 'warmup', 'state'] as const;
/** The columns of the table run that its runs do not share. */
const OWN_COLUMNS = [
  ...[...OF_EVERY_RUN, 'reason', 'exit_code', 'signal', 'wall_ns'],
  ...['user_ns', 'system_ns', 'max_rss_bytes', 'voluntary_switches', 'involuntary_switches'],
  ...['started_at', 'ordinal'],
] as const;
/** The host of a run is that of its environment. */
const AXES_OF_CELL = AXIS_COLUMNS.filter((column) => column !== 'host');
const CELL_COLUMNS = ['cell', ...AXES_OF_CELL, 'iterations', 'bare'] as const;
const ENVIRONMENT_COLUMNS = ['environment_id', 'host', 'machine'] as const;

/** Yields the runs in their planned order. @param which `bad`: only those not completed */
export function* runRows(
  db: Db,
  sweepId: number,
  which: 'all' | 'bad' = 'all',
): IterableIterator<RunRow> {
  const own = ['cell_id', 'run_environment', 'run_id', 'tracer', ...OWN_COLUMNS];
  const make = rowMaker<RunRow>(own, CELL_COLUMNS, ENVIRONMENT_COLUMNS);
  const { cells, environments } = sharedByRuns(db, sweepId);
  const rows = db
    .prepare<[number, number], [number, number, ...unknown[]]>(
      `SELECT cell_id, environment_id, run.id,
         iif(traced, (SELECT tracer FROM sweep WHERE id = ?), 'none'), ${OWN_COLUMNS.join(', ')}
       FROM run JOIN cell ON cell.id = cell_id
       WHERE sweep_id = ? AND asked = 1${which === 'bad' ? " AND state <> 'completed'" : ''}
       ORDER BY ordinal, attempt`,
    )
    .raw()
    .iterate(sweepId, sweepId);
  for (const row of rows) {
    const cell = cells.get(row[0]);
    const environment = environments.get(row[1]);
    // A damaged database may name an environment that it does not have.
    if (cell && environment) yield make(row, [cell, environment]);
  }
}

/**
 * Values that many runs share, by the ids that each run refers to, so that they are read only once:
 * those of {@link CELL_COLUMNS} and of {@link ENVIRONMENT_COLUMNS}.
 */
function sharedByRuns(db: Db, sweepId: number) {
  type Shared = ReadonlyMap<number, readonly unknown[]>;
  const byId = (sql: string, ...values: readonly number[]): Shared => {
    const rows = db
      .prepare<number[], [number, ...unknown[]]>(sql)
      .raw()
      .all(...values);
    return new Map(rows.map(([id, ...row]) => [id, row]));
  };
  return {
    cells: byId(
      `SELECT cell.id, cell.number, ${AXES_OF_CELL.join(', ')}, iterations, bare
       FROM cell JOIN sweep ON sweep.id = sweep_id WHERE sweep_id = ? AND asked = 1`,
      sweepId,
    ),
    environments: byId(
      `SELECT environment.id, environment.id, host_name, host.name
       FROM environment JOIN host ON host.id = host_id`,
    ),
  };
}

/**
 * Yields the rows of a table about runs in the order of its key, which begins with run_id. Rows are
 * read in the order of the file; the cell of each run is looked up alongside.
 * @param columns without run_id
 * @param options `exact`: integers are bigints where a number would round them
 */
export function* rowsOfRuns<Row>(
  db: Db,
  sweepId: number,
  table: string,
  columns: readonly string[],
  { key = columns, exact = false }: { key?: readonly string[]; exact?: boolean } = {},
): IterableIterator<Row> {
  const range = idRange(db, sweepId);
  const rows = db
    .prepare<[number, number], [number, ...unknown[]]>(
      `SELECT run_id, ${columns.join(', ')} FROM ${table}
       WHERE run_id BETWEEN ? AND ? ORDER BY run_id, ${key.join(', ')}`,
    )
    .raw()
    .safeIntegers(exact);
  const statement = db
    .prepare<[number, number], [number, number, number, ...unknown[]]>(
      `SELECT id, cell_id, environment_id, ${OF_EVERY_RUN.join(', ')} FROM run
       WHERE id BETWEEN ? AND ? ORDER BY id`,
    )
    .raw();
  const { cells, environments } = sharedByRuns(db, sweepId);
  const names = columns.map((column) => column.replace(/^.* AS /s, ''));
  const own = ['run_id', ...names];
  const ofRun = ['id', 'cell_id', 'run_environment', ...OF_EVERY_RUN];
  const make = rowMaker<Row>(own, ofRun, CELL_COLUMNS, ENVIRONMENT_COLUMNS);
  const runs = statement.iterate(...range);
  let runId = 0;
  let shared: readonly (readonly unknown[])[] | undefined;
  try {
    for (const read of rows.iterate(...range)) {
      const row = exact ? read.map(shortest) : read;
      const id = row[0] as number;
      while (runId < id) {
        const run = runs.next().value ?? [Number.MAX_SAFE_INTEGER, 0, 0];
        // Runs of other sweeps may lie between those of this one.
        const cell = cells.get(run[1]);
        const environment = environments.get(run[2]);
        runId = run[0];
        shared = cell && environment && [run, cell, environment];
      }
      if (shared && runId === id) yield make(row, shared);
    }
  } finally {
    runs.return?.();
  }
}

/** Returns a bigint only where a number would round it. */
function shortest(value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

/** Ids of the first and the last run of a sweep; runs of other sweeps may lie between them. */
function idRange(db: Db, sweepId: number): [number, number] {
  const found = db
    .prepare<[number], [number, number]>(
      'SELECT min(run.id), max(run.id) FROM cell JOIN run ON cell_id = cell.id WHERE sweep_id = ?',
    )
    .raw()
    .get(sweepId);
  return found ?? [0, 0];
}

export function sampleRows(db: Db, sweepId: number): IterableIterator<SampleRow> {
  const columns = [
    ...['iteration', 'warmup AS warmup_iteration', 'elapsed_ns', 'bandwidth_bytes_per_s'],
    ...['stime_ns', 'utime_ns', 'msgsnd', 'msgrcv', 'nvcsw', 'nivcsw'],
  ];
  return rowsOfRuns(db, sweepId, 'sample', columns, { key: ['iteration'] });
}

export function counterRows(db: Db, sweepId: number): IterableIterator<CounterOfRun> {
  const warmup = `(SELECT warmup FROM sample WHERE sample.run_id = sample_counter.run_id
    AND sample.iteration = sample_counter.iteration) AS warmup_iteration`;
  const columns = ['iteration', warmup, 'counter', 'value'];
  return rowsOfRuns(db, sweepId, 'sample_counter', columns, { key: ['iteration', 'counter'] });
}

/** Yields what an instrument counted in the runs of a sweep. */
export function countRows(
  db: Db,
  sweepId: number,
  { stored, keys }: CountTable,
): IterableIterator<CountRowOfRun> {
  const named = keys.map(({ name, exported }) => (exported ? `${name} AS ${exported}` : name));
  const key = ['role', ...keys.map(({ name }) => name)];
  return rowsOfRuns(db, sweepId, stored, ['role', ...named, 'count'], { key });
}

export function pipeEventRows(db: Db, sweepId: number): IterableIterator<PipeEventRow> {
  const columns = ['sequence', 'at_ns', 'role', 'operation', 'state AS pipe_state'];
  return rowsOfRuns(db, sweepId, 'pipe_event', columns, { key: ['sequence'] });
}

export function scriptEventRows(db: Db, sweepId: number): IterableIterator<ScriptEventRow> {
  const columns = ['script', 'sequence', 'probe', 'cpu', 'text'];
  return rowsOfRuns(db, sweepId, 'event', columns, { key: ['script', 'sequence'] });
}

export function aggregationRows(db: Db, sweepId: number): IterableIterator<AggregationRow> {
  // What a tracer prints cannot contain the unit separator.
  const keys = `(SELECT group_concat(key, char(31)) FROM (
    SELECT key FROM aggregation_key WHERE aggregation_id = aggregation.id ORDER BY position)) AS keys`;
  const columns = [
    ...['script', 'name', 'function', 'printing', 'bucket_from', 'bucket_to', 'value', keys],
  ];
  return rowsOfRuns(db, sweepId, 'aggregation', columns, { key: ['id'], exact: true });
}

/** The largest number of keys that a script's aggregation has in a sweep. */
export function mostKeys(db: Db, sweepId: number): number {
  const row = db
    .prepare<[number, number, number], { most: number | null }>(
      `SELECT max(position) AS most FROM aggregation
       JOIN aggregation_key ON aggregation_id = aggregation.id
       JOIN run ON run.id = run_id JOIN cell ON cell.id = cell_id
       WHERE run_id BETWEEN ? AND ? AND sweep_id = ? AND asked = 1`,
    )
    .get(...idRange(db, sweepId), sweepId);
  return row?.most ?? 0;
}

export function warningRows(db: Db, sweepId: number): IterableIterator<WarningRow> {
  const key = ['code', 'message'];
  return rowsOfRuns(db, sweepId, 'warning', [...key, 'suspect'], { key });
}
