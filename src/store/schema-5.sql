-- ipc-sweep database, from version 4 to version 5.

-- Counters of the benchmark (-P).

-- The set of counters that the benchmark was asked for; empty: none.
ALTER TABLE sweep ADD COLUMN counters TEXT NOT NULL DEFAULT '';

-- The counters of each sample by the names that the benchmark prints: those of `-P`, and any other number.
CREATE TABLE sample_counter (
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  iteration INTEGER NOT NULL,
  counter TEXT NOT NULL,
  value REAL NOT NULL,
  PRIMARY KEY (run_id, iteration, counter)
) STRICT, WITHOUT ROWID;
