-- ipc-sweep database, from version 4 to version 5.

-- How a script was attached: with the session, as part of its program, or by itself to every run.
ALTER TABLE sweep_script ADD COLUMN attached TEXT NOT NULL DEFAULT 'per-run'
  CHECK (attached IN ('session', 'per-run'));
-- Why it was attached to every run, with the line of the script.
ALTER TABLE sweep_script ADD COLUMN attached_because TEXT NOT NULL DEFAULT '';
