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

-- User scripts.

-- Sweeps and hosts.
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
