import type { RunState } from '../execute/outcome.ts';
import type { Db } from './open.ts';

/** A stored run, as somebody who watches a sweep sees it. */
export interface LiveRun {
  readonly run_id: number;
  readonly cell: number;
  readonly trial: number;
  readonly warmup: number;
  readonly traced: number;
  readonly state: RunState;
  readonly reason: string | null;
  readonly environment_id: number;
  /** As the spec names it. */
  readonly host: string;
  readonly started_at: string;
  readonly wall_ns: number;
  /** Running time of the sweep when the run had ended; null where only `started_at` tells. */
  readonly active_ms: number | null;
}

// Only the new rows are read, by their primary key: for `+`, SQLite does not walk all runs of a cell.
const NEW = 'run.id > ? AND +run.cell_id = cell.id AND cell.sweep_id = ? AND cell.asked = 1';

/** Runs of a sweep that were stored after another one, in the order in which they were. */
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

/** Counted iterations of those that are completed and no warm-up; bytes per second. */
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
 * The last start of a sweep; 0 before there is any. Within one, runs are only added: repetitions of
 * interrupted ones and a changed spec come with the next.
 */
export function lastSession(db: Db, sweepId: number): number {
  const row = db
    .prepare<[number], { id: number | null }>(
      'SELECT max(id) AS id FROM environment WHERE sweep_id = ?',
    )
    .get(sweepId);
  return row?.id ?? 0;
}
