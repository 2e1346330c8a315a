import type { Db } from './open.ts';

/** The recorded texts, hashes and switches of a stored sweep, as they were when it was run. */
export interface Provenance {
  readonly identity: string;
  readonly spec_text: string;
  readonly trace_program: string;
  readonly trace_program_sha256: string;
  /** Names separated by commas. */
  readonly instruments: string;
  readonly benchmark_path: string;
  readonly benchmark_sha256: string;
  readonly rusage: number;
  /** The set of counters that the benchmark was asked for; empty: none. */
  readonly counters: string;
}

/** A user's tracing script, as it was when the sweep was started. */
export interface ScriptProvenance {
  readonly name: string;
  readonly tracer: string;
  readonly text: string;
  readonly attached: 'session' | 'per-run';
  /** Why it was attached to every run; empty if it was not, or in an older sweep. */
  readonly attachedBecause: string;
}

export function provenanceOf(db: Db, sweepId: number): Provenance {
  return db
    .prepare<[number], Provenance>(
      `SELECT identity, spec_text, trace_program, trace_program_sha256, instruments,
         benchmark_path, benchmark_sha256, rusage, counters
       FROM sweep WHERE id = ?`,
    )
    .get(sweepId)!;
}

export function scriptProvenance(db: Db, sweepId: number): readonly ScriptProvenance[] {
  return db
    .prepare<[number], ScriptProvenance>(
      `SELECT name, tracer, text, attached, attached_because AS attachedBecause
       FROM sweep_script WHERE sweep_id = ? ORDER BY name`,
    )
    .all(sweepId);
}

/**
 * Tells whether the sweep's runs, except controls, were traced, even if only by a user's script.
 */
export function isTracedSweep(
  db: Db,
  sweep: { readonly id: number; readonly tracer: string },
): boolean {
  return sweep.tracer !== 'none' || scriptProvenance(db, sweep.id).length > 0;
}

/** The end of the standard error output of each run that is not good, if there was any. */
export function lastWords(db: Db, sweepId: number): ReadonlyMap<number, string> {
  const rows = db
    .prepare<[number], { run_id: number; stderr_tail: string }>(
      `SELECT run_id, stderr_tail FROM run_overview JOIN run ON run.id = run_id
       WHERE sweep_id = ? AND run_overview.state <> 'completed' AND stderr_tail <> ''`,
    )
    .all(sweepId);
  return new Map(rows.map(({ run_id: run, stderr_tail: text }) => [run, text]));
}
