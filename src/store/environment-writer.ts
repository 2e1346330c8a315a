import type { BenchmarkFact } from '../benchmark/output.ts';
import type { Environment } from '../execute/environment.ts';
import type { EnvironmentWarning } from '../host/machine/warnings.ts';
import type { Db } from './open.ts';
import { timeText } from './time-text.ts';

/** @returns the environment's id, to which every run refers */
export function recordEnvironment(
  db: Db,
  sweepId: number,
  environment: Environment,
  facts: readonly BenchmarkFact[],
  warnings: readonly EnvironmentWarning[] = [],
): number {
  const insert = db.transaction(() => {
    db.prepare('INSERT INTO host (name) VALUES (?) ON CONFLICT DO NOTHING').run(
      environment.machine,
    );
    const { lastInsertRowid } = db
      .prepare(
        `INSERT INTO environment (sweep_id, host_id, host_name, captured_at, os_name, os_release, os_version,
           architecture, cpu_model, cpu_count, memory_bytes, load_1min, node_version,
           ipc_sweep_version, tracer_version)
         VALUES (@sweepId, (SELECT id FROM host WHERE name = @machine), @host, @capturedAt, @osName,
           @osRelease, @osVersion, @architecture, @cpuModel, @cpuCount, @memoryBytes, @load1min,
           @nodeVersion, @ipcSweepVersion, @tracerVersion)`,
      )
      .run({ ...environment, sweepId, capturedAt: timeText(environment.capturedAt) });
    const environmentId = Number(lastInsertRowid);
    const fact = db.prepare(
      'INSERT INTO environment_fact (environment_id, key, value) VALUES (?, ?, ?)',
    );
    for (const { key, value } of facts) fact.run(environmentId, key, value);
    for (const warning of warnings) recordEnvironmentWarning(db, environmentId, warning);
    return environmentId;
  });
  return insert();
}

/** Stores a warning, unless one with the same code is already there. */
export function recordEnvironmentWarning(
  db: Db,
  environmentId: number,
  { code, message }: EnvironmentWarning,
): void {
  db.prepare('INSERT INTO environment_warning VALUES (?, ?, ?) ON CONFLICT DO NOTHING').run(
    environmentId,
    code,
    message,
  );
}
