import { runKey } from '../plan/identity.ts';
import type { Db } from './open.ts';
import { CELL_COLUMNS, type CellRow, cellOf } from './reader.ts';

/** Stored facts about the runs that a sweep's spec asks for, by their keys. */
export interface RunHistory {
  /** Runs that have ended, successfully or not; an interrupted one has not. */
  readonly ended: ReadonlySet<string>;
  /** The ended runs that have no completed attempt. */
  readonly failed: ReadonlySet<string>;
  /** The last attempt of each run that has ended. */
  readonly attempts: ReadonlyMap<string, number>;
}

export function runHistory(db: Db, sweepId: number): RunHistory {
  const rows = db
    .prepare<
      [number],
      { trial: number; traced: number; attempts: number; completed: number } & CellRow
    >(
      `SELECT run.trial, run.traced, max(run.attempt) AS attempts,
         max(run.state = 'completed') AS completed, ${CELL_COLUMNS}
       FROM run JOIN cell ON cell.id = run.cell_id JOIN sweep ON sweep.id = cell.sweep_id
       WHERE cell.sweep_id = ? AND cell.asked = 1 AND run.trial <= sweep.warmup + sweep.trials_max
         AND run.state <> 'interrupted'
       GROUP BY run.cell_id, run.trial, run.traced`,
    )
    .all(sweepId)
    .map((row) => ({
      key: runKey({ cell: cellOf(row), trial: row.trial, traced: row.traced === 1 }),
      ...row,
    }));
  return {
    ended: new Set(rows.map(({ key }) => key)),
    failed: new Set(rows.filter(({ completed }) => completed === 0).map(({ key }) => key)),
    attempts: new Map(rows.map(({ key, attempts }) => [key, attempts])),
  };
}
