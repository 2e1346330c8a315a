-- ipc-sweep database, from version 3 to version 4.

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
