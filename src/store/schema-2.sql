-- ipc-sweep database, from version 1 to version 2.

-- What the kernel says of a run's processes when they have ended (wait4(2)); null in runs of version 1.
ALTER TABLE run ADD COLUMN user_ns INTEGER;
ALTER TABLE run ADD COLUMN system_ns INTEGER;
ALTER TABLE run ADD COLUMN max_rss_bytes INTEGER;
ALTER TABLE run ADD COLUMN voluntary_switches INTEGER;
ALTER TABLE run ADD COLUMN involuntary_switches INTEGER;

-- Benchmark and machine.

-- User scripts.

-- Sweeps and hosts.
-- The host that runs a cell, in a sweep in which each host runs the whole matrix; else empty.
ALTER TABLE cell ADD COLUMN host TEXT NOT NULL DEFAULT '';
-- The host that makes every run of a cell, in a sweep whose hosts share the cells; empty: not yet known.
ALTER TABLE cell ADD COLUMN assigned_host TEXT NOT NULL DEFAULT '';

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


-- What tells this database from all others, wherever it is moved; its copies bear the same.
-- Beside it, PRAGMA application_id is 0x69706353 (ipcS) from this version on.
CREATE TABLE database_identity (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  id TEXT NOT NULL
) STRICT;
INSERT INTO database_identity VALUES (1, lower(hex(randomblob(16))));
