import type { Operation } from '../instruments/instrument.ts';
import { LET_IN, SELECTED, type Selection } from './cell-data.ts';
import type { Db } from './open.ts';

export interface CellTransition {
  readonly cell: number;
  readonly operation: Operation;
  readonly from_state: number;
  readonly to_state: number;
  readonly count: number;
}

/** Transitions between states at each end of the pipe, over all selected traced runs of a cell. */
export function cellTransitions(
  db: Db,
  sweepId: number,
  { suspect }: Selection,
): readonly CellTransition[] {
  return db
    .prepare<[number, number], CellTransition>(
      `SELECT cell, operation, from_state, to_state, sum(count) AS count
       FROM run_overview JOIN pipe_transition USING (run_id)
       WHERE sweep_id = ? AND ${SELECTED}
       GROUP BY cell, operation, from_state, to_state`,
    )
    .all(sweepId, Number(suspect));
}

export interface CellIoSize {
  readonly cell: number;
  readonly bytes: number;
  readonly count: number;
}

/**
 * Counts the reads by the bytes that they returned, without errors and ends of file, over all
 * selected runs of a cell.
 */
export function cellReadSizes(
  db: Db,
  sweepId: number,
  { suspect }: Selection,
): readonly CellIoSize[] {
  return db
    .prepare<[number, number], CellIoSize>(
      `SELECT cell, bytes, sum(count) AS count
       FROM run_overview JOIN io_size USING (run_id)
       WHERE sweep_id = ? AND operation = 'read' AND bytes > 0 AND ${SELECTED}
       GROUP BY cell, bytes`,
    )
    .all(sweepId, Number(suspect));
}

export interface OrderedSample {
  readonly run_id: number;
  readonly cell: number;
  /** The host's name in the spec. */
  readonly host: string;
  readonly warmup: number;
  readonly traced: number;
  readonly bandwidth: number;
}

/**
 * Returns the bandwidths of every run that has any, including warm-up trials, in the order in which
 * the runs were made. Iterations of one run follow each other, without its warm-up iteration.
 */
export function orderedSamples(
  db: Db,
  sweepId: number,
  { suspect }: Selection,
): IterableIterator<OrderedSample> {
  return db
    .prepare<[number, number], OrderedSample>(
      `SELECT run_id, cell, host, run_overview.warmup AS warmup, traced,
         bandwidth_bytes_per_s AS bandwidth
       FROM run_overview JOIN sample USING (run_id)
       WHERE sweep_id = ? AND sample.warmup = 0
         AND ${LET_IN}
       ORDER BY run_id, iteration`,
    )
    .iterate(sweepId, Number(suspect));
}

/** Start times of some runs by their ids; empty text if the time is not known. */
export function startTimes(db: Db, runs: readonly number[]): ReadonlyMap<number, string> {
  const rows = db
    .prepare<[string], [number, string]>(
      'SELECT id, started_at FROM run WHERE id IN (SELECT value FROM json_each(?))',
    )
    .raw()
    .all(JSON.stringify(runs));
  return new Map(rows);
}
