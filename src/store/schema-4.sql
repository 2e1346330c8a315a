-- ipc-sweep database, from version 3 to version 4.

-- Sweeps in shards.
-- Which of the `shards` shards of a sweep is made in this database, from 1; null if it is not divided.
-- planned_runs then counts the runs of this shard.
ALTER TABLE sweep ADD COLUMN shard INTEGER;
ALTER TABLE sweep ADD COLUMN shards INTEGER;
-- The shard that makes a cell's runs, when it is not this one; 0: they are made here. Every shard knows
-- the whole matrix.
ALTER TABLE cell ADD COLUMN other_shard INTEGER NOT NULL DEFAULT 0;
