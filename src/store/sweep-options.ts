import type { GivenOption } from '../experiment/given-options.ts';
import type { Db } from './open.ts';

/** Replaces the options with which a sweep was last run; they have changed its spec. */
export function setOptions(db: Db, sweepId: number, options: readonly GivenOption[]): void {
  db.transaction(() => {
    db.prepare('DELETE FROM sweep_option WHERE sweep_id = ?').run(sweepId);
    const insert = db.prepare('INSERT INTO sweep_option VALUES (?, ?, ?, ?)');
    options.forEach(({ option, value }, at) => {
      insert.run(sweepId, at + 1, option, value);
    });
  }).immediate();
}

/** The options with which a sweep was last run and that have changed its spec, in order. */
export function optionsOf(db: Db, sweepId: number): readonly GivenOption[] {
  return db
    .prepare<[number], GivenOption>(
      'SELECT option, value FROM sweep_option WHERE sweep_id = ? ORDER BY position',
    )
    .all(sweepId);
}
