import type { Db } from '../db.ts';
import { allOrigins, namesOfOrigin, type SweepOrigin, tellingNames } from './origins.ts';

interface Named {
  readonly id: number;
  readonly name: string;
}

type Origins = ReadonlyMap<number, readonly SweepOrigin[]>;

/**
 * Finds the sweeps that a word can mean. Each way of naming gives one sweep, or the newest from
 * each database if there are sweeps from several.
 * @param sweeps all sweeps of a database, the newest first
 * @param which a sweep's id, its name, both joined by a dash, `@` and its id, or, of a merged
 *     sweep, its name, `@` and a part of its origin: the name of the file, of a folder, or of the
 *     machine
 */
export function sweepsMeant<Sweep extends Named>(
  db: Db,
  sweeps: readonly Sweep[],
  which: string,
): readonly Sweep[] {
  const origins = allOrigins(db);
  const [, name = '', word] = /^([^@]*)@(.*)$/s.exec(which) ?? [];
  if (word === undefined) {
    const byNumber = sweeps.filter(
      ({ id, name: own }) => String(id) === which || `${own}-${id}` === which,
    );
    const byName = sweeps.filter((sweep) => sweep.name === which);
    return [...new Set([...byNumber, ...newestOfEach(byName, origins)])];
  }
  if (name === '' && /^\d+$/.test(word)) return sweeps.filter(({ id }) => String(id) === word);
  const fits = fitting(db, origins, word);
  return newestOfEach(
    sweeps.filter((sweep) => (name === '' || sweep.name === name) && fits(sweep)),
    origins,
  );
}

/** The newest sweep from each database, or from each set of databases whose sweeps were joined. */
function newestOfEach<Sweep extends Named>(
  sweeps: readonly Sweep[],
  origins: Origins,
): readonly Sweep[] {
  const newest = new Map<string, Sweep>();
  for (const sweep of sweeps) {
    const from = (origins.get(sweep.id) ?? []).map(({ database }) => database);
    const key = from.sort().join(' ');
    if (!newest.has(key)) newest.set(key, sweep);
  }
  return [...newest.values()];
}

/** Tells sweeps from the file, the folder or the machine that a word names. */
function fitting(db: Db, origins: Origins, word: string): (sweep: Named) => boolean {
  const onMachine = new Set(
    db
      .prepare<[string], number>(
        `SELECT DISTINCT sweep_id FROM environment JOIN host ON host.id = host_id
         WHERE host.name = ?`,
      )
      .pluck()
      .all(word),
  );
  return ({ id }) =>
    onMachine.has(id) ||
    (origins.get(id) ?? []).some(({ file }) => namesOfOrigin(file).includes(word));
}

/**
 * How to name some sweeps so that each name means that sweep alone.
 * @param all all sweeps of a database, the newest first
 */
export function unambiguousNames(
  db: Db,
  all: readonly Named[],
  sweeps: readonly Named[],
): readonly string[] {
  const origins = allOrigins(db);
  const nameOf = tellingNames(origins);
  return sweeps.map(({ id, name }) => {
    const [origin, ...others] = origins.get(id) ?? [];
    if (origin === undefined || others.length > 0) return `@${id}`;
    const named = `${name}@${nameOf(origin)}`;
    const meant = sweepsMeant(db, all, named);
    return meant.length === 1 && meant[0]!.id === id ? named : `@${id}`;
  });
}
