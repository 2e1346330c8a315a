import { gunzipSync } from 'node:zlib';
import type { UserScript } from '../trace/user-scripts/user-script.ts';
import type { Db } from './open.ts';

/** The output of one tracer about a run. */
export interface RawTrace {
  /** A script's name, or empty for the instruments. */
  readonly script: string;
  /** Undefined if it cannot be unpacked. */
  readonly text: string | undefined;
}

/** A run whose tracers' output is kept. */
export interface StoredRaw {
  readonly runId: number;
  readonly traces: readonly RawTrace[];
  readonly pid: number | null;
  readonly mode: '2proc' | '2thread';
  readonly architecture: string;
  readonly osName: string;
}

/** Yields the runs of a sweep whose raw traces are all intact, one at a time. */
export function* rawTraces(db: Db, sweepId: number): Generator<StoredRaw> {
  const runs = db
    .prepare<[number], Omit<StoredRaw, 'traces'>>(
      `SELECT run.id AS runId, run.pid, cell.mode, environment.architecture,
         environment.os_name AS osName
       FROM run JOIN cell ON cell.id = run.cell_id
       JOIN environment ON environment.id = run.environment_id
       WHERE cell.sweep_id = ? AND cell.asked = 1
         AND EXISTS (SELECT 1 FROM raw_trace WHERE raw_trace.run_id = run.id)
         AND NOT EXISTS (SELECT 1 FROM warning WHERE
           warning.run_id = run.id AND warning.code IN ('raw-cut', 'script-cut'))
       ORDER BY run.id`,
    )
    .all(sweepId);
  const read = db.prepare<[number], { script: string; gzip: Buffer }>(
    'SELECT script, gzip FROM raw_trace WHERE run_id = ? ORDER BY script',
  );
  for (const run of runs) {
    const traces = read
      .all(run.runId)
      .map(({ script, gzip }) => ({ script, text: unpacked(gzip) }));
    yield { ...run, traces };
  }
}

/** A trace has at most 64 MiB, plus the rest of lines that were kept whole. */
const TRACE_BYTES = 72 * 1024 ** 2;

function unpacked(gzip: Buffer): string | undefined {
  try {
    return gunzipSync(gzip, { maxOutputLength: TRACE_BYTES }).toString('utf8');
  } catch {
    return undefined; // Damaged, or a decompression bomb.
  }
}

/** A user's script, with its text as it was when the sweep was started. */
export type StoredScript = Omit<UserScript, 'flags'>;

export function scriptsOf(db: Db, sweepId: number): readonly StoredScript[] {
  return db
    .prepare<
      [number],
      { name: string; path: string; tracer: 'dtrace' | 'bpftrace'; json: number; text: string }
    >('SELECT name, path, tracer, json, text FROM sweep_script WHERE sweep_id = ?')
    .all(sweepId)
    .map((row) => ({ ...row, json: row.json === 1 }));
}
