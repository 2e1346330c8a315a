import { type Shard, shardName } from '../plan/shards.ts';
import type { Db } from '../store/open.ts';
import { cellsOf, type SweepRow } from '../store/reader.ts';
import { cellsElsewhere } from '../store/sweep-shards.ts';
import { countAndNoun } from './count-and-noun.ts';

/** Says what the database of one shard of a sweep holds, and what it does not. */
export function shardLine({
  shard,
  cells,
  others,
}: {
  readonly shard: Shard;
  readonly cells: number;
  readonly others: number;
}): string {
  return `shard ${shardName(shard)}: ${countAndNoun(cells, 'cell')} here; ${countAndNoun(others, 'cell')} in the databases of the other shards`;
}

/** Works like {@link shardLine}, for a stored sweep; no line if it is not divided. */
export function shardLines(db: Db, { id, shard, shards }: SweepRow): readonly string[] {
  if (shard === null || shards === null) return [];
  const others = cellsElsewhere(db, id).size;
  return [
    shardLine({ shard: { number: shard, of: shards }, cells: cellsOf(db, id).length, others }),
  ];
}
