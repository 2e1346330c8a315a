import type { Db } from './db.ts';

/** The order of the runs of an imported sweep. */
export const IMPORTED = 'imported';

/**
 * SQL that is 1 for a row of `sweep` whose stored runs are the iterations of processes
 * (`import-notebook --iterations-as-runs`). Among imports, only these have warm-up trials: the
 * first iteration of each process.
 */
export const ITERATIONS_AS_RUNS = `(run_order = '${IMPORTED}' AND EXISTS (
  SELECT 1 FROM run JOIN cell ON cell.id = cell_id WHERE sweep_id = sweep.id AND run.warmup = 1))`;

export function hasIterationsAsRuns(db: Db, sweepId: number): boolean {
  return (
    db
      .prepare<[number], number>(`SELECT ${ITERATIONS_AS_RUNS} FROM sweep WHERE id = ?`)
      .pluck()
      .get(sweepId) === 1
  );
}
