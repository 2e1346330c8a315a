import type { Db } from './open.ts';

/** How long a sweep has been running, all its starts together. */
export interface ActiveTime {
  readonly ms: () => number;
  /** Stores it. */
  readonly note: () => void;
}

/**
 * Begins to count this start of a sweep.
 * @param nowMs a clock that nobody sets; that it stands still while the machine sleeps does no harm
 */
export function activeTime(db: Db, sweepId: number, nowMs: () => number): ActiveTime {
  const began = nowMs();
  const before = activeMs(db, sweepId);
  const update = db.prepare('UPDATE sweep SET active_ms = ? WHERE id = ?');
  const ms = () => before + (nowMs() - began);
  return { ms, note: () => update.run(Math.round(ms()), sweepId) };
}

/** As it was stored when the last run had ended. */
export function activeMs(db: Db, sweepId: number): number {
  const row = db
    .prepare<[number], { active_ms: number }>('SELECT active_ms FROM sweep WHERE id = ?')
    .get(sweepId);
  return row?.active_ms ?? 0;
}
