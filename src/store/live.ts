import type { RunState } from '../execute/outcome.ts';
import type { Db } from './open.ts';

/** A stored run, as shown to somebody watching a sweep. */
export interface LiveRun {
  readonly run_id: number;
  readonly cell: number;
  readonly trial: number;
  readonly warmup: number;
  readonly traced: number;
  readonly state: RunState;
  readonly reason: string | null;
  readonly environment_id: number;
  /** The host's name in the spec. */
  readonly host: string;
  readonly started_at: string;
  readonly wall_ns: number;
  /** Running time of the sweep when the run ended; null if only `started_at` is known. */
  readonly active_ms: number | null;
}

// Reads only the new rows, by their primary key: the `+` keeps SQLite from walking all runs of a
// cell.
const NEW = 'run.id > ? AND +run.cell_id = cell.id AND cell.sweep_id = ? AND cell.asked = 1';

/** Runs of a sweep that were stored after a given one, in the order in which they were stored. */
export function runsAfter(db: Db, sweepId: number, runId: number): readonly LiveRun[] {
  return db
    .prepare<[number, number], LiveRun>(
      `SELECT run.id AS run_id, cell.number AS cell, run.trial, run.warmup, run.traced, run.state,
         run.reason, run.environment_id, environment.host_name AS host, run.started_at, run.wall_ns,
         run.active_ms
       FROM run JOIN cell JOIN environment ON environment.id = run.environment_id WHERE ${NEW} ORDER BY run.id`,
    )
    .all(runId, sweepId);
}

/**
 * Bandwidths in bytes per second of the counted iterations of those runs, without failed and
 * warm-up ones.
 */
export function bandwidthsAfter(
  db: Db,
  sweepId: number,
  runId: number,
): readonly { run_id: number; cell: number; traced: number; bandwidth: number }[] {
  return db
    .prepare<[number, number], { run_id: number; cell: number; traced: number; bandwidth: number }>(
      `SELECT run.id AS run_id, cell.number AS cell, run.traced,
         sample.bandwidth_bytes_per_s AS bandwidth
       FROM run JOIN cell JOIN sample ON sample.run_id = run.id
       WHERE ${NEW} AND run.state = 'completed' AND run.warmup = 0 AND sample.warmup = 0
       ORDER BY run.id, sample.iteration`,
    )
    .all(runId, sweepId);
}

/**
 * The last start of a sweep; 0 before there is any. Within one start, runs are only added:
 * interrupted runs are repeated, and the spec changes, only with the next one.
 */
export function lastSession(db: Db, sweepId: number): number {
  const row = db
    .prepare<[number], { id: number | null }>(
      'SELECT max(id) AS id FROM environment WHERE sweep_id = ?',
    )
    .get(sweepId);
  return row?.id ?? 0;
}
