import { runAll } from '../execute/runner.ts';
import { formatSeconds } from '../experiment/durations.ts';
import type { Experiment } from '../experiment/load.ts';
import { startGuard } from '../host/guard.ts';
import { THIS_MACHINE } from '../host/machine/sources.ts';
import { removeStaleScratch } from '../host/scratch.ts';
import type { Setting } from '../host/tune/settings.ts';
import { type Tuned, tune } from '../host/tune/tune.ts';
import { runKey } from '../plan/identity.ts';
import type { PlannedRun } from '../plan/order.ts';
import { estimateRuns, makePlan, runDeadlineMs } from '../plan/plan.ts';
import { recordEnvironmentWarning } from '../store/environment-writer.ts';
import type { Db, WritableDb } from '../store/open.ts';
import { chooseSweep, type SweepState } from '../store/reader.ts';
import { runHistory } from '../store/run-history.ts';
import { runWriter } from '../store/run-writer.ts';
import { markSweep } from '../store/sweep-writer.ts';
import { cacheDirectory } from './cache-directory.ts';
import { counted } from './counted.ts';
import { InFlight } from './in-flight.ts';
import { isTraced, type Prepared } from './prepare.ts';
import { Progress } from './progress.ts';
import { type Refined, refine } from './refine.ts';
import { recordSession } from './session-environment.ts';
import { onInterrupt } from './signals.ts';
import type { Terminal } from './terminal.ts';
import { settle } from './tuning.ts';

export interface CarryOut {
  readonly prepared: Prepared;
  /** Repeat the runs that did not succeed, and no others. */
  readonly onlyFailed: boolean;
  /** What is to be set on this machine for the time of the sweep. */
  readonly tuning: readonly Setting[];
  readonly terminal: Terminal;
}

/** Makes the runs that are left of a sweep and stores each as it ends. @returns whether the user ended it */
export async function carryOut(
  { db, checkInPlace }: WritableDb,
  sweepId: number,
  experiment: Experiment,
  { prepared, onlyFailed, tuning, terminal }: CarryOut,
): Promise<boolean> {
  const { document } = experiment;
  const { chosen, program } = prepared;
  const history = runHistory(db, sweepId);
  const plan = makePlan(experiment.cells, document, {
    traced: isTraced(prepared),
    done: history.ended,
  });
  const least = new Set(plan.least);
  const progress = new Progress(terminal, () => performance.now(), document.retry);
  const failed = plan.runs.filter((run) => history.failed.has(runKey(run)));
  const nowMs = () => performance.now();
  const refined: Refined = onlyFailed
    ? { runs: failed, spent: () => false }
    : refine(db, sweepId, { left: plan.left, nowMs, onMore: (runs) => progress.more(runs) });
  /** Whether nothing is left that a start without `--only-failed` would make. */
  const isComplete = () => {
    const { ended: done } = runHistory(db, sweepId);
    const { left } = makePlan(experiment.cells, document, { traced: isTraced(prepared), done });
    const others = refine(db, sweepId, { left, nowMs, onMore: () => {} });
    return !peeked(others.runs).any && !others.spent();
  };
  const { any, runs } = peeked(refined.runs);
  if (!any) {
    const complete = onlyFailed ? isComplete() : !refined.spent();
    markUnchanged(db, sweepId, complete);
    if (onlyFailed) terminal.talk('no run has failed');
    else if (complete) {
      const { planned_runs: planned } = chooseSweep(db, String(sweepId));
      terminal.talk(
        `sweep ${document.name}-${sweepId} is complete (${counted(planned, 'run')}); --fresh starts a new one`,
      );
    }
    sayBudget(refined, document.budget, terminal);
    return false;
  }
  const sure = onlyFailed ? failed : plan.left.filter((run) => least.has(run));
  progress.more(sure.length);
  const traced = chosen ? `traced by ${chosen.tracer.name} ${chosen.version}` : 'untraced';
  const { length: count } = experiment.cells;
  if (sure.length > 0) {
    const about = formatSeconds(estimateRuns(sure, plan.options));
    const atLeast = document.trials.relativeCi === undefined ? '' : 'at least ';
    terminal.talk(
      `${atLeast}${counted(sure.length, 'run')} of ${counted(count, 'cell')}, ${traced}, about ${about}`,
    );
  } else
    terminal.talk(`further trials of those of ${counted(count, 'cell')} that need them, ${traced}`);
  if (document.trace.sudo && document.trace.tracer === 'strace') {
    terminal.talk('strace needs no root: it is started without sudo');
  }
  if (prepared.unavailable.length > 0) {
    terminal.talk(
      `not available with ${chosen?.tracer.name} here: ${prepared.unavailable.join(', ')}`,
    );
  }
  const inFlight = new InFlight(nowMs);
  const interrupt = onInterrupt(
    (message) => progress.say(message),
    () => inFlight.secondsLeft(),
  );
  removeStaleScratch();
  const guard = await startGuard(cacheDirectory(process.env));
  markSweep(db, sweepId, 'running', new Date());
  const deadlineMs = ({ cell }: PlannedRun) => runDeadlineMs(cell, plan.options, document.timeout);
  let state: SweepState = 'stopped';
  let tuned: Tuned | undefined;
  let environmentId: number | undefined;
  try {
    if (tuning.length > 0) tuned = await tune(tuning, THIS_MACHINE, guard);
    const session = {
      specFile: experiment.file,
      benchmarkPath: program.path,
      tracerVersion: chosen?.version ?? '',
      tuned: tuned?.facts ?? new Map(),
      ...{ guard, abort: interrupt.abort },
    };
    environmentId = await recordSession(db, sweepId, session, (line) => progress.say(line));
    const store = runWriter(db, sweepId, environmentId);
    const end = await runAll(runs, {
      attemptsBefore: (planned) => history.attempts.get(runKey(planned)) ?? 0,
      retries: document.retry,
      maxFailures: document.max_failures,
      guard,
      program,
      options: plan.options,
      tracer: chosen?.tracer,
      privilege: prepared.privilege,
      request: prepared.request,
      cacheDir: cacheDirectory(process.env),
      scripts: prepared.scripts,
      // A FreeBSD consumer that ends can take system-call probes away from one that goes on.
      attachPerRun:
        document.trace.attach === 'per-run' ||
        (prepared.scripts.length > 0 && process.platform === 'freebsd'),
      deadlineMs,
      abort: interrupt.abort,
      stopping: interrupt.requested,
      onDoubt: (doubt) => {
        progress.say(`${doubt.code}: ${doubt.message}`);
        if (environmentId !== undefined) recordEnvironmentWarning(db, environmentId, doubt);
      },
      onStart: (planned) => {
        program.checkUnchanged();
        progress.starting(planned);
        inFlight.started(deadlineMs(planned));
      },
      onResult: (result) => {
        inFlight.ended();
        store(result);
        checkInPlace();
        progress.ended(result);
      },
    });
    if (end === 'stopped') state = 'interrupted';
    else if (onlyFailed ? isComplete() : isAllEnded(db, sweepId) && !refined.spent())
      state = 'ended';
    if (end === 'hopeless') {
      progress.say(
        `given up: ${counted(document.max_failures, 'run')} in a row did not succeed (max_failures); \`ipc-sweep status ${document.name}-${sweepId}\` lists them`,
      );
    }
  } finally {
    progress.finish();
    interrupt.dispose();
    if (tuned) await settle(tuned, guard, db, environmentId, terminal);
    else await guard.close();
    markSweep(db, sweepId, state, new Date());
  }
  sayBudget(refined, document.budget, terminal);
  return interrupt.requested();
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

function sayBudget(refined: Refined, budgetMs: number | undefined, terminal: Terminal): void {
  if (!refined.spent() || budgetMs === undefined) return;
  terminal.talk(
    `the budget of ${formatSeconds(budgetMs / 1000)} is used up; a larger one in the spec goes on`,
  );
}

/** Whether there is any run, found out without losing the first. */
function peeked(runs: Iterable<PlannedRun>): { any: boolean; runs: Iterable<PlannedRun> } {
  const iterator = runs[Symbol.iterator]();
  const first = iterator.next();
  function* all(): Generator<PlannedRun> {
    for (let next = first; !next.done; next = iterator.next()) yield next.value;
  }
  return { any: !first.done, runs: all() };
}
