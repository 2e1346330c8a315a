import type { Shard } from '../plan/shards.ts';
import type { Db } from './open.ts';

/**
 * Stores which shard of a new sweep is made here.
 * @param shardOf the shard that makes each cell, from 1, in the order of the matrix
 */
export function divideSweep(
  db: Db,
  sweepId: number,
  { number, of }: Shard,
  shardOf: readonly number[],
): void {
  db.prepare('UPDATE sweep SET shard = ?, shards = ? WHERE id = ?').run(number, of, sweepId);
  const give = db.prepare('UPDATE cell SET other_shard = ? WHERE sweep_id = ? AND number = ?');
  shardOf.forEach((shard, at) => {
    if (shard !== number) give.run(shard, sweepId, at + 1);
  });
}

/**
 * Lists the shards in a database; undefined stands for a sweep that is not divided. Sweeps that
 * were merged from other databases are left out, because they go on there.
 */
export function shardsIn(db: Db): readonly (Shard | undefined)[] {
  return db
    .prepare<[], { shard: number | null; shards: number | null }>(
      `SELECT DISTINCT shard, shards FROM sweep
       WHERE NOT EXISTS (SELECT 1 FROM sweep_origin WHERE sweep_id = sweep.id) ORDER BY shard`,
    )
    .all()
    .map(({ shard, shards }) =>
      shard === null || shards === null ? undefined : { number: shard, of: shards },
    );
}

/** The cells that other shards make: the shard of each, by the cell's number in the matrix. */
export function cellsElsewhere(db: Db, sweepId: number): ReadonlyMap<number, number> {
  const rows = db
    .prepare<[number], { number: number; shard: number }>(
      `SELECT number, other_shard AS shard FROM cell
       WHERE sweep_id = ? AND asked = 1 AND other_shard <> 0 ORDER BY number`,
    )
    .all(sweepId);
  return new Map(rows.map(({ number, shard }) => [number, shard]));
}

/** Whether a sweep has exactly these cells. @param keys of the cells, in any order */
export function hasCells(db: Db, sweepId: number, keys: readonly string[]): boolean {
  const stored = db
    .prepare<[number], string>('SELECT key FROM cell WHERE sweep_id = ? AND asked = 1')
    .pluck()
    .all(sweepId);
  const asked = new Set(keys);
  return stored.length === asked.size && stored.every((key) => asked.has(key));
}
