-- ipc-sweep database, from version 4 to version 5.

-- How many page faults a role took.
CREATE TABLE page_fault (
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('receiver', 'sender', 'both')),
  kind TEXT NOT NULL CHECK (kind IN ('minor', 'major')),
  count INTEGER NOT NULL,
  PRIMARY KEY (run_id, role, kind)
) STRICT, WITHOUT ROWID;
