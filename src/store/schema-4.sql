-- ipc-sweep database, from version 3 to version 4.

-- Options that change the spec, and commands around the runs.
-- What was given to the last `run` of a sweep beside its spec, in order; spec_text is the spec that it stands for.
CREATE TABLE sweep_option (
  sweep_id INTEGER NOT NULL REFERENCES sweep (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  option TEXT NOT NULL,                 -- such as --set
  value TEXT NOT NULL,                  -- empty for a switch
  PRIMARY KEY (sweep_id, position)
) STRICT, WITHOUT ROWID;

-- Each time that a command of the user's own was carried out: setup and cleanup of a host, prepare and conclude of a run.
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
  failure TEXT,                         -- why it has failed; null where it exited with 0
  output_tail TEXT NOT NULL             -- the last of what it wrote
) STRICT;
CREATE INDEX hook_call_sweep ON hook_call (sweep_id);
CREATE INDEX hook_call_run ON hook_call (run_id);

-- merge.
-- Where the sweeps were made that `merge` has taken from other databases. A sweep made in this database
-- has no row here; one that was joined from several (`--as-one`) has several.
CREATE TABLE sweep_origin (
  id INTEGER PRIMARY KEY,
  sweep_id INTEGER NOT NULL REFERENCES sweep (id) ON DELETE CASCADE,
  database TEXT NOT NULL,               -- the identity of the database in which it was made
  original_id INTEGER NOT NULL,         -- the sweep's id there
  mark TEXT NOT NULL,                   -- when it was started; of an import, what was imported
  file TEXT NOT NULL,                   -- that database, as it was named when it was first merged
  as_one INTEGER NOT NULL CHECK (as_one IN (0, 1)), -- 1: it is joined with others of the same experiment
  UNIQUE (database, original_id, mark)
) STRICT;
CREATE INDEX sweep_origin_sweep ON sweep_origin (sweep_id);
-- Which of its sweep's origins an environment, with the runs made in it, is from.
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

-- Changes to sweeps that were made.
-- What somebody has noted about the sweep; empty: nothing.
ALTER TABLE sweep ADD COLUMN note TEXT NOT NULL DEFAULT '';
-- The name that is part of the sweep's identity, where the sweep has been renamed; else empty.
ALTER TABLE sweep ADD COLUMN made_as TEXT NOT NULL DEFAULT '';
-- Sweeps that have been deleted. No other sweep gets the id of one, or its tables would be taken for the other's.
CREATE TABLE deleted_sweep (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  deleted_at TEXT NOT NULL
) STRICT;
