import type { BenchmarkProgram } from '../benchmark/locate.ts';
import type { RunResult } from '../execute/outcome.ts';
import type { Experiment } from '../experiment/load.ts';
import { cacheDirectory } from '../host/cache-directory.ts';
import { startGuard } from '../host/guard.ts';
import { allowanceOf } from '../host/machine/allowance.ts';
import { Neighbours } from '../host/machine/neighbours.ts';
import { THIS_MACHINE } from '../host/machine/sources.ts';
import type { EnvironmentWarning } from '../host/machine/warnings.ts';
import { removeStaleScratch } from '../host/scratch.ts';
import type { Setting } from '../host/tune/settings.ts';
import { type Tuned, tune } from '../host/tune/tune.ts';
import { estimateRuns, runDeadlineMs } from '../plan/plan.ts';
import { type ActiveTime, activeTime } from '../store/active-time.ts';
import type { Db, WritableDb } from '../store/open.ts';
import { chooseSweep, type SweepState } from '../store/reader.ts';
import { runHistory } from '../store/run-history.ts';
import { runWriter } from '../store/run-writer.ts';
import { markSweep } from '../store/sweep-writer.ts';
import { type Decided, decide } from './decide.ts';
import type { Report, StopRequest } from './events.ts';
import { tracedBy } from './notes.ts';
import type { Prepared } from './prepare.ts';
import { runAll } from './run-all.ts';
import { recordSession } from './session-environment.ts';
import { settleTuning } from './settle.ts';

export interface RunSweep {
  readonly experiment: Experiment;
  readonly prepared: Prepared;
  /** Repeat the runs that did not succeed, and no others. */
  readonly onlyFailed: boolean;
  /** What is to be set on this machine for the time of the sweep. */
  readonly tuning: readonly Setting[];
  /** Whether other benchmarks are looked for. */
  readonly alone: boolean;
  /** What is to be stored with the machine's warnings. */
  readonly hostWarnings: readonly EnvironmentWarning[];
  readonly report: Report;
  /** Called when the first run is about to be made: from then on signals are requests. */
  readonly listen: () => StopRequest & { readonly dispose: () => void };
}

/**
 * Makes the runs that are left of a sweep and stores each as it ends.
 * @returns whether the user ended it
 */
export async function runSweep(
  database: WritableDb,
  sweepId: number,
  setting: RunSweep,
): Promise<boolean> {
  const { db } = database;
  const { experiment, onlyFailed, report } = setting;
  const nowMs = () => performance.now();
  const active = activeTime(db, sweepId, nowMs);
  const decided = decide(db, sweepId, experiment, setting.prepared, {
    onlyFailed,
    nowMs,
    onMore: (runs) => report({ kind: 'more', runs }),
  });
  let interrupted = false;
  if (decided.any) {
    announce(decided, setting);
    interrupted = await makeRuns(database, sweepId, decided, active, setting);
  } else {
    const complete = decided.isComplete();
    markUnchanged(db, sweepId, complete);
    const { planned_runs: planned } = chooseSweep(db, String(sweepId));
    const sweep = `${experiment.document.name}-${sweepId}`;
    report({ kind: 'nothing-left', sweep, onlyFailed, complete, planned });
  }
  const { budget } = experiment.document;
  if (decided.spent() && budget !== undefined) report({ kind: 'budget-spent', budgetMs: budget });
  return interrupted;
}

function announce({ certain, plan }: Decided, { experiment, prepared, report }: RunSweep): void {
  const { document } = experiment;
  report({ kind: 'more', runs: certain.length });
  report({
    kind: 'begins',
    runs: certain.length,
    atLeast: document.trials.relativeCi !== undefined,
    cells: experiment.cells.length,
    tracer: tracedBy(prepared),
    seconds: estimateRuns(certain, plan.options),
    notes: prepared.notes,
  });
}

async function makeRuns(
  { db, checkInPlace }: WritableDb,
  sweepId: number,
  decided: Decided,
  active: ActiveTime,
  { experiment, prepared, onlyFailed, tuning, alone, hostWarnings, report, listen }: RunSweep,
): Promise<boolean> {
  const { document } = experiment;
  const { chosen, program } = prepared;
  const { plan } = decided;
  const cacheDir = cacheDirectory(process.env);
  const stop = listen();
  removeStaleScratch();
  const guard = await startGuard(cacheDir);
  markSweep(db, sweepId, 'running', new Date());
  let state: SweepState = 'stopped';
  let tuned: Tuned | undefined;
  let environmentId: number | undefined;
  try {
    if (tuning.length > 0) tuned = await tune(tuning, THIS_MACHINE, guard);
    const session = {
      specFile: experiment.file,
      benchmarkPath: program.path,
      tracerVersion: chosen?.version ?? '',
      warnings: hostWarnings,
      tuned: tuned?.facts ?? new Map(),
      guard,
      abort: stop.abort,
    };
    const recorded = await recordSession(db, sweepId, session);
    environmentId = recorded.environmentId;
    report({ kind: 'environment', warnings: recorded.warnings });
    const write = runWriter(db, sweepId, environmentId);
    const store = db.transaction((result: RunResult) => {
      active.note();
      write(result);
    });
    const end = await runAll(decided.runs, {
      attemptsBefore: decided.attemptsBefore,
      retries: document.retry,
      maxFailures: document.max_failures,
      guard,
      allowance: allowanceOf(THIS_MACHINE),
      ...(alone ? { neighbours: new Neighbours(THIS_MACHINE, namesOf(program)) } : {}),
      program,
      options: plan.options,
      tracer: chosen?.tracer,
      privilege: prepared.privilege,
      request: prepared.request,
      cacheDir,
      scripts: prepared.scripts,
      // A FreeBSD consumer that ends can take system-call probes away from one that goes on.
      attachPerRun:
        document.trace.attach === 'per-run' ||
        (prepared.scripts.length > 0 && process.platform === 'freebsd'),
      deadlineMs: ({ cell }) => runDeadlineMs(cell, plan.options, document.timeout),
      abort: stop.abort,
      stopping: stop.requested,
      onStart: (run) => {
        program.checkUnchanged();
        report({ kind: 'starts', run });
      },
      onResult: (result) => {
        store(result);
        checkInPlace();
        report({ kind: 'ended', result });
      },
    });
    if (end === 'stopped') state = 'interrupted';
    else if (onlyFailed ? decided.isComplete() : isAllEnded(db, sweepId) && !decided.spent()) {
      state = 'ended';
    }
    if (end === 'hopeless') {
      const sweep = `${document.name}-${sweepId}`;
      report({ kind: 'given-up', failures: document.max_failures, sweep });
    }
  } finally {
    report({ kind: 'finished' });
    stop.dispose();
    if (tuned) await settleTuning(tuned, guard, db, environmentId, report);
    else await guard.close();
    markSweep(db, sweepId, state, new Date());
  }
  return stop.requested();
}

/** Names under which a benchmark runs, whoever has started it. */
function namesOf({ execname }: BenchmarkProgram): readonly string[] {
  return [...new Set([execname, 'ipc-benchmark'])];
}

/** Whether every run that is planned so far has ended. */
function isAllEnded(db: Db, sweepId: number): boolean {
  const { planned_runs: planned } = chooseSweep(db, String(sweepId));
  return runHistory(db, sweepId).ended.size >= planned;
}

/** Nothing was to be done; yet fewer runs may be asked for now than before, or more. */
function markUnchanged(db: Db, sweepId: number, complete: boolean): void {
  const { state: before } = chooseSweep(db, String(sweepId));
  const after = complete ? 'ended' : before === 'interrupted' ? before : 'stopped';
  if (after !== before) markSweep(db, sweepId, after, new Date());
}
