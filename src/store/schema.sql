-- ipc-sweep database, version 1. Bytes and nanoseconds are integers; times are ISO-8601 UTC text.

CREATE TABLE host (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

-- One start of an experiment; `run` again continues it while its identity is the same.
CREATE TABLE sweep (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  identity TEXT NOT NULL,               -- SHA-256 of the conditions that must agree to continue it
  spec_file TEXT NOT NULL,
  spec_text TEXT NOT NULL,
  seed INTEGER NOT NULL,
  run_order TEXT NOT NULL,
  planned_runs INTEGER NOT NULL,        -- known so far; trials until a precision come as they are needed
  warmup INTEGER NOT NULL,              -- first trials of each cell that do not count
  trials_min INTEGER NOT NULL,          -- counted trials that every cell gets
  trials_max INTEGER NOT NULL,
  relative_ci REAL,                     -- share of the median that half its interval may have; null: fixed trials
  budget_ms INTEGER,                    -- null: no limit
  controls INTEGER NOT NULL CHECK (controls IN (0, 1)), -- each traced run has an untraced twin
  tracer TEXT NOT NULL,                 -- bpftrace, dtrace, none
  trace_program TEXT NOT NULL,          -- the program's text; empty when untraced
  trace_program_sha256 TEXT NOT NULL,
  instruments TEXT NOT NULL,            -- names divided by commas
  benchmark_path TEXT NOT NULL,
  benchmark_sha256 TEXT NOT NULL,
  iterations INTEGER NOT NULL,
  bare INTEGER NOT NULL CHECK (bare IN (0, 1)),
  rusage INTEGER NOT NULL CHECK (rusage IN (0, 1)),
  started_at TEXT NOT NULL,
  ended_at TEXT,
  state TEXT NOT NULL CHECK (state IN ('running', 'interrupted', 'stopped', 'ended'))
) STRICT;

-- The user's own tracing scripts, as they were.
CREATE TABLE sweep_script (
  sweep_id INTEGER NOT NULL REFERENCES sweep (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  path TEXT NOT NULL,
  tracer TEXT NOT NULL CHECK (tracer IN ('dtrace', 'bpftrace')),
  json INTEGER NOT NULL CHECK (json IN (0, 1)),
  text TEXT NOT NULL,
  PRIMARY KEY (sweep_id, name)
) STRICT, WITHOUT ROWID;

-- What must be true of its cells at the end.
CREATE TABLE expectation (
  sweep_id INTEGER NOT NULL REFERENCES sweep (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (sweep_id, position)
) STRICT, WITHOUT ROWID;

-- What the machine was when a sweep was started or continued on it.
CREATE TABLE environment (
  id INTEGER PRIMARY KEY,
  sweep_id INTEGER NOT NULL REFERENCES sweep (id) ON DELETE CASCADE,
  host_id INTEGER NOT NULL REFERENCES host (id),
  captured_at TEXT NOT NULL,
  os_name TEXT NOT NULL,
  os_release TEXT NOT NULL,
  os_version TEXT NOT NULL,
  architecture TEXT NOT NULL,
  cpu_model TEXT NOT NULL,
  cpu_count INTEGER NOT NULL,
  memory_bytes INTEGER NOT NULL,
  load_1min REAL NOT NULL,
  node_version TEXT NOT NULL,
  ipc_sweep_version TEXT NOT NULL,
  tracer_version TEXT NOT NULL
) STRICT;

-- What the machine says of itself (docs/environment.md), and what the benchmark says of it
-- (`describe`) by its own names.
CREATE TABLE environment_fact (
  environment_id INTEGER NOT NULL REFERENCES environment (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (environment_id, key)
) STRICT, WITHOUT ROWID;

-- What in the machine's state harms its figures, by codes of docs/environment.md.
CREATE TABLE environment_warning (
  environment_id INTEGER NOT NULL REFERENCES environment (id) ON DELETE CASCADE,
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  PRIMARY KEY (environment_id, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE cell (
  id INTEGER PRIMARY KEY,
  sweep_id INTEGER NOT NULL REFERENCES sweep (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,              -- place in the matrix, from 1
  key TEXT NOT NULL,
  ipc TEXT NOT NULL,
  mode TEXT NOT NULL,
  buffer_bytes INTEGER NOT NULL,
  total_bytes INTEGER NOT NULL,
  socket_buffers INTEGER NOT NULL CHECK (socket_buffers IN (0, 1)),
  asked INTEGER NOT NULL DEFAULT 1 CHECK (asked IN (0, 1)), -- 0: the spec no longer asks for it
  UNIQUE (sweep_id, key)
) STRICT;

CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  cell_id INTEGER NOT NULL REFERENCES cell (id) ON DELETE CASCADE,
  environment_id INTEGER NOT NULL REFERENCES environment (id),
  ordinal INTEGER NOT NULL,             -- place in the planned order, from 1
  trial INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  warmup INTEGER NOT NULL CHECK (warmup IN (0, 1)),
  traced INTEGER NOT NULL CHECK (traced IN (0, 1)),
  state TEXT NOT NULL CHECK (state IN ('completed', 'suspect', 'tracer-failed', 'failed',
    'signalled', 'timed-out', 'output-unreadable', 'interrupted')),
  reason TEXT,                          -- why the state is not completed
  exit_code INTEGER,
  signal TEXT,
  pid INTEGER,                          -- of the run's root; null when it never started
  stderr_tail TEXT NOT NULL,
  started_at TEXT NOT NULL,
  wall_ns INTEGER NOT NULL,
  UNIQUE (cell_id, trial, traced, attempt)
) STRICT;

-- What moved on the machine during a run; null where the platform does not tell.
CREATE TABLE run_condition (
  run_id INTEGER PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
  load_1min REAL NOT NULL,              -- just before the run
  cpu0_khz INTEGER,                     -- just after the run
  steal_ns INTEGER,                     -- from processor 0, in ticks of 10 ms
  throttle_events INTEGER,              -- of processor 0
  context_switches INTEGER              -- of the whole machine
) STRICT;

CREATE TABLE sample (
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  iteration INTEGER NOT NULL,
  warmup INTEGER NOT NULL CHECK (warmup IN (0, 1)), -- the first of several iterations
  elapsed_ns INTEGER NOT NULL,
  bandwidth_bytes_per_s REAL NOT NULL,
  stime_ns INTEGER,
  utime_ns INTEGER,
  msgsnd INTEGER,
  msgrcv INTEGER,
  nvcsw INTEGER,
  nivcsw INTEGER,
  PRIMARY KEY (run_id, iteration)
) STRICT, WITHOUT ROWID;

CREATE TABLE syscall_count (
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('receiver', 'sender', 'both')),
  syscall TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (run_id, role, syscall)
) STRICT, WITHOUT ROWID;

CREATE TABLE pipe_state (
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('receiver', 'sender', 'both')),
  operation TEXT NOT NULL CHECK (operation IN ('read', 'write', 'write-peer')),
  state INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (run_id, role, operation, state)
) STRICT, WITHOUT ROWID;

CREATE TABLE pipe_transition (
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('receiver', 'sender', 'both')),
  operation TEXT NOT NULL CHECK (operation IN ('read', 'write')),
  from_state INTEGER NOT NULL,
  to_state INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (run_id, role, operation, from_state, to_state)
) STRICT, WITHOUT ROWID;

CREATE TABLE io_size (
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('receiver', 'sender', 'both')),
  operation TEXT NOT NULL CHECK (operation IN ('read', 'write')),
  bytes INTEGER NOT NULL,               -- what the call returned; negative for an error
  count INTEGER NOT NULL,
  PRIMARY KEY (run_id, role, operation, bytes)
) STRICT, WITHOUT ROWID;

CREATE TABLE context_switch (
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('receiver', 'sender', 'both')),
  kind TEXT NOT NULL CHECK (kind IN ('voluntary', 'involuntary')),
  count INTEGER NOT NULL,
  PRIMARY KEY (run_id, role, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE io_latency (
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('receiver', 'sender', 'both')),
  operation TEXT NOT NULL CHECK (operation IN ('read', 'write')),
  from_ns INTEGER NOT NULL,             -- lower edge of a power-of-two bucket; 0 up to 256
  count INTEGER NOT NULL,
  PRIMARY KEY (run_id, role, operation, from_ns)
) STRICT, WITHOUT ROWID;

-- Every read and write on the pipe, for sweeps that asked for events.
CREATE TABLE pipe_event (
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  sequence INTEGER NOT NULL,
  at_ns INTEGER NOT NULL,               -- since the run's first event
  role TEXT NOT NULL CHECK (role IN ('receiver', 'sender', 'both')),
  operation TEXT NOT NULL CHECK (operation IN ('read', 'write')),
  state INTEGER NOT NULL,
  PRIMARY KEY (run_id, sequence)
) STRICT, WITHOUT ROWID;

-- What the user's own scripts aggregated. Plain values have no bucket.
CREATE TABLE aggregation (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  script TEXT NOT NULL,
  name TEXT NOT NULL,                   -- empty where the script's output does not tell
  function TEXT NOT NULL,
  bucket_from INTEGER,
  bucket_to INTEGER,
  value REAL NOT NULL
) STRICT;
CREATE INDEX aggregation_run ON aggregation (run_id);

CREATE TABLE aggregation_key (
  aggregation_id INTEGER NOT NULL REFERENCES aggregation (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  key TEXT NOT NULL,
  PRIMARY KEY (aggregation_id, position)
) STRICT, WITHOUT ROWID;

-- What the user's own scripts printed line by line, up to a limit for each run.
CREATE TABLE event (
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  script TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  probe TEXT NOT NULL,
  cpu INTEGER,
  text TEXT NOT NULL,
  PRIMARY KEY (run_id, script, sequence)
) STRICT, WITHOUT ROWID;

-- Names of pipe state bits, as they were when the sweep was run.
CREATE TABLE pipe_state_bit (
  sweep_id INTEGER NOT NULL REFERENCES sweep (id) ON DELETE CASCADE,
  platform TEXT NOT NULL,
  version INTEGER NOT NULL,
  bit INTEGER NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (sweep_id, bit)
) STRICT, WITHOUT ROWID;

CREATE TABLE warning (
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  suspect INTEGER NOT NULL CHECK (suspect IN (0, 1)),
  PRIMARY KEY (run_id, code, message)
) STRICT, WITHOUT ROWID;

-- The tracer's own lines, gzip of UTF-8 text, so that they can be parsed again.
CREATE TABLE raw_trace (
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  script TEXT NOT NULL,                 -- a script of the user's, or empty for the instruments
  gzip BLOB NOT NULL,
  PRIMARY KEY (run_id, script)
) STRICT;

-- Every run of the cells that are asked for, with its parameters.
CREATE VIEW run_overview AS
SELECT run.id AS run_id, sweep.id AS sweep_id, sweep.name AS sweep, cell.number AS cell,
  run.trial, run.attempt, run.warmup, run.state, run.reason, run.traced,
  cell.ipc, cell.mode, cell.buffer_bytes, cell.total_bytes, cell.socket_buffers,
  sweep.iterations, sweep.bare, run.exit_code, run.signal, run.wall_ns, host.name AS host,
  CASE run.traced WHEN 1 THEN sweep.tracer ELSE 'none' END AS tracer,
  run.started_at, run.ordinal
FROM run
JOIN cell ON cell.id = run.cell_id
JOIN sweep ON sweep.id = cell.sweep_id
JOIN environment ON environment.id = run.environment_id
JOIN host ON host.id = environment.host_id
WHERE cell.asked = 1;

-- The samples that statistics are made from: good runs, no warm-up; traced and control alike.
CREATE VIEW good_sample AS
SELECT run_overview.*, sample.iteration, sample.elapsed_ns, sample.bandwidth_bytes_per_s
FROM run_overview JOIN sample USING (run_id)
WHERE state = 'completed' AND run_overview.warmup = 0 AND sample.warmup = 0;
