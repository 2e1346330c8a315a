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

-- How long threads of a role waited for the processor.
CREATE TABLE run_queue (
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('receiver', 'sender', 'both')),
  after TEXT NOT NULL CHECK (after IN ('wake-up', 'preemption', 'unseen')),
  from_ns INTEGER NOT NULL,             -- lower edge of a power-of-two bucket; 0 up to 256
  count INTEGER NOT NULL,
  PRIMARY KEY (run_id, role, after, from_ns)
) STRICT, WITHOUT ROWID;

-- How a script was attached: with the session, as part of its program, or by itself to every run.
ALTER TABLE sweep_script ADD COLUMN attached TEXT NOT NULL DEFAULT 'per-run'
  CHECK (attached IN ('session', 'per-run'));
-- Why it was attached to every run, with the line of the script.
ALTER TABLE sweep_script ADD COLUMN attached_because TEXT NOT NULL DEFAULT '';

-- What the processors did for a run, 997 times a second (instrument `profile`).
CREATE TABLE profile_stack (
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('receiver', 'sender', 'both')),
  stack TEXT NOT NULL,                  -- functions from the outermost to the running one, separated by `;`
  count INTEGER NOT NULL,               -- samples that found it
  PRIMARY KEY (run_id, role, stack)
) STRICT, WITHOUT ROWID;

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
