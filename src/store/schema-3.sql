-- ipc-sweep database, from version 2 to version 3.

-- The name of the benchmark that makes a cell's runs, in a sweep that compares several; else empty.
ALTER TABLE cell ADD COLUMN program TEXT NOT NULL DEFAULT '';

-- Those benchmarks as each host had them when its first run was made. Such a sweep has no benchmark_path
-- and no benchmark_sha256 of its own: both are empty in sweep and in sweep_host.
CREATE TABLE sweep_program (
  sweep_id INTEGER NOT NULL REFERENCES sweep (id) ON DELETE CASCADE,
  host TEXT NOT NULL,                   -- as the spec names it
  name TEXT NOT NULL,
  position INTEGER NOT NULL,            -- in the spec, from 1: the others are compared with the first
  path TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  PRIMARY KEY (sweep_id, host, name)
) STRICT, WITHOUT ROWID;

DROP VIEW good_sample;
DROP VIEW run_overview;
-- Every run of the cells that are asked for, with its parameters.
CREATE VIEW run_overview AS
SELECT run.id AS run_id, sweep.id AS sweep_id, sweep.name AS sweep, cell.number AS cell,
  run.trial, run.attempt, run.warmup, run.state, run.reason, run.traced,
  cell.ipc, cell.mode, cell.buffer_bytes, cell.total_bytes, cell.socket_buffers,
  environment.host_name AS host, cell.program, sweep.iterations, sweep.bare, run.exit_code,
  run.signal, run.wall_ns, run.user_ns, run.system_ns, run.max_rss_bytes, run.voluntary_switches,
  run.involuntary_switches, host.name AS machine,
  CASE run.traced WHEN 1 THEN sweep.tracer ELSE 'none' END AS tracer,
  run.started_at, run.ordinal
FROM run
JOIN cell ON cell.id = run.cell_id
JOIN sweep ON sweep.id = cell.sweep_id
JOIN environment ON environment.id = run.environment_id
JOIN host ON host.id = environment.host_id
WHERE cell.asked = 1;
-- The samples that statistics are made from: good runs, no warm-up; traced and control alike.
CREATE VIEW good_sample AS
SELECT run_overview.*, sample.iteration, sample.elapsed_ns, sample.bandwidth_bytes_per_s
FROM run_overview JOIN sample USING (run_id)
WHERE state = 'completed' AND run_overview.warmup = 0 AND sample.warmup = 0;
