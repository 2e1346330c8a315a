import type { Db } from './open.ts';

/** Something that a sweep's spec or the defaults ask for and that the sweep does not have. */
export interface StoredMissing {
  readonly name: string;
  readonly reason: string;
}

export function setMissing(db: Db, sweepId: number, missing: readonly StoredMissing[]): void {
  db.transaction(() => {
    db.prepare('DELETE FROM sweep_missing WHERE sweep_id = ?').run(sweepId);
    const insert = db.prepare('INSERT INTO sweep_missing VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
    for (const { name, reason } of missing) insert.run(sweepId, name, reason);
  }).immediate();
}

export function missingOf(db: Db, sweepId: number): readonly StoredMissing[] {
  return db
    .prepare<[number], StoredMissing>(
      'SELECT name, reason FROM sweep_missing WHERE sweep_id = ? ORDER BY name',
    )
    .all(sweepId);
}
