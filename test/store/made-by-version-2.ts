import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { APPLICATION_ID } from '../../src/store/migrations.ts';

const SCHEMAS = ['schema.sql', 'schema-2.sql'].map((name) =>
  readFileSync(new URL(`../../src/store/${name}`, import.meta.url), 'utf8'),
);

/** A database as ipc-sweep has made it before a sweep could have several programs: a cell with a run. */
export function madeByVersion2(file: string): void {
  const db = new Database(file);
  for (const sql of SCHEMAS) db.exec(sql);
  db.pragma('user_version = 2');
  db.pragma(`application_id = ${APPLICATION_ID}`);
  db.exec(`
    INSERT INTO sweep (id, name, description, identity, spec_file, spec_text, seed, run_order,
      planned_runs, warmup, trials_min, trials_max, controls, tracer, trace_program,
      trace_program_sha256, instruments, benchmark_path, benchmark_sha256, iterations, bare, rusage,
      started_at, state)
    VALUES (1, 'old', '', 'i', '/s.yaml', 'name: old', 1, 'shuffled', 1, 0, 1, 1, 0, 'none', '', '',
      '', '/b', 'h', 1, 1, 0, '2026-01-01T00:00:00.000Z', 'ended');
    INSERT INTO host VALUES (1, 'vm');
    INSERT INTO sweep_host VALUES (1, 'local', 'vm', '/b', 'h', '');
    INSERT INTO environment VALUES (1, 1, 1, '2026-01-01T00:00:00.000Z', 'Linux', '6', '#1', 'x64',
      'cpu', 2, 1024, 0.5, 'v20', '0.2.0', '', 'local');
    INSERT INTO cell VALUES (1, 1, 1, 'pipe,2proc,512,1024', 'pipe', '2proc', 512, 1024, 0, 1, '',
      'local');
    INSERT INTO run (id, cell_id, environment_id, ordinal, trial, attempt, warmup, traced, state,
      exit_code, pid, stderr_tail, started_at, wall_ns)
    VALUES (1, 1, 1, 1, 1, 1, 0, 0, 'completed', 0, 7, '', '2026-01-01T00:00:00.000Z', 5);
    INSERT INTO sample (run_id, iteration, warmup, elapsed_ns, bandwidth_bytes_per_s)
    VALUES (1, 1, 0, 5, 9);`);
  db.close();
}
