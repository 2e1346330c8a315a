-- ipc-sweep database, from version 3 to version 4.

-- Options that change the spec, and hooks.

-- The options that the last `run` of a sweep was given beside the spec's file, in their order; `spec_text` of the sweep has them in it.
CREATE TABLE sweep_option (
  sweep_id INTEGER NOT NULL REFERENCES sweep (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  option TEXT NOT NULL,                 -- such as --set
  value TEXT NOT NULL,                  -- empty for a switch
  PRIMARY KEY (sweep_id, position)
) STRICT, WITHOUT ROWID;

-- One row for each call of a hook, a command of the user's own around the runs.
CREATE TABLE hook_call (
  id INTEGER PRIMARY KEY,
  sweep_id INTEGER NOT NULL REFERENCES sweep (id) ON DELETE CASCADE,
  host TEXT NOT NULL,                   -- as the spec names it
  run_id INTEGER REFERENCES run (id) ON DELETE CASCADE, -- null for setup and cleanup
  hook TEXT NOT NULL CHECK (hook IN ('setup', 'prepare', 'conclude', 'cleanup')),
  command TEXT NOT NULL,                -- its words as a JSON list
  started_at TEXT NOT NULL,
  wall_ns INTEGER NOT NULL,
  exit_code INTEGER,                    -- null where it did not exit by itself
  failure TEXT,                         -- why it failed; null where it exited with 0
  output_tail TEXT NOT NULL             -- the last 2000 characters of what it wrote
) STRICT;
CREATE INDEX hook_call_sweep ON hook_call (sweep_id);
CREATE INDEX hook_call_run ON hook_call (run_id);

-- Merged sweeps.

-- Where `merge` took a sweep from. A sweep that was made in this database has no row here; one that was
-- joined from several (`--as-one`) has several.
CREATE TABLE sweep_origin (
  id INTEGER PRIMARY KEY,
  sweep_id INTEGER NOT NULL REFERENCES sweep (id) ON DELETE CASCADE,
  database TEXT NOT NULL,               -- the identity of the database in which it was made
  original_id INTEGER NOT NULL,         -- the sweep's id there
  mark TEXT NOT NULL,                   -- when it was started; for an import, what was imported
  file TEXT NOT NULL,                   -- that database, as it was named when it was first merged
  as_one INTEGER NOT NULL CHECK (as_one IN (0, 1)), -- 1: it is joined with others of the same experiment
  UNIQUE (database, original_id, mark)
) STRICT;
CREATE INDEX sweep_origin_sweep ON sweep_origin (sweep_id);

-- Which origin of its sweep an environment comes from, with the runs that were made in it.
CREATE TABLE environment_origin (
  environment_id INTEGER PRIMARY KEY REFERENCES environment (id) ON DELETE CASCADE,
  origin_id INTEGER NOT NULL REFERENCES sweep_origin (id),
  original_id INTEGER NOT NULL          -- the environment's id there
) STRICT;
CREATE INDEX environment_sweep ON environment (sweep_id);

-- Sweeps in shards.

-- Which of the `shards` shards of a sweep is made in this database, from 1; null if it is not divided.
-- planned_runs then counts the runs of this shard.
ALTER TABLE sweep ADD COLUMN shard INTEGER;
ALTER TABLE sweep ADD COLUMN shards INTEGER;
-- The shard that makes a cell's runs, when it is not this one; 0: they are made here. Every shard knows
-- the whole matrix.
ALTER TABLE cell ADD COLUMN other_shard INTEGER NOT NULL DEFAULT 0;

-- Changes to stored sweeps.

-- What somebody noted about the sweep afterwards; empty: nothing.
ALTER TABLE sweep ADD COLUMN note TEXT NOT NULL DEFAULT '';
-- The name that is part of the sweep's identity, if the sweep has been renamed; else empty.
ALTER TABLE sweep ADD COLUMN made_as TEXT NOT NULL DEFAULT '';

-- Sweeps that have been deleted. No other sweep gets such an id, so that nobody takes its tables for those of the deleted one.
CREATE TABLE deleted_sweep (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  deleted_at TEXT NOT NULL
) STRICT;

-- Views that answer the common questions. docs/database.md shows how.

-- The samples that statistics are made from: good runs, no warm-up. Traced runs and controls are
-- apart, because a tracer slows every system call down.
DROP VIEW good_sample;
CREATE VIEW good_sample_untraced AS
SELECT run_overview.*, sample.iteration, sample.elapsed_ns, sample.bandwidth_bytes_per_s,
  sample.bandwidth_bytes_per_s / 1048576.0 AS bandwidth_mib_per_s
FROM run_overview JOIN sample USING (run_id)
WHERE state = 'completed' AND traced = 0 AND run_overview.warmup = 0 AND sample.warmup = 0;
CREATE VIEW good_sample_traced AS
SELECT run_overview.*, sample.iteration, sample.elapsed_ns, sample.bandwidth_bytes_per_s,
  sample.bandwidth_bytes_per_s / 1048576.0 AS bandwidth_mib_per_s
FROM run_overview JOIN sample USING (run_id)
WHERE state = 'completed' AND traced = 1 AND run_overview.warmup = 0 AND sample.warmup = 0;

-- Every good run with its one bandwidth, the median of its iterations. `quoted` is 1 for the runs
-- whose bandwidth stands for the cell in summary.csv and in the charts: the controls, or the traced
-- runs of a cell in a sweep without controls.
CREATE VIEW good_run AS
SELECT run_id, sweep_id, sweep, cell, ipc, mode, buffer_bytes, total_bytes, socket_buffers, host,
  program, trial, attempt, traced,
  CASE WHEN controls = 1 THEN traced = 0 WHEN traced = 1 THEN 1
    ELSE max(traced) OVER (PARTITION BY sweep_id, cell) = 0 END AS quoted,
  bandwidth_bytes_per_s, bandwidth_bytes_per_s / 1048576.0 AS bandwidth_mib_per_s
FROM (
  SELECT run_overview.*, sweep.controls, (
    SELECT CASE count(*) WHEN 1 THEN max(bandwidth_bytes_per_s) ELSE (
    SELECT max(rate) FILTER (WHERE place = last / 2)
      + 0.5 * (max(rate) FILTER (WHERE place = (last + 1) / 2)
      - max(rate) FILTER (WHERE place = last / 2))
    FROM (
      SELECT bandwidth_bytes_per_s AS rate, count(*) OVER () - 1 AS last,
        row_number() OVER (ORDER BY bandwidth_bytes_per_s) - 1 AS place
      FROM sample WHERE sample.run_id = run_overview.run_id AND sample.warmup = 0)
    ) END FROM sample WHERE sample.run_id = run_overview.run_id AND sample.warmup = 0
    ) AS bandwidth_bytes_per_s
  FROM run_overview JOIN sweep ON sweep.id = run_overview.sweep_id
  WHERE run_overview.state = 'completed' AND run_overview.warmup = 0)
WHERE bandwidth_bytes_per_s IS NOT NULL;

-- The bandwidth of every cell over its good runs, traced ones and controls apart. Quartiles and
-- medians are interpolated as in summary.csv (type 7 of Hyndman and Fan).
CREATE VIEW cell_summary AS
SELECT sweep_id, sweep, cell, ipc, mode, buffer_bytes, total_bytes, socket_buffers, host, program,
  traced, quoted, last + 1 AS n,
  median_low + 2 * last % 4 / 4.0 * (median_high - median_low) AS bandwidth_median_bytes_per_s,
  q1_low + last % 4 / 4.0 * (q1_high - q1_low) AS bandwidth_q1_bytes_per_s,
  q3_low + 3 * last % 4 / 4.0 * (q3_high - q3_low) AS bandwidth_q3_bytes_per_s,
  least AS bandwidth_min_bytes_per_s,
  greatest AS bandwidth_max_bytes_per_s,
  (median_low + 2 * last % 4 / 4.0 * (median_high - median_low)) / 1048576.0
    AS bandwidth_median_mib_per_s
FROM (
  SELECT *,
    max(bandwidth_bytes_per_s) FILTER (WHERE place = 2 * last / 4) OVER same AS median_low,
    max(bandwidth_bytes_per_s) FILTER (WHERE place = (2 * last + 3) / 4) OVER same AS median_high,
    max(bandwidth_bytes_per_s) FILTER (WHERE place = last / 4) OVER same AS q1_low,
    max(bandwidth_bytes_per_s) FILTER (WHERE place = (last + 3) / 4) OVER same AS q1_high,
    max(bandwidth_bytes_per_s) FILTER (WHERE place = 3 * last / 4) OVER same AS q3_low,
    max(bandwidth_bytes_per_s) FILTER (WHERE place = (3 * last + 3) / 4) OVER same AS q3_high,
    min(bandwidth_bytes_per_s) OVER same AS least,
    max(bandwidth_bytes_per_s) OVER same AS greatest
  FROM (
    SELECT *,
      row_number() OVER (PARTITION BY sweep_id, cell, traced ORDER BY bandwidth_bytes_per_s) - 1
        AS place,
      count(*) OVER (PARTITION BY sweep_id, cell, traced) - 1 AS last
    FROM good_run)
  WHERE place IN (0, last / 4, (last + 3) / 4, 2 * last / 4, (2 * last + 3) / 4, 3 * last / 4,
    (3 * last + 3) / 4, last)
  WINDOW same AS (PARTITION BY sweep_id, cell, traced))
WHERE place = 0;

-- The states in which calls found the pipe, by name: the bits of a state word from the highest to
-- the lowest, and in hexadecimal what has no name.
CREATE VIEW pipe_state_named AS
SELECT run_overview.*, pipe_state.role, pipe_state.operation, pipe_state.state AS pipe_state,
  printf('0x%03x', pipe_state.state) AS pipe_state_hex,
  (SELECT CASE WHEN names IS NULL THEN printf('0x%x', rest) WHEN rest = 0 THEN names
      ELSE names || printf('|0x%x', rest) END
    FROM (
      SELECT group_concat(name, '|') AS names,
        pipe_state.state & 4294967295 & ~coalesce(sum(bit), 0) AS rest
      FROM (
        SELECT name, bit FROM pipe_state_bit
        WHERE pipe_state_bit.sweep_id = run_overview.sweep_id AND pipe_state.state & bit <> 0
        ORDER BY bit DESC))) AS pipe_state_names,
  pipe_state.count
FROM run_overview JOIN pipe_state USING (run_id);

-- The calls of every role of a cell over its good traced runs; a run without the call counts as 0.
CREATE VIEW syscall_summary AS
SELECT sweep.id AS sweep_id, sweep.name AS sweep, counts.cell, ipc, mode, buffer_bytes, total_bytes,
  socket_buffers, iif(cell.host = '', cell.assigned_host, cell.host) AS host, program,
  role, syscall, last + 1 AS runs,
  median_low + 2 * last % 4 / 4.0 * (median_high - median_low) AS calls_median,
  q1_low + last % 4 / 4.0 * (q1_high - q1_low) AS calls_q1,
  q3_low + 3 * last % 4 / 4.0 * (q3_high - q3_low) AS calls_q3,
  CASE made WHEN last + 1 THEN least ELSE 0 END AS calls_min,
  greatest AS calls_max,
  last > 0 AND CASE made WHEN last + 1 THEN least ELSE 0 END = greatest AS deterministic
FROM (
  SELECT *,
    coalesce(max(count) FILTER (WHERE place = 2 * last / 4) OVER same, 0) AS median_low,
    coalesce(max(count) FILTER (WHERE place = (2 * last + 3) / 4) OVER same, 0) AS median_high,
    coalesce(max(count) FILTER (WHERE place = last / 4) OVER same, 0) AS q1_low,
    coalesce(max(count) FILTER (WHERE place = (last + 3) / 4) OVER same, 0) AS q1_high,
    coalesce(max(count) FILTER (WHERE place = 3 * last / 4) OVER same, 0) AS q3_low,
    coalesce(max(count) FILTER (WHERE place = (3 * last + 3) / 4) OVER same, 0) AS q3_high,
    min(count) OVER same AS least, max(count) OVER same AS greatest
  FROM (
    SELECT *, last + 1 - made + number - 1 AS place FROM (
      SELECT run_overview.sweep_id, run_overview.cell, role, syscall, count, last,
        count(*) OVER (PARTITION BY run_overview.sweep_id, run_overview.cell, role, syscall) AS made,
        row_number() OVER (
          PARTITION BY run_overview.sweep_id, run_overview.cell, role, syscall ORDER BY count)
          AS number
      FROM run_overview JOIN syscall_count USING (run_id)
      JOIN (
        SELECT sweep_id, cell, count(*) - 1 AS last FROM run_overview
        WHERE state = 'completed' AND warmup = 0
          AND EXISTS (SELECT 1 FROM syscall_count WHERE syscall_count.run_id = run_overview.run_id)
        GROUP BY sweep_id, cell) AS counted USING (sweep_id, cell)
      WHERE run_overview.state = 'completed' AND run_overview.warmup = 0))
  WHERE place IN (last + 1 - made, last / 4, (last + 3) / 4, 2 * last / 4, (2 * last + 3) / 4, 3 * last / 4,
    (3 * last + 3) / 4, last)
  WINDOW same AS (PARTITION BY sweep_id, cell, role, syscall)) AS counts
JOIN sweep ON sweep.id = counts.sweep_id
JOIN cell ON cell.sweep_id = counts.sweep_id AND cell.number = counts.cell AND cell.asked = 1
WHERE place = last + 1 - made;
