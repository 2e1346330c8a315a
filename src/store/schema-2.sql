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

-- What tells this database from all others, wherever it is moved; its copies bear the same.
-- Beside it, PRAGMA application_id is 0x69706353 (ipcS) from this version on.
CREATE TABLE database_identity (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  id TEXT NOT NULL
) STRICT;
INSERT INTO database_identity VALUES (1, lower(hex(randomblob(16))));
