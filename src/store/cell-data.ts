import type { RunState } from '../execute/outcome.ts';
import type { PipeOperation } from '../trace/counts.ts';
import type { Db } from './open.ts';

/** Which runs go into summaries: completed ones, and suspect ones for whoever asks for them. */
export interface Selection {
  readonly suspect: boolean;
}

/** Warm-up trials never count. */
export const SELECTED =
  "run_overview.warmup = 0 AND run_overview.state IN ('completed', iif(?, 'suspect', 'completed'))";

interface BandwidthRow {
  readonly cell: number;
  readonly run_id: number;
  readonly traced: number;
  readonly bandwidth: number;
}

/** Bandwidths of the selected runs' iterations without the warm-up ones, as they were made. */
export function cellBandwidths(
  db: Db,
  sweepId: number,
  { suspect }: Selection,
): IterableIterator<BandwidthRow> {
  return db
    .prepare<[number, number], BandwidthRow>(
      `SELECT cell, run_id, traced, bandwidth_bytes_per_s AS bandwidth
       FROM run_overview JOIN sample USING (run_id)
       WHERE sweep_id = ? AND sample.warmup = 0 AND ${SELECTED}
       ORDER BY run_id, iteration`,
    )
    .iterate(sweepId, Number(suspect));
}

/** As {@link cellBandwidths}, of one cell's completed runs before a trial. */
export function bandwidthsBefore(
  db: Db,
  sweepId: number,
  cell: number,
  trial: number,
): readonly BandwidthRow[] {
  return db
    .prepare<[number, number, number], BandwidthRow>(
      `SELECT cell, run_id, traced, bandwidth_bytes_per_s AS bandwidth
       FROM run_overview JOIN sample USING (run_id)
       WHERE sweep_id = ? AND cell = ? AND trial < ? AND sample.warmup = 0
         AND run_overview.warmup = 0 AND run_overview.state = 'completed'
       ORDER BY run_id, iteration`,
    )
    .all(sweepId, cell, trial);
}

interface RunSyscall {
  readonly cell: number;
  readonly run_id: number;
  readonly role: string;
  readonly syscall: string;
  readonly count: number;
}

/** Calls of each selected traced run by role. */
export function runSyscalls(
  db: Db,
  sweepId: number,
  { suspect }: Selection,
): IterableIterator<RunSyscall> {
  return db
    .prepare<[number, number], RunSyscall>(
      `SELECT cell, run_id, role, syscall, count
       FROM run_overview JOIN syscall_count USING (run_id) WHERE sweep_id = ? AND ${SELECTED}`,
    )
    .iterate(sweepId, Number(suspect));
}

/** As {@link runSyscalls}, all at once. */
export function cellSyscalls(db: Db, sweepId: number, selection: Selection): readonly RunSyscall[] {
  return [...runSyscalls(db, sweepId, selection)];
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

/** Share of each operation of a selected traced run that found the pipe in a state, from 0 to 1. */
export function runStateShares(
  db: Db,
  sweepId: number,
  { suspect }: Selection,
): IterableIterator<RunStateShare> {
  return db
    .prepare<[number, number], RunStateShare>(
      `SELECT cell, run_id, operation, pipe_state.state AS state,
         1.0 * sum(count) / sum(sum(count)) OVER (PARTITION BY run_id, operation) AS value
       FROM run_overview JOIN pipe_state USING (run_id)
       WHERE sweep_id = ? AND ${SELECTED}
       GROUP BY cell, run_id, operation, pipe_state.state`,
    )
    .iterate(sweepId, Number(suspect));
}

interface RunStateShare {
  readonly cell: number;
  readonly run_id: number;
  readonly operation: PipeOperation;
  readonly state: number;
  readonly value: number;
}

/**
 * How many counted (not warm-up) runs of each cell ended in which state, and the last one's trial. Of
 * several attempts the one that completed stands for the run, otherwise the last that was not
 * interrupted.
 */
export function cellStateCounts(
  db: Db,
  sweepId: number,
): readonly { cell: number; state: RunState; count: number; last_trial: number }[] {
  return db
    .prepare<[number], { cell: number; state: RunState; count: number; last_trial: number }>(
      `SELECT cell, state, count(*) AS count, max(trial) AS last_trial FROM (
         SELECT cell, state, trial, row_number() OVER (
             PARTITION BY cell, trial, traced
             ORDER BY state = 'completed' DESC, state = 'interrupted', attempt DESC) AS place
         FROM run_overview WHERE sweep_id = ? AND warmup = 0)
       WHERE place = 1 GROUP BY cell, state`,
    )
    .all(sweepId);
}

/** Seconds that the runs of one trial of a cell have taken on average, as the runs say themselves. */
export function secondsPerTrial(db: Db, sweepId: number, cell: number): number {
  const row = db
    .prepare<[number, number], { seconds: number | null }>(
      `SELECT sum(wall_ns) / 1e9 / count(DISTINCT trial) AS seconds FROM run_overview
       WHERE sweep_id = ? AND cell = ?`,
    )
    .get(sweepId, cell);
  return row?.seconds ?? 0;
}

/** Seconds of all runs of a sweep together, without what lies between them. */
export function secondsInRuns(db: Db, sweepId: number): number {
  const row = db
    .prepare<[number], { seconds: number | null }>(
      `SELECT sum(wall_ns) / 1e9 AS seconds FROM run JOIN cell ON cell.id = cell_id
       WHERE sweep_id = ?`,
    )
    .get(sweepId);
  return row?.seconds ?? 0;
}

/** What the completed runs of a cell that are traced, or those that are not, take on average. */
export interface RunCost {
  readonly cell: number;
  readonly traced: number;
  readonly wall_ns: number;
  /** Of an iteration, as the benchmark says, without the first of several. */
  readonly elapsed_ns: number;
}

/** Warm-up trials are left out; a run whose duration is not known, as of an import, too. */
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
