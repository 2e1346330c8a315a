import { gzipSync } from 'node:zlib';
import type { BenchmarkFact, Sample } from '../benchmark/output.ts';
import type { Environment } from '../execute/environment.ts';
import type { RunResult } from '../execute/outcome.ts';
import { runKey } from '../plan/identity.ts';
import { type Cell, cellKey } from '../spec/cell.ts';
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
  readonly tracer: string;
  readonly traceProgram: string;
  readonly traceProgramSha256: string;
  readonly benchmarkPath: string;
  readonly benchmarkSha256: string;
  readonly iterations: number;
  readonly bare: boolean;
  readonly rusage: boolean;
  readonly startedAt: Date;
  readonly cells: readonly Cell[];
  readonly pipeStates: PipeStateTable | undefined;
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
           planned_runs, tracer, trace_program, trace_program_sha256, benchmark_path,
           benchmark_sha256, iterations, bare, rusage, started_at, state)
         VALUES (@name, @description, @identity, @specFile, @specText, @seed, @runOrder,
           @plannedRuns, @tracer, @traceProgram, @traceProgramSha256, @benchmarkPath,
           @benchmarkSha256, @iterations, @bare, @rusage, @startedAt, 'running')`,
      )
      .run({
        ...sweep,
        bare: Number(sweep.bare),
        rusage: Number(sweep.rusage),
        startedAt: sweep.startedAt.toISOString(),
        cells: null,
        pipeStates: null,
      });
    const sweepId = Number(lastInsertRowid);
    const cell = db.prepare(
      `INSERT INTO cell (sweep_id, number, key, ipc, mode, buffer_bytes, total_bytes, socket_buffers)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    sweep.cells.forEach((c, at) => {
      const sockets = Number(c.socketBuffers);
      cell.run(sweepId, at + 1, cellKey(c), c.ipc, c.mode, c.bufferBytes, c.totalBytes, sockets);
    });
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
    return sweepId;
  });
  return insert();
}

/** Keys of the runs that a continued sweep need not repeat: all that were not interrupted. */
export function doneRuns(db: Db, sweepId: number): ReadonlySet<string> {
  const rows = db
    .prepare<[number], { trial: number; traced: number } & StoredCell>(
      `SELECT run.trial, run.traced, cell.ipc, cell.mode, cell.buffer_bytes, cell.total_bytes,
         cell.socket_buffers
       FROM run JOIN cell ON cell.id = run.cell_id
       WHERE cell.sweep_id = ? AND run.state <> 'interrupted'`,
    )
    .all(sweepId);
  return new Set(
    rows.map((row) => runKey({ cell: toCell(row), trial: row.trial, traced: row.traced === 1 })),
  );
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
    return environmentId;
  });
  return insert();
}

/**
 * A function that stores a result in one transaction, with its statements prepared once.
 * A power cut or a kill leaves either all rows of a run or none.
 */
export function runWriter(
  db: Db,
  sweepId: number,
  environmentId: number,
): (result: RunResult) => void {
  const run = db.prepare(
    `INSERT INTO run (cell_id, environment_id, ordinal, trial, attempt, warmup, traced, state,
       reason, exit_code, signal, stderr_tail, started_at, wall_ns)
     VALUES ((SELECT id FROM cell WHERE sweep_id = @sweepId AND key = @cell), @environmentId,
       @ordinal, @trial, @attempt, @warmup, @traced, @state, @reason, @exitCode, @signal,
       @stderrTail, @startedAt, @wallNs)`,
  );
  // An interrupted run, and an earlier attempt of it, make room for the repetition.
  const replace = db.prepare(
    `DELETE FROM run WHERE trial = @trial AND traced = @traced AND attempt = @attempt
       AND state = 'interrupted'
       AND cell_id = (SELECT id FROM cell WHERE sweep_id = @sweepId AND key = @cell)`,
  );
  const sample = db.prepare(
    `INSERT INTO sample (run_id, iteration, elapsed_ns, bandwidth_bytes_per_s, stime_ns, utime_ns,
       msgsnd, msgrcv, nvcsw, nivcsw) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const syscall = db.prepare('INSERT INTO syscall_count VALUES (?, ?, ?, ?)');
  const pipeState = db.prepare('INSERT INTO pipe_state VALUES (?, ?, ?, ?, ?)');
  const transition = db.prepare('INSERT INTO pipe_transition VALUES (?, ?, ?, ?, ?, ?)');
  const ioSize = db.prepare('INSERT INTO io_size VALUES (?, ?, ?, ?, ?)');
  const contextSwitch = db.prepare('INSERT INTO context_switch VALUES (?, ?, ?, ?)');
  const ioLatency = db.prepare('INSERT INTO io_latency VALUES (?, ?, ?, ?, ?)');
  const warning = db.prepare('INSERT OR IGNORE INTO warning VALUES (?, ?, ?, ?)');
  const raw = db.prepare('INSERT INTO raw_trace VALUES (?, ?)');

  return db.transaction((result: RunResult) => {
    const identity = {
      sweepId,
      cell: cellKey(result.planned.cell),
      trial: result.planned.trial,
      traced: Number(result.planned.traced),
      attempt: result.attempt,
    };
    replace.run(identity);
    const { lastInsertRowid } = run.run({
      ...identity,
      environmentId,
      ordinal: result.planned.ordinal,
      warmup: Number(result.planned.warmup),
      state: result.outcome.state,
      reason: reasonOf(result),
      exitCode: result.exitCode,
      signal: result.signal,
      stderrTail: result.stderrTail,
      startedAt: result.startedAt.toISOString(),
      wallNs: result.wallNs,
    });
    const runId = Number(lastInsertRowid);
    const samples = 'samples' in result.outcome ? result.outcome.samples : [];
    for (const s of samples) sample.run(runId, ...sampleValues(s));
    for (const c of result.counts?.syscalls ?? []) syscall.run(runId, c.role, c.syscall, c.count);
    for (const c of result.counts?.pipeStates ?? []) {
      pipeState.run(runId, c.role, c.operation, c.state, c.count);
    }
    for (const c of result.counts?.pipeTransitions ?? []) {
      transition.run(runId, c.role, c.operation, c.fromState, c.toState, c.count);
    }
    for (const c of result.counts?.ioSizes ?? []) {
      ioSize.run(runId, c.role, c.operation, c.bytes, c.count);
    }
    for (const c of result.counts?.contextSwitches ?? []) {
      contextSwitch.run(runId, c.role, c.kind, c.count);
    }
    for (const c of result.counts?.ioLatencies ?? []) {
      ioLatency.run(runId, c.role, c.operation, c.fromNs, c.count);
    }
    for (const d of result.doubts) warning.run(runId, d.code, d.message, Number(d.suspect));
    if (result.rawTrace) raw.run(runId, gzipSync(result.rawTrace, { level: 1 }));
  });
}

function reasonOf({ outcome, doubts }: RunResult): string | null {
  if ('reason' in outcome) return outcome.reason;
  if (outcome.state !== 'suspect') return null;
  return doubts
    .filter(({ suspect }) => suspect)
    .map(({ code }) => code)
    .join(', ');
}

function sampleValues(s: Sample): (number | null)[] {
  return [
    s.iteration,
    s.elapsedNs,
    s.bandwidthBytesPerS,
    s.systemTimeNs ?? null,
    s.userTimeNs ?? null,
    s.messagesSent ?? null,
    s.messagesReceived ?? null,
    s.voluntarySwitches ?? null,
    s.involuntarySwitches ?? null,
  ];
}
