import type { Sample } from '../benchmark/output.ts';
import type { RunResult } from '../execute/outcome.ts';
import { cellKey } from '../experiment/cell.ts';
import type { RunConditions } from '../host/machine/run-conditions.ts';
import { countsWriter } from './counts-writer.ts';
import { hookCallWriter } from './hook-calls.ts';
import type { Db } from './open.ts';
import { timeText } from './time-text.ts';

/**
 * Returns a function that stores a result in one transaction, with its statements prepared once.
 * After a power cut or a kill, either all rows of a run are there or none.
 */
export function runWriter(
  db: Db,
  sweepId: number,
  environmentId: number,
): (result: RunResult) => void {
  const run = db.prepare(
    `INSERT INTO run (cell_id, environment_id, ordinal, trial, attempt, warmup, traced, state,
       reason, exit_code, signal, pid, stderr_tail, started_at, wall_ns, user_ns, system_ns,
       max_rss_bytes, voluntary_switches, involuntary_switches, active_ms)
     VALUES ((SELECT id FROM cell WHERE sweep_id = @sweepId AND key = @cell), @environmentId,
       @ordinal, @trial, @attempt, @warmup, @traced, @state, @reason, @exitCode, @signal, @pid,
       @stderrTail, @startedAt, @wallNs, @userNs, @systemNs, @maxRssBytes, @voluntarySwitches,
       @involuntarySwitches, (SELECT active_ms FROM sweep WHERE id = @sweepId))`,
  );
  // Removes an interrupted run, or an earlier attempt, to make room for the repetition.
  const replace = db.prepare(
    `DELETE FROM run WHERE trial = @trial AND traced = @traced AND attempt = @attempt
       AND state = 'interrupted'
       AND cell_id = (SELECT id FROM cell WHERE sweep_id = @sweepId AND key = @cell)`,
  );
  const sample = db.prepare(
    `INSERT INTO sample (run_id, iteration, warmup, elapsed_ns, bandwidth_bytes_per_s, stime_ns,
       utime_ns, msgsnd, msgrcv, nvcsw, nivcsw) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const counter = db.prepare('INSERT INTO sample_counter VALUES (?, ?, ?, ?)');
  const condition = db.prepare('INSERT INTO run_condition VALUES (?, ?, ?, ?, ?, ?, ?)');
  const counts = countsWriter(db);
  const hookCall = hookCallWriter(db, sweepId, hostNameOf(db, environmentId));
  const warning = db.prepare('INSERT INTO warning VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING');

  return db.transaction((result: RunResult) => {
    const identity = {
      sweepId,
      cell: cellKey(result.planned.cell),
      trial: result.planned.trial,
      traced: Number(result.planned.traced),
      attempt: result.attempt,
    };
    replace.run(identity);
    const { lastInsertRowid } = run.run({
      ...identity,
      environmentId,
      ordinal: result.planned.ordinal,
      warmup: Number(result.planned.warmup),
      state: result.outcome.state,
      reason: reasonOf(result),
      exitCode: result.exitCode,
      signal: result.signal,
      pid: result.pid,
      stderrTail: result.stderrTail,
      startedAt: timeText(result.startedAt),
      wallNs: result.wallNs,
      ...(result.use ?? UNKNOWN_USE),
    });
    const runId = Number(lastInsertRowid);
    const samples = 'samples' in result.outcome ? result.outcome.samples : [];
    for (const s of samples) {
      sample.run(runId, ...sampleValues(s, samples.length));
      for (const [name, value] of s.counters ?? []) counter.run(runId, s.iteration, name, value);
    }
    if (result.conditions) condition.run(runId, ...conditionValues(result.conditions));
    if (result.counts) counts.writeCounts(runId, result.counts);
    for (const script of result.scripts) {
      counts.writeScript(runId, script);
      counts.writeRaw(runId, script.script, script.raw);
    }
    for (const call of result.hooks ?? []) hookCall(call, runId);
    for (const d of result.doubts) warning.run(runId, d.code, d.message, Number(d.suspect));
    if (result.rawTrace) counts.writeRaw(runId, '', result.rawTrace);
  });
}

function hostNameOf(db: Db, environmentId: number): string {
  const row = db
    .prepare<[number], { host_name: string }>('SELECT host_name FROM environment WHERE id = ?')
    .get(environmentId);
  return row?.host_name ?? '';
}

const UNKNOWN_USE = {
  ...{ userNs: null, systemNs: null, maxRssBytes: null },
  ...{ voluntarySwitches: null, involuntarySwitches: null },
};

function reasonOf({ outcome, doubts }: RunResult): string | null {
  if ('reason' in outcome) return outcome.reason;
  if (outcome.state !== 'suspect') return null;
  return doubts
    .filter(({ suspect }) => suspect)
    .map(({ code }) => code)
    .join(', ');
}

function conditionValues(c: RunConditions): (number | null)[] {
  return [
    ...[c.load1min, c.cpu0Khz, c.stealNs, c.throttleEvents, c.contextSwitches],
    c.quotaThrottledPeriods,
  ];
}

/**
 * The first of several iterations finds cold caches and untouched pages, so it counts as warm-up.
 */
function sampleValues(s: Sample, of: number): (number | null)[] {
  return [
    s.iteration,
    Number(s.iteration === 1 && of > 1),
    s.elapsedNs,
    s.bandwidthBytesPerS,
    s.systemTimeNs ?? null,
    s.userTimeNs ?? null,
    s.messagesSent ?? null,
    s.messagesReceived ?? null,
    s.voluntarySwitches ?? null,
    s.involuntarySwitches ?? null,
  ];
}
