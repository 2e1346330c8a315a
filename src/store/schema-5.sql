-- ipc-sweep database, from version 4 to version 5.

-- How many page faults a role took.
CREATE TABLE page_fault (
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('receiver', 'sender', 'both')),
  kind TEXT NOT NULL CHECK (kind IN ('minor', 'major')),
  count INTEGER NOT NULL,
  PRIMARY KEY (run_id, role, kind)
) STRICT, WITHOUT ROWID;

-- How long the pipe was in each state (instrument pipe-dwell).
CREATE TABLE pipe_dwell (
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('receiver', 'sender', 'both')),
  state INTEGER NOT NULL,               -- that the first of two looks found
  next_state INTEGER NOT NULL,          -- that the second one found
  count INTEGER NOT NULL,               -- nanoseconds between such looks
  PRIMARY KEY (run_id, role, state, next_state)
) STRICT, WITHOUT ROWID;

-- How long each pipe of a run was in use (instrument pipe-dwell).
CREATE TABLE pipe_span (
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('receiver', 'sender', 'both')),
  pipe INTEGER NOT NULL,                -- which of the run's pipes, from 1
  count INTEGER NOT NULL,               -- nanoseconds from the first look at it to the last
  PRIMARY KEY (run_id, role, pipe)
) STRICT, WITHOUT ROWID;
