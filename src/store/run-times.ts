import type { RunTimes } from '../plan/time-left.ts';
import type { Db } from './open.ts';

interface Row {
  readonly host: string;
  readonly cell: string;
  readonly traced: number;
  readonly changed: number;
  readonly attempts: number;
  readonly retries: number;
  readonly seconds: number;
  readonly known: number;
  readonly overhead: number;
}

/**
 * How long the stored runs of a sweep took, over all its starts, by the host's name in the spec.
 * The time between two runs is known if both were made during one visit to their host.
 */
export function runTimes(db: Db, sweepId: number): ReadonlyMap<string, readonly RunTimes[]> {
  const rows = db
    .prepare<[number], Row>(
      `SELECT host, cell, traced, changed, count(*) AS attempts, coalesce(sum(retry), 0) AS retries,
         sum(wall_ns) / 1e9 AS seconds, count(between_ms) AS known,
         coalesce(sum(between_ms - wall_ns / 1e6), 0) / 1e3 AS overhead
       FROM (
         SELECT environment.host_name AS host, cell.key AS cell, run.traced, run.wall_ns,
           lag(run.traced, 1, 0) OVER visit <> run.traced AS changed,
           lag(run.cell_id) OVER visit = run.cell_id AND lag(run.trial) OVER visit = run.trial
             AND lag(run.traced) OVER visit = run.traced AS retry,
           run.active_ms - lag(run.active_ms) OVER visit AS between_ms
         FROM run JOIN cell ON cell.id = run.cell_id
         JOIN environment ON environment.id = run.environment_id
         WHERE cell.sweep_id = ? AND run.state <> 'interrupted'
         WINDOW visit AS (PARTITION BY run.environment_id ORDER BY run.id))
       GROUP BY host, cell, traced, changed`,
    )
    .all(sweepId);
  const times = new Map<string, RunTimes[]>();
  for (const { host, overhead, traced, changed, ...row } of rows) {
    const own = times.get(host) ?? [];
    times.set(host, own);
    own.push({
      ...row,
      ...{ traced: traced === 1, changed: changed === 1 },
      overheadSeconds: Math.max(0, overhead),
    });
  }
  return times;
}
