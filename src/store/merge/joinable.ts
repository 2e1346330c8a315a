import { ExitCode, UserError } from '../../errors.ts';
import type { Db } from '../db.ts';
import { IMPORTED } from '../iterations-as-runs.ts';
import { type Conditions, differences, experimentName, storedConditions } from './conditions.ts';
import { originsOf, storedOrigins, sweepFrom } from './origins.ts';
import type { Row } from './row-copier.ts';

/**
 * Chooses the sweeps of a database that can be joined with those of others: for each experiment one
 * from each database in which it was made. It is the one that has been joined in the output before,
 * else one that has been joined elsewhere, else the newest. Others stay sweeps of their own.
 * @param output the database in which they are joined; undefined if it is not there yet
 * @throws UserError when one of them was merged before without being joined
 */
export function joinable(input: Db, output: Db | undefined, file: string): ReadonlySet<number> {
  const rows = input.prepare<[], Row>('SELECT * FROM sweep ORDER BY id DESC').all();
  const sweeps = rows
    .filter((row) => row.run_order !== IMPORTED)
    .map((row) => {
      const id = Number(row.id);
      const origins = originsOf(input, id, file);
      const sources = origins.map(({ database }) =>
        JSON.stringify([experimentName(row), database]),
      );
      const isThere = origins.some((each) => output && sweepFrom(output, each)?.asOne === true);
      const isJoined = origins.some(({ asOne }) => asOne);
      return { id, sources, rank: isThere ? 2 : Number(isJoined) };
    })
    .sort((a, b) => b.rank - a.rank);
  const chosen = new Set<number>();
  const known = new Set<string>();
  for (const { id, sources } of sweeps) {
    if (sources.some((source) => known.has(source))) continue;
    chosen.add(id);
    for (const source of sources) known.add(source);
  }
  for (const id of output ? chosen : []) requireNotApart(input, output!, id, file);
  return chosen;
}

function requireNotApart(input: Db, output: Db, id: number, file: string): void {
  const apart = originsOf(input, id, file).find(
    (origin) => sweepFrom(output, origin)?.asOne === false,
  );
  if (apart === undefined) return;
  throw new UserError(
    `${output.name} has sweep ${id} of ${file} as a sweep of its own, from an earlier merge`,
    {
      hint: 'sweeps can only be joined when they are first merged: merge with --as-one into a new file',
      exitCode: ExitCode.machine,
    },
  );
}

interface Example {
  readonly file: string;
  readonly conditions: Conditions;
}

/** Makes sure that all sweeps that are to be joined were made under the same conditions. */
export class SameConditions {
  readonly #byName = new Map<string, Example>();

  /** Adds what an output already has. */
  addOutput(output: Db, file: string): void {
    const rows = output.prepare<[], Row>('SELECT * FROM sweep ORDER BY id').all();
    for (const row of rows) {
      const id = Number(row.id);
      if (storedOrigins(output, id).some(({ asOne }) => asOne)) this.#add(output, id, file);
    }
  }

  /** @throws UserError naming the conditions that differ from those of another database */
  addInput(input: Db, output: Db | undefined, file: string): void {
    for (const id of joinable(input, output, file)) this.#add(input, id, file);
  }

  #add(db: Db, id: number, file: string): void {
    const conditions = storedConditions(db, id);
    const name = conditions.get('name')!;
    const example = this.#byName.get(name);
    if (example === undefined) {
      this.#byName.set(name, { file, conditions });
      return;
    }
    const differing = differences(example.conditions, conditions);
    if (differing.length === 0) return;
    throw new UserError(
      `the sweeps ${name} of ${example.file} and ${file} were made under different conditions: ${differing.join('; ')}`,
      {
        hint: 'merge them without --as-one: they stay sweeps of their own, which `ipc-sweep compare` compares',
        exitCode: ExitCode.machine,
      },
    );
  }
}
