-- ipc-sweep database, from version 3 to version 4.

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
