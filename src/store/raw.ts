import { gunzipSync } from 'node:zlib';
import type { UserScript } from '../trace/user-scripts/user-script.ts';
import type { Db } from './open.ts';

/** A run whose tracer's output is kept. */
export interface StoredRaw {
  readonly runId: number;
  /** A script's name, or empty for the instruments. */
  readonly script: string;
  readonly text: string;
  readonly pid: number | null;
  readonly mode: '2proc' | '2thread';
  readonly architecture: string;
  readonly osName: string;
}

/** All raw traces of a sweep that are whole, one run after the other. */
export function* rawTraces(db: Db, sweepId: number): Generator<StoredRaw> {
  const ids = db
    .prepare<[number], { run_id: number; script: string }>(
      `SELECT raw_trace.run_id, script FROM raw_trace JOIN run_overview USING (run_id)
       WHERE sweep_id = ? AND NOT EXISTS (SELECT 1 FROM warning WHERE
         warning.run_id = raw_trace.run_id AND warning.code IN ('raw-cut', 'script-cut'))
       ORDER BY raw_trace.run_id, script`,
    )
    .all(sweepId);
  const read = db.prepare<[number, string], Omit<StoredRaw, 'text'> & { gzip: Buffer }>(
    `SELECT run.id AS runId, raw_trace.script, raw_trace.gzip, run.pid, cell.mode,
       environment.architecture, environment.os_name AS osName
     FROM raw_trace JOIN run ON run.id = raw_trace.run_id JOIN cell ON cell.id = run.cell_id
     JOIN environment ON environment.id = run.environment_id
     WHERE raw_trace.run_id = ? AND raw_trace.script = ?`,
  );
  for (const { run_id, script } of ids) {
    const row = read.get(run_id, script);
    if (!row) continue;
    const { gzip, ...rest } = row;
    yield { ...rest, text: gunzipSync(gzip).toString('utf8') };
  }
}

/** A script of the user's, with its text as it was when the sweep was started. */
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
