import { createHash } from 'node:crypto';
import { experimentSchema } from '../../experiment/schema.ts';
import { readYaml } from '../../experiment/yaml-source.ts';
import { conditionsOf as conditionsInSpec } from '../../plan/identity.ts';
import type { Db } from '../db.ts';
import type { Row } from './row-copier.ts';

/** The conditions of an experiment that sweeps on several machines must share, each by its name. */
export type Conditions = ReadonlyMap<string, string>;

const COLUMNS = [
  ...['seed', 'run_order', 'warmup', 'controls', 'tracer', 'instruments'],
  ...['iterations', 'bare', 'rusage', 'counters'],
] as const;

/** Keys of the spec whose values are also in the row of a sweep. */
const IN_ROW: ReadonlySet<string> = new Set(['name', 'order', 'seed', 'warmup']);

/**
 * Returns the conditions under which a stored sweep was made. The machines and the programs that
 * were built on them are left out, because each host has its own.
 */
export function storedConditions(db: Db, sweepId: number): Conditions {
  const sweep = db.prepare<[number], Row>('SELECT * FROM sweep WHERE id = ?').get(sweepId)!;
  const scripts = db
    .prepare<[number], { name: string; text: string }>(
      'SELECT name, text FROM sweep_script WHERE sweep_id = ? ORDER BY name',
    )
    .all(sweepId);
  const systems = db
    .prepare<[number], string>(
      'SELECT DISTINCT os_name FROM environment WHERE sweep_id = ? ORDER BY os_name',
    )
    .pluck()
    .all(sweepId);
  return new Map([
    ['name', experimentName(sweep)],
    ...COLUMNS.map((column) => [column, String(sweep[column])] as const),
    ...specConditions(sweep),
    ...scripts.map(({ name, text }) => [`script ${name}`, sha256(text)] as const),
    ['operating system', systems.join(', ')],
    ['divided into shards', isDivided(db, sweepId) ? 'yes' : 'no'],
  ]);
}

/** Returns the name of a sweep's experiment, even if the sweep has been renamed. */
export function experimentName({ made_as: madeAs, name }: Row): string {
  return (madeAs || name) as string;
}

/**
 * Tells whether the sweep's cells were divided among databases. Otherwise each host makes all of
 * them.
 */
export function isDivided(db: Db, sweepId: number): boolean {
  return (
    db
      .prepare<[number], number>(
        `SELECT shards IS NOT NULL OR EXISTS (SELECT 1 FROM sweep_origin
             WHERE sweep_id = sweep.id AND as_one = 1)
           AND NOT EXISTS (SELECT 1 FROM cell WHERE sweep_id = sweep.id AND host <> '')
         FROM sweep WHERE id = ?`,
      )
      .pluck()
      .get(sweepId) === 1
  );
}

/**
 * Returns the other conditions in the spec. If the spec cannot be read, it is the hash of all
 * conditions.
 */
function specConditions({
  spec_text: text,
  identity,
}: Row): readonly (readonly [string, string])[] {
  const yaml = readYaml(text as string);
  const parsed =
    yaml.state === 'broken' ? undefined : experimentSchema.safeParse(yaml.source.value);
  if (!parsed?.success) return [['conditions', identity as string]];
  return Object.entries(conditionsInSpec(parsed.data)).flatMap(([name, value]) => {
    if (IN_ROW.has(name)) return [];
    if (Array.isArray(value)) return [[name, shown(value)] as const];
    return Object.entries(value as object).map(
      ([key, inner]) => [`${name}.${key}`, shown(inner)] as const,
    );
  });
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** Names the conditions in which two sweeps differ, with both values. */
export function differences(one: Conditions, other: Conditions): readonly string[] {
  const names = new Set([...one.keys(), ...other.keys()]);
  return [...names].flatMap((name) => {
    const [a = 'nothing', b = 'nothing'] = [one.get(name), other.get(name)];
    return a === b ? [] : [`${name}: ${a} and ${b}`];
  });
}
