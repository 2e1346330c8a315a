import { type EnvironmentOrigin, environmentOrigins } from './merge/origins.ts';
import type { Db } from './open.ts';
import type { OfRun } from './run-rows.ts';
import { rowsOfRuns } from './run-rows.ts';

export interface EnvironmentRow {
  readonly environment_id: number;
  readonly captured_at: string;
  readonly host: string;
  readonly machine: string;
  readonly key: string;
  readonly value: string;
}

export interface EnvironmentWarningRow {
  readonly environment_id: number;
  readonly captured_at: string;
  readonly host: string;
  readonly machine: string;
  readonly code: string;
  readonly message: string;
}

export interface RunConditionRow extends OfRun {
  readonly environment_id: number;
  readonly load_1min: number;
  readonly cpu0_khz: number | null;
  readonly steal_ns: number | null;
  readonly throttle_events: number | null;
  readonly context_switches: number | null;
  readonly quota_throttled_periods: number | null;
}

/** A machine as it was when a sweep was started or continued on it. */
export interface StoredEnvironment {
  readonly id: number;
  /** The host's name in the spec; empty if not known, as for an import. */
  readonly host: string;
  /** The machine's own name. */
  readonly machine: string;
  readonly capturedAt: string;
}

/** The environments of a sweep, oldest first. */
export function environmentsOf(db: Db, sweepId: number): readonly StoredEnvironment[] {
  return db
    .prepare<[number], StoredEnvironment>(
      `SELECT environment.id, host_name AS host, host.name AS machine, captured_at AS capturedAt
       FROM environment JOIN host ON host.id = host_id WHERE sweep_id = ? ORDER BY environment.id`,
    )
    .all(sweepId);
}

/** The facts that are the same in all of the given environments. */
export function sharedFacts(
  db: Db,
  environments: readonly Pick<StoredEnvironment, 'id'>[],
): ReadonlyMap<string, string> {
  const [first, ...others] = environments.map(({ id }) => environmentFacts(db, id));
  return new Map(
    [...(first ?? [])].filter(([key, value]) => others.every((facts) => facts.get(key) === value)),
  );
}

/** The last environment of each host of a sweep, by the host's name. */
export function lastEnvironments(db: Db, sweepId: number): ReadonlyMap<string, StoredEnvironment> {
  return new Map(environmentsOf(db, sweepId).map((each) => [each.host, each]));
}

/**
 * Returns everything that is known about one environment, by key: its columns, the hashes of the
 * programs that ran in it, and its facts. Anything unknown, as for an import, is left out.
 */
export function environmentFacts(db: Db, environmentId: number): ReadonlyMap<string, string> {
  const columns = db
    .prepare<[number], Record<string, string | number | null>>(
      `SELECT os_name, os_release, os_version, architecture, cpu_model,
         nullif(cpu_count, 0) AS cpu_count, nullif(memory_bytes, 0) AS memory_bytes,
         CASE captured_at WHEN '' THEN NULL ELSE load_1min END AS load_1min, node_version, ipc_sweep_version, tracer, tracer_version,
         coalesce(sweep_host.benchmark_sha256, sweep.benchmark_sha256) AS benchmark_sha256,
         coalesce(sweep_host.trace_program_sha256, sweep.trace_program_sha256) AS trace_program_sha256
       FROM environment JOIN sweep ON sweep.id = environment.sweep_id
       LEFT JOIN sweep_host ON sweep_host.sweep_id = sweep.id AND sweep_host.name = host_name
       WHERE environment.id = ?`,
    )
    .get(environmentId);
  const programs = db
    .prepare<[number], { name: string; sha256: string }>(
      `SELECT name, sha256 FROM sweep_program
       JOIN environment ON environment.sweep_id = sweep_program.sweep_id AND host_name = host
       WHERE environment.id = ? ORDER BY position`,
    )
    .all(environmentId);
  const facts = db
    .prepare<[number], { key: string; value: string }>(
      'SELECT key, value FROM environment_fact WHERE environment_id = ? ORDER BY key',
    )
    .all(environmentId);
  return new Map([
    ...Object.entries(columns ?? {}).flatMap(([key, value]) =>
      value === '' || value === null ? [] : [[key, String(value)] as const],
    ),
    ...programs.map(({ name, sha256 }) => [programHashKey(name), sha256] as const),
    ...facts.map(({ key, value }) => [key, value] as const),
  ]);
}

const HASH_KEY = 'benchmark_sha256';

/** The key of the fact with a benchmark's hash. @param program empty for the only one of a sweep */
export function programHashKey(program: string): string {
  return program === '' ? HASH_KEY : `${HASH_KEY}.${program}`;
}

/** The name of the program whose hash a fact holds; undefined for every other fact. */
export function programOfHashKey(key: string): string | undefined {
  return key.startsWith(`${HASH_KEY}.`) ? key.slice(HASH_KEY.length + 1) : undefined;
}

export function* environmentRows(db: Db, sweepId: number): IterableIterator<EnvironmentRow> {
  const origins = environmentOrigins(db, sweepId);
  for (const { id, host, machine, capturedAt } of environmentsOf(db, sweepId)) {
    const origin = origins.get(id);
    const facts = [...environmentFacts(db, id), ...(origin ? originFacts(origin) : [])];
    for (const [key, value] of facts) {
      yield { environment_id: id, captured_at: capturedAt, host, machine, key, value };
    }
  }
}

function originFacts({ file, database, originalId }: EnvironmentOrigin) {
  return [
    ['origin_file', file],
    ['origin_database', database],
    ['origin_sweep', String(originalId)],
  ] as const;
}

export function environmentWarningRows(
  db: Db,
  sweepId: number,
): IterableIterator<EnvironmentWarningRow> {
  return db
    .prepare<[number], EnvironmentWarningRow>(
      `SELECT environment_id, captured_at, host_name AS host, host.name AS machine, code, message
       FROM environment_warning JOIN environment ON environment.id = environment_id
       JOIN host ON host.id = host_id WHERE sweep_id = ? ORDER BY environment_id, code`,
    )
    .iterate(sweepId);
}

export function runConditionRows(db: Db, sweepId: number): IterableIterator<RunConditionRow> {
  const columns = [
    ...['load_1min', 'cpu0_khz', 'steal_ns', 'throttle_events', 'context_switches'],
    'quota_throttled_periods',
  ];
  return rowsOfRuns(db, sweepId, 'run_condition', columns, { key: ['run_id'] });
}
