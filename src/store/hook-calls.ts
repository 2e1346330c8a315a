import type { HookCall } from '../execute/hook.ts';
import type { Db } from './open.ts';
import { timeText } from './time-text.ts';

/**
 * Returns a function that stores how the user's own commands around the runs ended.
 * @param host its name in the spec
 */
export function hookCallWriter(
  db: Db,
  sweepId: number,
  host: string,
): (call: HookCall, runId?: number) => void {
  const insert = db.prepare(
    `INSERT INTO hook_call (sweep_id, host, run_id, hook, command, started_at, wall_ns, exit_code,
       failure, output_tail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return ({ hook, words, startedAt, wallNs, exitCode, failure, outputTail }, runId) => {
    const place = [sweepId, host, runId ?? null, hook, JSON.stringify(words)];
    insert.run(...place, timeText(startedAt), wallNs, exitCode, failure ?? null, outputTail);
  };
}

/** A call that has failed, for a reader. */
export interface FailedHook {
  readonly host: string;
  readonly hook: string;
  readonly failure: string;
  readonly calls: number;
}

/** Counts how often the commands around the runs of a sweep have failed, by their reasons. */
export function failedHooks(db: Db, sweepId: number): readonly FailedHook[] {
  return db
    .prepare<[number], FailedHook>(
      `SELECT host, hook, failure, count(*) AS calls FROM hook_call
       WHERE sweep_id = ? AND failure IS NOT NULL
       GROUP BY host, hook, failure ORDER BY min(id)`,
    )
    .all(sweepId);
}
