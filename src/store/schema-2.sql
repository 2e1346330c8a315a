-- ipc-sweep database, from version 1 to version 2.

-- What the kernel says of a run's processes when they have ended (wait4(2)); null in runs of version 1.
ALTER TABLE run ADD COLUMN user_ns INTEGER;
ALTER TABLE run ADD COLUMN system_ns INTEGER;
ALTER TABLE run ADD COLUMN max_rss_bytes INTEGER;
ALTER TABLE run ADD COLUMN voluntary_switches INTEGER;
ALTER TABLE run ADD COLUMN involuntary_switches INTEGER;

-- Benchmark and machine.
-- Periods in which a CPU quota stopped processes of ipc-sweep's control group during the run.
ALTER TABLE run_condition ADD COLUMN quota_throttled_periods INTEGER;

-- User scripts. A value is an integer, as exact as the tracer printed it; from 2^63 on it is the digits as
-- text; in runs of version 1 it is a real number where it may have been rounded. `printing` tells apart the
-- times that a script printed the same aggregation, from 1; null in runs of version 1.
CREATE TABLE aggregation_2 (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  script TEXT NOT NULL,
  name TEXT NOT NULL,                   -- empty where the script's output does not tell
  function TEXT NOT NULL,
  bucket_from INTEGER,
  bucket_to INTEGER,
  printing INTEGER,
  value ANY NOT NULL CHECK (typeof(value) IN ('integer', 'real', 'text'))
) STRICT;
INSERT INTO aggregation_2
SELECT id, run_id, script, name, function, bucket_from, bucket_to, NULL,
  CASE WHEN abs(value) < 9007199254740992 AND value = CAST(value AS INTEGER)
    THEN CAST(value AS INTEGER) ELSE value END
FROM aggregation;
DROP TABLE aggregation;
ALTER TABLE aggregation_2 RENAME TO aggregation;
CREATE INDEX aggregation_run ON aggregation (run_id);

-- Sweeps and hosts.
-- The host that runs a cell, in a sweep in which each host runs the whole matrix; else empty.
ALTER TABLE cell ADD COLUMN host TEXT NOT NULL DEFAULT '';
-- The host that makes every run of a cell, in a sweep whose hosts share the cells; empty: not yet known.
ALTER TABLE cell ADD COLUMN assigned_host TEXT NOT NULL DEFAULT '';
-- The host that an environment is of, as the spec names it; empty: not known, as of an import.
ALTER TABLE environment ADD COLUMN host_name TEXT NOT NULL DEFAULT '';
-- Version 1 ran everything on this machine.
UPDATE cell SET assigned_host = 'local'
WHERE sweep_id IN (SELECT id FROM sweep WHERE run_order <> 'imported');
UPDATE environment SET host_name = 'local'
WHERE sweep_id IN (SELECT id FROM sweep WHERE run_order <> 'imported');

-- A host as the spec names it, and what must still be so when a sweep goes on there.
CREATE TABLE sweep_host (
  sweep_id INTEGER NOT NULL REFERENCES sweep (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  machine TEXT NOT NULL,                -- what the machine calls itself
  benchmark_path TEXT NOT NULL,
  benchmark_sha256 TEXT NOT NULL,
  trace_program_sha256 TEXT NOT NULL,
  PRIMARY KEY (sweep_id, name)
) STRICT, WITHOUT ROWID;

-- What has become of a host in the last start of its sweep, where it does not simply work.
CREATE TABLE host_trouble (
  sweep_id INTEGER NOT NULL REFERENCES sweep (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('gone', 'away')), -- gone: it is tried again; away: set aside
  reason TEXT NOT NULL,
  PRIMARY KEY (sweep_id, name)
) STRICT, WITHOUT ROWID;

-- `host` is what the spec calls it, `machine` what the machine calls itself.
DROP VIEW good_sample;
DROP VIEW run_overview;
CREATE VIEW run_overview AS
SELECT run.id AS run_id, sweep.id AS sweep_id, sweep.name AS sweep, cell.number AS cell,
  run.trial, run.attempt, run.warmup, run.state, run.reason, run.traced,
  cell.ipc, cell.mode, cell.buffer_bytes, cell.total_bytes, cell.socket_buffers,
  environment.host_name AS host, sweep.iterations, sweep.bare, run.exit_code, run.signal,
  run.wall_ns, run.user_ns, run.system_ns, run.max_rss_bytes, run.voluntary_switches,
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

-- What tells this database from all others, wherever it is moved; its copies bear the same.
-- Beside it, PRAGMA application_id is 0x69706353 (ipcS) from this version on.
CREATE TABLE database_identity (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  id TEXT NOT NULL
) STRICT;
INSERT INTO database_identity VALUES (1, lower(hex(randomblob(16))));
-- How long the sweep has been running, all its starts together, by a clock that is never set.
ALTER TABLE sweep ADD COLUMN active_ms INTEGER NOT NULL DEFAULT 0;
-- Version 1 has only the clock on the wall to tell by.
UPDATE sweep SET active_ms = coalesce((
  SELECT sum(ms) FROM (
    SELECT CAST(round(max(0, max(1000 * unixepoch(run.started_at, 'subsec') + run.wall_ns / 1e6)
      - 1000 * unixepoch(environment.captured_at, 'subsec'))) AS INTEGER) AS ms
    FROM environment JOIN run ON run.environment_id = environment.id
    WHERE environment.sweep_id = sweep.id GROUP BY environment.id)), 0);
-- The sweep's active_ms when the run had ended; null in runs of version 1.
ALTER TABLE run ADD COLUMN active_ms INTEGER;

-- What the spec asks for and the sweep does not have, such as an instrument that its tracer lacks.
CREATE TABLE sweep_missing (
  sweep_id INTEGER NOT NULL REFERENCES sweep (id) ON DELETE CASCADE,
  name TEXT NOT NULL,                   -- an instrument, events, options, or a script's file name
  reason TEXT NOT NULL,
  PRIMARY KEY (sweep_id, name)
) STRICT, WITHOUT ROWID;
