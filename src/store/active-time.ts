import type { Db } from './open.ts';

/** How long a sweep has been running, added up over all its starts. */
export interface ActiveTime {
  readonly ms: () => number;
  /** Stores the time that has passed so far. */
  readonly note: () => void;
}

/**
 * Starts counting the time of this start of a sweep.
 * @param nowMs a monotonic clock; it does no harm if it stands still while the machine sleeps
 */
export function activeTime(db: Db, sweepId: number, nowMs: () => number): ActiveTime {
  const began = nowMs();
  const before = activeMs(db, sweepId);
  const update = db.prepare('UPDATE sweep SET active_ms = ? WHERE id = ?');
  const ms = () => before + (nowMs() - began);
  return { ms, note: () => update.run(Math.round(ms()), sweepId) };
}

/** The running time that was stored when the last run ended. */
export function activeMs(db: Db, sweepId: number): number {
  const row = db
    .prepare<[number], { active_ms: number }>('SELECT active_ms FROM sweep WHERE id = ?')
    .get(sweepId);
  return row?.active_ms ?? 0;
}
