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
