-- ipc-sweep database, from version 4 to version 5.

-- What the processors did for a run, 997 times a second (instrument `profile`).
CREATE TABLE profile_stack (
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('receiver', 'sender', 'both')),
  stack TEXT NOT NULL,                  -- functions from the outermost to the running one, separated by `;`
  count INTEGER NOT NULL,               -- samples that found it
  PRIMARY KEY (run_id, role, stack)
) STRICT, WITHOUT ROWID;
