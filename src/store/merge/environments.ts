import type { Db } from '../db.ts';
import type { Merge } from './merge.ts';
import { type OwnedTable, tableNamed } from './owned-tables.ts';
import type { Row } from './row-copier.ts';

/** An environment of a sweep, and where it was captured. */
export interface StoredPlace {
  readonly id: bigint;
  /** The host's name in its sweep. */
  readonly hostName: string;
  /** The machine's own name. */
  readonly machine: string;
  readonly hostId: bigint;
  readonly capturedAt: string;
  /** Null in the database in which it was captured. */
  readonly originId: bigint | null;
  /** Its id in the database in which it was captured. */
  readonly originalId: bigint;
}

export function placesOf(db: Db, sweepId: number): readonly StoredPlace[] {
  return db
    .prepare<[number], StoredPlace>(
      `SELECT environment.id, host_name AS hostName, host.name AS machine, host.id AS hostId,
         captured_at AS capturedAt, origin_id AS originId,
         coalesce(original_id, environment.id) AS originalId
       FROM environment JOIN host ON host.id = host_id
       LEFT JOIN environment_origin ON environment_id = environment.id
       WHERE sweep_id = ? ORDER BY environment.id`,
    )
    .safeIntegers()
    .all(sweepId);
}

/** The id of an origin in the output, by its id in the input; undefined for the input itself. */
export type OriginIds = ReadonlyMap<number | undefined, number>;

/**
 * Finds which environments of a sweep are in the output already.
 * @returns by the id of each in the input, that in the output
 */
export function knownEnvironments(
  { input, output }: Merge,
  from: number,
  to: number,
  originIds: OriginIds,
): ReadonlyMap<bigint, StoredPlace> {
  const keyOf = (originId: number | undefined, place: StoredPlace) =>
    JSON.stringify([originId, Number(place.originalId), place.capturedAt, place.machine]);
  const there = new Map(
    placesOf(output, to).map((place) => [keyOf(Number(place.originId), place), place]),
  );
  return new Map(
    placesOf(input, from).flatMap((place) => {
      const known = there.get(keyOf(originIds.get(originOf(place)), place));
      return known ? [[place.id, known] as const] : [];
    }),
  );
}

function originOf({ originId }: StoredPlace): number | undefined {
  return originId === null ? undefined : Number(originId);
}

export function takeEnvironments(
  merge: Merge,
  from: number,
  to: number,
  originIds: OriginIds,
  known: ReadonlyMap<bigint, StoredPlace>,
): void {
  const { input, output, copier, tables, newIds } = merge;
  const table = tableNamed(tables, 'environment');
  const hostId = output
    .prepare<[string], bigint>('SELECT id FROM host WHERE name = ?')
    .pluck()
    .safeIntegers();
  const addHost = output.prepare('INSERT INTO host (name) VALUES (?) ON CONFLICT DO NOTHING');
  const addOrigin = output.prepare('INSERT INTO environment_origin VALUES (?, ?, ?)');
  const rowOf = input
    .prepare<[bigint], Row>('SELECT * FROM environment WHERE id = ?')
    .safeIntegers();
  for (const place of placesOf(input, from)) {
    const there = known.get(place.id)?.id;
    if (there !== undefined) {
      newIds.environment.set(place.id, there);
      copier.addOwned(partsOf(table), place.id, there);
      continue;
    }
    addHost.run(place.machine);
    newIds.host.set(place.hostId, hostId.get(place.machine)!);
    const id = copier.insert(table, rowOf.get(place.id)!, BigInt(to));
    newIds.environment.set(place.id, id);
    copier.copyOwned(partsOf(table), place.id, id);
    addOrigin.run(id, originIds.get(originOf(place)), place.originalId);
  }
}

/** The tables of an environment's parts. Its origin is stored with other ids. */
function partsOf({ owned }: OwnedTable): readonly OwnedTable[] {
  return owned.filter(({ name }) => name !== 'environment_origin');
}
