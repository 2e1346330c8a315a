import type { BenchmarkFact } from '../benchmark/output.ts';
import type { Environment } from '../execute/environment.ts';
import type { EnvironmentWarning } from '../execute/machine/warnings.ts';
import { runKey } from '../plan/identity.ts';
import { type Cell, cellKey } from '../spec/cell.ts';
import type { Trials } from '../spec/trials.ts';
import type { UserScript } from '../trace/attached-script.ts';
import type { PipeStateTable } from '../trace/pipe-state-bits.ts';
import type { Db } from './open.ts';

/** What a sweep is, when it is started. */
export interface NewSweep {
  readonly name: string;
  readonly description: string;
  readonly identity: string;
  readonly specFile: string;
  readonly specText: string;
  readonly seed: number;
  readonly runOrder: string;
  readonly plannedRuns: number;
  readonly warmup: number;
  readonly trials: Trials;
  readonly budgetMs: number | undefined;
  readonly expectations: readonly string[];
  readonly controls: boolean;
  readonly tracer: string;
  readonly traceProgram: string;
  readonly traceProgramSha256: string;
  readonly instruments: readonly string[];
  readonly benchmarkPath: string;
  readonly benchmarkSha256: string;
  readonly iterations: number;
  readonly bare: boolean;
  readonly rusage: boolean;
  readonly startedAt: Date;
  readonly cells: readonly Cell[];
  readonly pipeStates: PipeStateTable | undefined;
  readonly scripts: readonly (UserScript & { readonly name: string; readonly text: string })[];
}

/** Newest sweep with this identity, if there is one. */
export function findSweep(db: Db, identity: string): number | undefined {
  const row = db
    .prepare<[string], { id: number }>(
      'SELECT id FROM sweep WHERE identity = ? ORDER BY id DESC LIMIT 1',
    )
    .get(identity);
  return row?.id;
}

/** @returns the new sweep's id */
export function createSweep(db: Db, sweep: NewSweep): number {
  const insert = db.transaction(() => {
    const { lastInsertRowid } = db
      .prepare(
        `INSERT INTO sweep (name, description, identity, spec_file, spec_text, seed, run_order,
           planned_runs, warmup, trials_min, trials_max, relative_ci, budget_ms, controls, tracer,
           trace_program, trace_program_sha256, instruments, benchmark_path, benchmark_sha256, iterations, bare, rusage, started_at, state)
         VALUES (@name, @description, @identity, @specFile, @specText, @seed, @runOrder,
           @plannedRuns, @warmup, @trialsMin, @trialsMax, @relativeCi, @budgetMs, @controls, @tracer,
           @traceProgram, @traceProgramSha256, @instruments, @benchmarkPath, @benchmarkSha256, @iterations, @bare, @rusage, @startedAt, 'running')`,
      )
      .run({
        ...sweep,
        ...trialColumns(sweep),
        controls: Number(sweep.controls),
        bare: Number(sweep.bare),
        rusage: Number(sweep.rusage),
        instruments: sweep.instruments.join(','),
        startedAt: sweep.startedAt.toISOString(),
        cells: null,
        pipeStates: null,
        scripts: null,
      });
    const sweepId = Number(lastInsertRowid);
    askFor(db, sweepId, sweep.cells);
    expectFrom(db, sweepId, sweep.expectations);
    const bit = db.prepare(
      'INSERT INTO pipe_state_bit (sweep_id, platform, version, bit, name) VALUES (?, ?, ?, ?, ?)',
    );
    for (const entry of sweep.pipeStates?.bits ?? []) {
      bit.run(
        sweepId,
        sweep.pipeStates?.platform,
        sweep.pipeStates?.version,
        entry.bit,
        entry.name,
      );
    }
    const script = db.prepare('INSERT INTO sweep_script VALUES (?, ?, ?, ?, ?, ?)');
    for (const s of sweep.scripts) {
      script.run(sweepId, s.name, s.path, s.tracer, Number(s.json), s.text);
    }
    return sweepId;
  });
  return insert();
}

/** How a sweep's cells compare with those that a spec asks for now. */
export interface CellChanges {
  readonly fresh: number;
  /** Those that were set aside before and are asked for again too. */
  readonly kept: number;
  /** No longer asked for; their runs stay in the database. */
  readonly orphaned: number;
}

/** What may change without making another sweep. */
export type SpecOfSweep = Pick<
  NewSweep,
  | 'cells'
  | 'specFile'
  | 'specText'
  | 'description'
  | 'plannedRuns'
  | 'trials'
  | 'budgetMs'
  | 'expectations'
>;

/** Takes up a changed spec: new cells are added, cells that it no longer names are set aside. */
export function updateSweep(db: Db, sweepId: number, spec: SpecOfSweep): CellChanges {
  return db
    .transaction(() => {
      db.prepare(
        `UPDATE sweep SET spec_file = @specFile, spec_text = @specText, description = @description,
           planned_runs = @plannedRuns, trials_min = @trialsMin, trials_max = @trialsMax,
           relative_ci = @relativeCi, budget_ms = @budgetMs WHERE id = @sweepId`,
      ).run({ ...spec, ...trialColumns(spec), cells: null, sweepId });
      const changes = askFor(db, sweepId, spec.cells);
      expectFrom(db, sweepId, spec.expectations);
      // Trials that were made beyond the least have become part of the plan.
      db.prepare(
        `UPDATE sweep SET planned_runs = planned_runs + (
           SELECT count(*) FROM (SELECT DISTINCT cell, trial, traced FROM run_overview
             WHERE sweep_id = sweep.id AND run_overview.state <> 'interrupted'
               AND trial > sweep.warmup + sweep.trials_min
               AND trial <= sweep.warmup + sweep.trials_max))
         WHERE id = ?`,
      ).run(sweepId);
      return changes;
    })
    .immediate();
}

function expectFrom(db: Db, sweepId: number, expectations: readonly string[]): void {
  db.prepare('DELETE FROM expectation WHERE sweep_id = ?').run(sweepId);
  const insert = db.prepare('INSERT INTO expectation VALUES (?, ?, ?)');
  expectations.forEach((text, at) => {
    insert.run(sweepId, at + 1, text);
  });
}

function trialColumns({ trials, budgetMs }: Pick<NewSweep, 'trials' | 'budgetMs'>) {
  return {
    trials: null,
    expectations: null,
    trialsMin: trials.min,
    trialsMax: trials.max,
    relativeCi: trials.relativeCi ?? null,
    budgetMs: budgetMs ?? null,
  };
}

/** More runs have turned out to be needed. */
export function setPlannedRuns(db: Db, sweepId: number, plannedRuns: number): void {
  db.prepare('UPDATE sweep SET planned_runs = ? WHERE id = ?').run(plannedRuns, sweepId);
}

function askFor(db: Db, sweepId: number, cells: readonly Cell[]): CellChanges {
  const before = db
    .prepare<[number], { key: string; asked: 0 | 1 }>(
      'SELECT key, asked FROM cell WHERE sweep_id = ?',
    )
    .all(sweepId);
  db.prepare('UPDATE cell SET asked = 0 WHERE sweep_id = ?').run(sweepId);
  const ask = db.prepare(
    `INSERT INTO cell (sweep_id, number, key, ipc, mode, buffer_bytes, total_bytes, socket_buffers)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (sweep_id, key) DO UPDATE SET asked = 1, number = excluded.number`,
  );
  cells.forEach((c, at) => {
    const sockets = Number(c.socketBuffers);
    ask.run(sweepId, at + 1, cellKey(c), c.ipc, c.mode, c.bufferBytes, c.totalBytes, sockets);
  });
  const now = new Set(cells.map(cellKey));
  const kept = before.filter(({ key }) => now.has(key)).length;
  const orphaned = before.filter(({ key, asked }) => asked === 1 && !now.has(key)).length;
  return { fresh: now.size - kept, kept, orphaned };
}

/** What is stored of the runs that a sweep's spec asks for, by their keys. */
export interface RunHistory {
  /** Runs that have ended, well or not; an interrupted one has not. */
  readonly ended: ReadonlySet<string>;
  /** Of those, the ones without a completed attempt. */
  readonly failed: ReadonlySet<string>;
  /** The last attempt of each run that has ended. */
  readonly attempts: ReadonlyMap<string, number>;
}

export function runHistory(db: Db, sweepId: number): RunHistory {
  const rows = db
    .prepare<
      [number],
      { trial: number; traced: number; attempts: number; completed: number } & StoredCell
    >(
      `SELECT run.trial, run.traced, max(run.attempt) AS attempts,
         max(run.state = 'completed') AS completed, cell.ipc, cell.mode, cell.buffer_bytes,
         cell.total_bytes, cell.socket_buffers
       FROM run JOIN cell ON cell.id = run.cell_id JOIN sweep ON sweep.id = cell.sweep_id
       WHERE cell.sweep_id = ? AND cell.asked = 1 AND run.trial <= sweep.warmup + sweep.trials_max
         AND run.state <> 'interrupted'
       GROUP BY run.cell_id, run.trial, run.traced`,
    )
    .all(sweepId)
    .map((row) => ({
      key: runKey({ cell: toCell(row), trial: row.trial, traced: row.traced === 1 }),
      ...row,
    }));
  return {
    ended: new Set(rows.map(({ key }) => key)),
    failed: new Set(rows.filter(({ completed }) => completed === 0).map(({ key }) => key)),
    attempts: new Map(rows.map(({ key, attempts }) => [key, attempts])),
  };
}

interface StoredCell {
  readonly ipc: string;
  readonly mode: string;
  readonly buffer_bytes: number;
  readonly total_bytes: number;
  readonly socket_buffers: number;
}

function toCell(row: StoredCell): Cell {
  return {
    ipc: row.ipc as Cell['ipc'],
    mode: row.mode as Cell['mode'],
    bufferBytes: row.buffer_bytes,
    totalBytes: row.total_bytes,
    socketBuffers: row.socket_buffers === 1,
  };
}

export type SweepState = 'running' | 'interrupted' | 'stopped' | 'ended';

export function markSweep(db: Db, sweepId: number, state: SweepState, at: Date): void {
  db.prepare('UPDATE sweep SET state = ?, ended_at = ? WHERE id = ?').run(
    state,
    state === 'running' ? null : at.toISOString(),
    sweepId,
  );
}

/** @returns the environment's id, which every run names */
export function recordEnvironment(
  db: Db,
  sweepId: number,
  environment: Environment,
  facts: readonly BenchmarkFact[],
  warnings: readonly EnvironmentWarning[] = [],
): number {
  const insert = db.transaction(() => {
    db.prepare('INSERT INTO host (name) VALUES (?) ON CONFLICT DO NOTHING').run(environment.host);
    const { lastInsertRowid } = db
      .prepare(
        `INSERT INTO environment (sweep_id, host_id, captured_at, os_name, os_release, os_version,
           architecture, cpu_model, cpu_count, memory_bytes, load_1min, node_version,
           ipc_sweep_version, tracer_version)
         VALUES (@sweepId, (SELECT id FROM host WHERE name = @host), @capturedAt, @osName,
           @osRelease, @osVersion, @architecture, @cpuModel, @cpuCount, @memoryBytes, @load1min,
           @nodeVersion, @ipcSweepVersion, @tracerVersion)`,
      )
      .run({ ...environment, sweepId, capturedAt: environment.capturedAt.toISOString() });
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

/** The first warning of a code stays. */
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
