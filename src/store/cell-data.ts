import type { RunState } from '../execute/outcome.ts';
import type { CountTable, PipeOperation } from '../instruments/instrument.ts';
import type { Db } from './open.ts';

/** The runs that go into summaries: completed ones, and suspect ones if asked for. */
export interface Selection {
  readonly suspect: boolean;
}

/**
 * Each run counts once, by one of its attempts: the completed one if there is one, otherwise the
 * last that was not interrupted.
 */
export const STANDS_FIRST = "state = 'completed' DESC, state = 'interrupted', attempt DESC";

/** The attempts that stand for their runs: completed ones, and also suspect ones if `?` is 1. */
export const LET_IN = `(run_overview.state = 'completed'
  OR run_overview.state = 'suspect' AND ? AND run_overview.run_id = (
    SELECT id FROM run
    WHERE (cell_id, trial, traced) = (
      SELECT cell_id, trial, traced FROM run WHERE id = run_overview.run_id)
    ORDER BY ${STANDS_FIRST} LIMIT 1))`;

/** Warm-up trials never count. */
export const SELECTED = `run_overview.warmup = 0 AND ${LET_IN}`;

/** The runs of the cell whose id is bound to the first `?`. */
const OF_CELL = 'run_overview.run_id IN (SELECT id FROM run WHERE cell_id = ?)';

/**
 * Yields the rows of each requested cell, in the order of the matrix. Only the rows of one cell are
 * in memory at a time, however many runs a sweep has.
 * @param sql a query about the runs {@link OF_CELL}
 */
function* cellByCell<Row>(
  db: Db,
  sweepId: number,
  sql: string,
  ...values: readonly unknown[]
): IterableIterator<Row> {
  const ids = db
    .prepare<[number], number>(
      'SELECT id FROM cell WHERE sweep_id = ? AND asked = 1 ORDER BY number',
    )
    .pluck()
    .all(sweepId);
  const statement = db.prepare<unknown[], Row>(sql);
  for (const id of ids) yield* statement.all(id, ...values);
}

/** A counted iteration of a counted run; bandwidth in bytes per second. */
export interface BandwidthRow {
  readonly cell: number;
  readonly run_id: number;
  readonly trial: number;
  readonly traced: number;
  readonly bandwidth: number;
}

/**
 * Returns the bandwidths of the selected runs' iterations, without the warm-up ones: one cell after
 * the other, and within a cell in the order in which the runs were made.
 */
export function cellBandwidths(
  db: Db,
  sweepId: number,
  { suspect }: Selection,
): IterableIterator<BandwidthRow> {
  return cellByCell(
    db,
    sweepId,
    `SELECT cell, run_id, trial, traced, bandwidth_bytes_per_s AS bandwidth
     FROM run_overview JOIN sample USING (run_id)
     WHERE ${OF_CELL} AND sample.warmup = 0 AND ${SELECTED}
     ORDER BY run_id, iteration`,
    Number(suspect),
  );
}

/** Works like {@link cellBandwidths}, but for one cell's completed runs before a trial only. */
export function bandwidthsBefore(
  db: Db,
  sweepId: number,
  cell: number,
  trial: number,
): readonly BandwidthRow[] {
  return db
    .prepare<[number, number, number], BandwidthRow>(
      `SELECT cell, run_id, trial, traced, bandwidth_bytes_per_s AS bandwidth
       FROM run_overview JOIN sample USING (run_id)
       WHERE sweep_id = ? AND cell = ? AND trial < ? AND sample.warmup = 0
         AND run_overview.warmup = 0 AND run_overview.state = 'completed'
       ORDER BY run_id, iteration`,
    )
    .all(sweepId, cell, trial);
}

/** A counter of a counted iteration of a counted run. */
export interface CounterRow {
  readonly cell: number;
  readonly run_id: number;
  readonly traced: number;
  readonly iteration: number;
  readonly elapsed_ns: number;
  readonly counter: string;
  readonly value: number;
}

/**
 * The counters of the selected runs, without those of warm-up iterations: cell by cell, run by run,
 * and iteration by iteration.
 */
export function cellCounters(
  db: Db,
  sweepId: number,
  { suspect }: Selection,
): IterableIterator<CounterRow> {
  return cellByCell(
    db,
    sweepId,
    `SELECT cell, run_id, traced, iteration, elapsed_ns, counter, value
     FROM run_overview JOIN sample USING (run_id) JOIN sample_counter USING (run_id, iteration)
     WHERE ${OF_CELL} AND sample.warmup = 0 AND ${SELECTED}
     ORDER BY run_id, iteration, counter`,
    Number(suspect),
  );
}

/** A row of what an instrument counted in one run. */
export interface CountOfRun {
  readonly cell: number;
  readonly run_id: number;
  readonly role: string;
  /** The values of the table's keys, in their order. */
  readonly keys: readonly (string | number)[];
  readonly count: number;
}

/** An instrument's counts of each selected traced run: cell by cell, and run by run within a cell. */
export function* runCounts(
  db: Db,
  sweepId: number,
  { stored, keys }: CountTable,
  { suspect }: Selection,
): IterableIterator<CountOfRun> {
  const names = keys.map(({ name }, at) => `${stored}.${name} AS key_${at}`);
  const rows = cellByCell<Omit<CountOfRun, 'keys'> & Record<string, string | number>>(
    db,
    sweepId,
    `SELECT cell, run_id, role, ${names.join(', ')}, count
     FROM run_overview JOIN ${stored} USING (run_id)
     WHERE ${OF_CELL} AND ${SELECTED} ORDER BY run_id`,
    Number(suspect),
  );
  for (const row of rows) {
    const { cell, run_id, role, count } = row;
    yield { cell, run_id, role, keys: keys.map((_, at) => row[`key_${at}`]!), count };
  }
}

interface RunSyscall {
  readonly cell: number;
  readonly run_id: number;
  readonly role: string;
  readonly syscall: string;
  readonly count: number;
}

/** Calls of each selected traced run by role: cell by cell, and run by run within a cell. */
export function runSyscalls(
  db: Db,
  sweepId: number,
  { suspect }: Selection,
): IterableIterator<RunSyscall> {
  return cellByCell(
    db,
    sweepId,
    `SELECT cell, run_id, role, syscall, count
     FROM run_overview JOIN syscall_count USING (run_id)
     WHERE ${OF_CELL} AND ${SELECTED} ORDER BY run_id`,
    Number(suspect),
  );
}

/** Time that the pipes of a cell's runs spent between looks at them. */
export interface DwellRow {
  readonly cell: number;
  /** The result of the first of two looks. */
  readonly state: number;
  /** The result of the second look. */
  readonly next_state: number;
  readonly ns: number;
}

/** How long the pipes of the selected traced runs of each cell were in each state, in all. */
export function cellPipeDwell(
  db: Db,
  sweepId: number,
  { suspect }: Selection,
): readonly DwellRow[] {
  return db
    .prepare<[number, number], DwellRow>(
      `SELECT cell, pipe_dwell.state AS state, next_state, sum(count) AS ns
       FROM run_overview JOIN pipe_dwell USING (run_id)
       WHERE sweep_id = ? AND ${SELECTED}
       GROUP BY cell, pipe_dwell.state, next_state`,
    )
    .all(sweepId, Number(suspect));
}

/** Pipe states of the selected traced runs of each cell, added up over all its runs. */
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

/**
 * Share of each operation of a selected traced run that found the pipe in a state, from 0 to 1,
 * cell by cell.
 */
export function runStateShares(
  db: Db,
  sweepId: number,
  { suspect }: Selection,
): IterableIterator<RunStateShare> {
  return cellByCell(
    db,
    sweepId,
    `SELECT cell, run_id, operation, pipe_state.state AS state,
       1.0 * sum(count) / sum(sum(count)) OVER (PARTITION BY run_id, operation) AS value
     FROM run_overview JOIN pipe_state USING (run_id)
     WHERE ${OF_CELL} AND ${SELECTED}
     GROUP BY cell, run_id, operation, pipe_state.state`,
    Number(suspect),
  );
}

interface RunStateShare {
  readonly cell: number;
  readonly run_id: number;
  readonly operation: PipeOperation;
  readonly state: number;
  readonly value: number;
}

/**
 * Counts how many runs of each cell (without warm-up) ended in which state, and gives the trial of
 * the last one. Only the attempts that stand for the runs are counted.
 */
export function cellStateCounts(
  db: Db,
  sweepId: number,
): readonly { cell: number; state: RunState; count: number; last_trial: number }[] {
  return db
    .prepare<[number], { cell: number; state: RunState; count: number; last_trial: number }>(
      `SELECT cell, state, count(*) AS count, max(trial) AS last_trial FROM (
         SELECT cell, state, trial, row_number() OVER (
             PARTITION BY cell, trial, traced ORDER BY ${STANDS_FIRST}) AS place
         FROM run_overview WHERE sweep_id = ? AND warmup = 0)
       WHERE place = 1 GROUP BY cell, state`,
    )
    .all(sweepId);
}

/** Average time in seconds that the runs of one trial of a cell took, as recorded for each run. */
export function secondsPerTrial(db: Db, sweepId: number, cell: number): number {
  const row = db
    .prepare<[number, number], { seconds: number | null }>(
      `SELECT sum(wall_ns) / 1e9 / count(DISTINCT trial) AS seconds FROM run_overview
       WHERE sweep_id = ? AND cell = ?`,
    )
    .get(sweepId, cell);
  return row?.seconds ?? 0;
}

/** Total time in seconds of all runs of a sweep, without the time between them. */
export function secondsInRuns(db: Db, sweepId: number): number {
  const row = db
    .prepare<[number], { seconds: number | null }>(
      `SELECT sum(wall_ns) / 1e9 AS seconds FROM run JOIN cell ON cell.id = cell_id
       WHERE sweep_id = ?`,
    )
    .get(sweepId);
  return row?.seconds ?? 0;
}

/** The average cost of a cell's completed runs, either the traced or the untraced ones. */
export interface RunCost {
  readonly cell: number;
  readonly traced: number;
  readonly wall_ns: number;
  /** Time of one iteration as reported by the benchmark, leaving out the first of several. */
  readonly elapsed_ns: number;
}

/** Leaves out warm-up trials, and runs whose duration is not known, such as imported ones. */
export function runCosts(db: Db, sweepId: number): readonly RunCost[] {
  return db
    .prepare<[number], RunCost>(
      `SELECT cell, traced, avg(wall_ns) AS wall_ns, avg(elapsed_ns) AS elapsed_ns FROM (
         SELECT cell, traced, wall_ns, avg(elapsed_ns) AS elapsed_ns
         FROM run_overview JOIN sample USING (run_id)
         WHERE sweep_id = ? AND sample.warmup = 0 AND run_overview.warmup = 0
           AND run_overview.state = 'completed' AND wall_ns > 0
         GROUP BY run_id)
       GROUP BY cell, traced`,
    )
    .all(sweepId);
}
