import { UserError } from '../errors.ts';
import { hookRunner } from '../execute/hook.ts';
import { Neighbours } from '../host/machine/neighbours.ts';
import { removeStaleScratch } from '../host/scratch.ts';
import type { PlannedRun } from '../plan/order.ts';
import { runDeadlineMs } from '../plan/plan.ts';
import { type ActiveTime, activeTime } from '../store/active-time.ts';
import type { Db, WritableDb } from '../store/open.ts';
import { type SweepState, sweepById } from '../store/reader.ts';
import { runHistory } from '../store/run-history.ts';
import { runTimes } from '../store/run-times.ts';
import { markSweep } from '../store/sweep-writer.ts';
import { attachedAlone } from '../trace/user-scripts/riding/placement.ts';
import { type ArrivalSetting, Arrivals } from './arrivals.ts';
import { attachesPerRun, sweepCosts, type TracedWith } from './costs.ts';
import { type Decided, decide } from './decide.ts';
import type { Report, StopRequest } from './events.ts';
import { tracedBy } from './notes.ts';
import { notesOfAll } from './notes-of-hosts.ts';
import { firstHost, type Prepared } from './prepare.ts';
import { openClaimed, type PreparedHost, prepareHost } from './prepare-host.ts';
import { type HostEnd, type OnHostSetting, runOnHost } from './run-on-host.ts';
import { storingHostTrouble } from './store-host-trouble.ts';
import { SweepTimeLeft } from './sweep-time-left.ts';

export interface RunSweep extends ArrivalSetting {
  readonly prepared: Prepared;
  /** Whether to repeat only the runs that did not succeed. */
  readonly onlyFailed: boolean;
  /** Whether other benchmarks are looked for. */
  readonly alone: boolean;
  /** Called when the first run is about to be made: from then on signals are requests. */
  readonly listen: () => StopRequest & { readonly dispose: () => void };
}

/**
 * Makes the remaining runs of a sweep and stores each as it ends.
 * @returns whether the user stopped it
 */
export async function runSweep(
  database: WritableDb,
  sweepId: number,
  asked: RunSweep,
): Promise<boolean> {
  const { db } = database;
  const { experiment, prepared, onlyFailed } = asked;
  const nowMs = () => performance.now();
  const active = activeTime(db, sweepId, nowMs);
  const time = timeLeft(db, sweepId, asked, active, nowMs);
  const told = storingHostTrouble(db, sweepId, asked.report);
  const report: Report = (event) => {
    time.note(event);
    told(event);
  };
  const setting = { ...asked, report, time };
  const decided = decide(db, sweepId, experiment, prepared, {
    onlyFailed,
    nowMs,
    onMore: (runs, host) => {
      time.expect(runs, host);
      report({ kind: 'more', runs: runs.length });
    },
  });
  let interrupted = false;
  for (const { name, reason } of prepared.away) {
    report({ kind: 'host-away', host: name, reason });
  }
  for (const [host, cells] of decided.elsewhere) report({ kind: 'elsewhere', host, cells });
  const { shard, shards } = sweepById(db, sweepId);
  if (shard !== null && shards !== null) {
    const others = experiment.cells.length - decided.cells;
    report({ kind: 'shard', shard: { number: shard, of: shards }, cells: decided.cells, others });
  }
  if (decided.any) {
    announce(decided, setting);
    interrupted = await makeRuns(database, sweepId, decided, active, setting);
  } else {
    const complete = decided.isComplete();
    markUnchanged(db, sweepId, complete);
    const { planned_runs: planned } = sweepById(db, sweepId);
    const sweep = `${experiment.document.name}-${sweepId}`;
    report({ kind: 'nothing-left', sweep, onlyFailed, complete, planned });
  }
  const { budget } = experiment.document;
  if (decided.spent() && budget !== undefined) report({ kind: 'budget-spent', budgetMs: budget });
  return interrupted;
}

/** A sweep whose remaining time is estimated. */
interface Timed extends RunSweep {
  readonly time: SweepTimeLeft;
}

function timeLeft(
  db: Db,
  sweepId: number,
  { experiment: { cells, document }, prepared }: RunSweep,
  active: ActiveTime,
  nowMs: () => number,
): SweepTimeLeft {
  const { budget = Number.POSITIVE_INFINITY } = document;
  const costs = prepared.hosts.map(
    (host) => [host.host.name, sweepCosts(document, tracedWith(host))] as const,
  );
  return new SweepTimeLeft({
    ...{ cells, costs: new Map(costs), times: runTimes(db, sweepId), nowMs },
    untilPrecise: document.trials.relativeCi !== undefined,
    budgetLeftMs: () => budget - active.ms(),
  });
}

function tracedWith({ chosen, placed, host: { machine } }: PreparedHost): TracedWith {
  return {
    tracer: chosen?.tracer,
    scripts: attachedAlone(placed).map(({ path }) => path),
    platform: machine.platform,
  };
}

function announce(decided: Decided, { experiment, prepared, report, time }: Timed): void {
  const { certain } = decided;
  for (const { host } of prepared.hosts) {
    time.expect(
      certain.filter((run) => decided.hostOf(run) === host.name),
      host.name,
    );
  }
  report({ kind: 'more', runs: certain.length });
  report({
    kind: 'begins',
    runs: certain.length,
    atLeast: experiment.document.trials.relativeCi !== undefined,
    cells: decided.cells,
    hosts: experiment.hosts,
    tracer: tracedBy(firstHost(prepared)),
    estimate: time.estimate(),
    notes: notesOfAll(prepared.hosts),
  });
}

async function makeRuns(
  database: WritableDb,
  sweepId: number,
  decided: Decided,
  active: ActiveTime,
  setting: Timed,
): Promise<boolean> {
  const { db } = database;
  const { prepared, onlyFailed, report, time } = setting;
  const stop = setting.listen();
  const arrivals = new Arrivals(database, sweepId, active, setting, stop.abort);
  // A bug, or a result that cannot be stored, stops every host.
  const failed = new AbortController();
  const stopping = () => stop.requested() || failed.signal.aborted;
  const runsOf = async (host: PreparedHost): Promise<HostEnd> => {
    try {
      const work = hostWork(host, decided, setting);
      return await runOnHost(decided.runsOn(host.host.name), host, {
        ...work,
        ...{ abort: stop.abort, stopping },
        arrive: (come) => arrivals.arrive(come),
      });
    } catch (error) {
      // If there are several hosts, the others continue without one that cannot.
      if (prepared.hosts.length > 1 && error instanceof UserError && !arrivals.isNotStored(error)) {
        return { state: 'away', reason: error.message };
      }
      failed.abort();
      throw error;
    } finally {
      time.hasEnded(host.host.name);
    }
  };
  // The event is reported at once, because the other hosts may go on for hours.
  const onHost = async (host: PreparedHost) =>
    reportEnd(await runsOf(host), host, sweepId, setting);

  removeStaleScratch();
  markSweep(db, sweepId, 'running', new Date());
  let state: SweepState = 'stopped';
  let reason: unknown;
  try {
    const ends = await Promise.allSettled(prepared.hosts.map(onHost));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    if (stop.requested()) state = 'interrupted';
    else if (onlyFailed ? decided.isComplete() : isAllEnded(db, sweepId) && !decided.spent()) {
      state = 'ended';
    }
  } catch (error) {
    reason = error;
    throw error;
  } finally {
    await arrivals.putBackLost();
    report({ kind: 'finished' });
    stop.dispose();
    markEnd(db, sweepId, state, reason);
  }
  return stop.requested();
}

/**
 * Stores that a sweep has ended.
 * @param reason why it was given up, if it was; that is to be reported, even if nothing more can be
 *     stored: it may say where a database that was deleted has been saved
 */
export function markEnd(db: Db, sweepId: number, state: SweepState, reason: unknown): void {
  try {
    markSweep(db, sweepId, state, new Date());
  } catch (error) {
    // A sweep that is still `running` while nobody writes counts as interrupted.
    if (reason === undefined) throw error;
  }
}

/** Collects the work that the spec asks of a host. */
function hostWork(
  host: PreparedHost,
  { plan, attemptsBefore }: Decided,
  { experiment, prepared, reach, alone, report, time }: Timed,
): Omit<OnHostSetting, 'abort' | 'stopping' | 'arrive'> {
  const { document } = experiment;
  const { trace } = document;
  const { name } = host.host;
  const deadlineMs = ({ cell }: PlannedRun) => runDeadlineMs(cell, plan.options, document.timeout);
  return {
    options: plan.options,
    events: trace.events,
    attemptsBefore,
    retries: document.retry,
    maxFailures: document.max_failures,
    runHook: hookRunner(experiment),
    attachPerRun: attachesPerRun(trace, tracedWith(host)),
    deadlineMs,
    reconnect: async () =>
      prepareHost(experiment, prepared.scripts, await openClaimed(name, reach), reach),
    patienceMs: document.host_patience,
    onGone: (reason) => report({ kind: 'host-gone', host: name, reason }),
    onBack: () => report({ kind: 'host-back', host: name }),
    onStart: (run) =>
      report({ kind: 'starts', run, deadlineMs: deadlineMs(run), left: () => time.estimate() }),
    neighboursOn: ({ host, request: { execnames } }) =>
      alone ? new Neighbours(host, [...new Set([...execnames, 'ipc-benchmark'])]) : undefined,
  };
}

function reportEnd(
  end: HostEnd,
  { host: { name: host } }: PreparedHost,
  sweepId: number,
  { experiment, report }: RunSweep,
) {
  if (end.state === 'hopeless') {
    const { max_failures: failures, name } = experiment.document;
    report({ kind: 'given-up', host, failures, sweep: `${name}-${sweepId}` });
  } else if (end.state === 'away') report({ kind: 'host-away', host, reason: end.reason });
}

/** Whether every run that is planned so far has ended. */
function isAllEnded(db: Db, sweepId: number): boolean {
  const { planned_runs: planned } = sweepById(db, sweepId);
  return runHistory(db, sweepId).ended.size >= planned;
}

/** Updates a sweep without runs to make: the spec may now ask for fewer runs, or for more. */
function markUnchanged(db: Db, sweepId: number, complete: boolean): void {
  const { state: before } = sweepById(db, sweepId);
  const after = complete ? 'ended' : before === 'interrupted' ? before : 'stopped';
  if (after !== before) markSweep(db, sweepId, after, new Date());
}
