import { UserError } from '../errors.ts';
import type { RunResult } from '../execute/outcome.ts';
import type { Experiment } from '../experiment/load.ts';
import { Neighbours } from '../host/machine/neighbours.ts';
import type { EnvironmentWarning } from '../host/machine/warnings.ts';
import { removeStaleScratch } from '../host/scratch.ts';
import { requireTunable, type Tuned, tune } from '../host/tune/tune.ts';
import type { PlannedRun } from '../plan/order.ts';
import { estimateRuns, runDeadlineMs } from '../plan/plan.ts';
import { type ActiveTime, activeTime } from '../store/active-time.ts';
import { recordEnvironmentWarning } from '../store/environment-writer.ts';
import type { Db, WritableDb } from '../store/open.ts';
import { type SweepState, sweepById } from '../store/reader.ts';
import { runHistory } from '../store/run-history.ts';
import { runWriter } from '../store/run-writer.ts';
import { markSweep } from '../store/sweep-writer.ts';
import { type Decided, decide } from './decide.ts';
import type { Report, StopRequest } from './events.ts';
import { notingHosts } from './note-hosts.ts';
import { tracedBy } from './notes.ts';
import { firstHost, type Prepared } from './prepare.ts';
import { type PreparedHost, prepareHost, type Reach } from './prepare-host.ts';
import { type Arrival, type HostEnd, runOnHost } from './run-on-host.ts';
import { requireSameHost } from './same-host.ts';
import { recordSession } from './session-environment.ts';
import { putBack, settleLostTuning, settleTuning } from './settle.ts';

export interface RunSweep {
  readonly experiment: Experiment;
  readonly prepared: Prepared;
  readonly reach: Reach;
  /** Repeat the runs that did not succeed, and no others. */
  readonly onlyFailed: boolean;
  /** Fix the clocks of the hosts for the time of the sweep. */
  readonly tune: boolean;
  /** Whether other benchmarks are looked for. */
  readonly alone: boolean;
  /** What is to be stored with the warnings of each host. */
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
  asked: RunSweep,
): Promise<boolean> {
  const { db } = database;
  const setting = { ...asked, report: notingHosts(db, sweepId, asked.report) };
  const { experiment, prepared, onlyFailed, report } = setting;
  const nowMs = () => performance.now();
  const active = activeTime(db, sweepId, nowMs);
  const decided = decide(db, sweepId, experiment, prepared, {
    onlyFailed,
    nowMs,
    onMore: (runs) => report({ kind: 'more', runs }),
  });
  let interrupted = false;
  for (const { name, reason } of prepared.away) {
    report({ kind: 'host-away', host: name, reason });
  }
  for (const [host, cells] of decided.elsewhere) report({ kind: 'elsewhere', host, cells });
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

function announce(decided: Decided, { experiment, prepared, report }: RunSweep): void {
  const { document } = experiment;
  const { certain, plan } = decided;
  // Hosts work side by side: the sweep takes as long as the busiest one.
  const onHosts = prepared.hosts.map(({ host }) =>
    estimateRuns(
      certain.filter((run) => decided.hostOf(run) === host.name),
      plan.options,
    ),
  );
  report({ kind: 'more', runs: certain.length });
  report({
    kind: 'begins',
    runs: certain.length,
    atLeast: document.trials.relativeCi !== undefined,
    cells: experiment.cells.length,
    hosts: experiment.hosts,
    tracer: tracedBy(firstHost(prepared)),
    seconds: Math.max(0, ...onHosts),
    notes: firstHost(prepared).notes,
  });
}

async function makeRuns(
  { db, checkInPlace }: WritableDb,
  sweepId: number,
  decided: Decided,
  active: ActiveTime,
  setting: RunSweep,
): Promise<boolean> {
  const { experiment, prepared, reach, onlyFailed, report, listen } = setting;
  const { document } = experiment;
  const { hosts } = prepared;
  const stop = listen();
  // A result that cannot be stored, and a bug, stop every host.
  const failed = new AbortController();
  let notStored: unknown;
  const stopping = () => stop.requested() || failed.signal.aborted;

  // What has been set on hosts and not been seen to be back.
  const tunings = new Map<string, Tuned>();

  const arrive = async (host: PreparedHost): Promise<Arrival> => {
    requireSameHost(db, sweepId, host);
    const { name } = host.host;
    // An agent that was killed may have left it tuned, which is not how it was before.
    const earlier = tunings.get(name);
    if (earlier) await putBack(earlier, report, host.host);
    const tuned = setting.tune ? await tune(await requireTunable(host.host), host.host) : undefined;
    if (tuned) tunings.set(name, tuned);
    const { environmentId, warnings } = await recordSession(db, sweepId, {
      specFile: experiment.file,
      prepared: host,
      tuned: tuned?.facts ?? new Map(),
      warnings: setting.hostWarnings,
      abort: stop.abort,
    });
    report({ kind: 'environment', host: nameIfSeveral(host), warnings });
    const writeRun = runWriter(db, sweepId, environmentId);
    const write = db.transaction((result: RunResult) => {
      active.note();
      writeRun(result);
    });
    return {
      store(result) {
        try {
          write(result);
          checkInPlace();
        } catch (error) {
          notStored = error;
          throw error;
        }
        report({ kind: 'ended', result });
      },
      warn(warning) {
        recordEnvironmentWarning(db, environmentId, warning);
        report({ kind: 'environment', host: nameIfSeveral(host), warnings: [warning] });
      },
      async leave() {
        if (tuned && (await settleTuning(tuned, db, environmentId, report))) tunings.delete(name);
      },
    };
  };
  const nameIfSeveral = ({ host }: PreparedHost) =>
    experiment.hosts.length > 1 ? host.name : undefined;

  const deadlineMs = ({ cell }: PlannedRun) =>
    runDeadlineMs(cell, decided.plan.options, document.timeout);

  const onHost = async (host: PreparedHost): Promise<HostEnd> => {
    const { name, machine } = host.host;
    try {
      return await runOnHost(decided.runsOn(name), host, {
        options: decided.plan.options,
        events: document.trace.events,
        attemptsBefore: decided.attemptsBefore,
        retries: document.retry,
        maxFailures: document.max_failures,
        // A FreeBSD consumer that ends can take system-call probes away from one that goes on.
        attachPerRun:
          document.trace.attach === 'per-run' ||
          (host.scripts.length > 0 && machine.platform === 'freebsd'),
        deadlineMs,
        abort: stop.abort,
        stopping,
        arrive,
        reconnect: () => prepareHost(experiment, prepared.scripts, name, reach),
        patienceMs: document.host_patience,
        onGone: (reason) => report({ kind: 'host-gone', host: name, reason }),
        onBack: () => report({ kind: 'host-back', host: name }),
        onStart: (run) => report({ kind: 'starts', run, deadlineMs: deadlineMs(run) }),
        neighboursOn: ({ host: there, program }) =>
          setting.alone
            ? new Neighbours(there, [...new Set([program.execname, 'ipc-benchmark'])])
            : undefined,
      });
    } catch (error) {
      // Of several hosts, the others go on without one that cannot.
      if (hosts.length > 1 && error instanceof UserError && error !== notStored) {
        return { state: 'away', reason: error.message };
      }
      failed.abort();
      throw error;
    }
  };

  removeStaleScratch();
  markSweep(db, sweepId, 'running', new Date());
  let state: SweepState = 'stopped';
  try {
    const ends = await Promise.allSettled(hosts.map(onHost));
    const broken = ends.find((end) => end.status === 'rejected');
    if (broken) throw broken.reason;
    ends.forEach((end, at) => {
      const name = hosts[at]!.host.name;
      if (end.status === 'rejected') return;
      if (end.value.state === 'hopeless') {
        const sweep = `${document.name}-${sweepId}`;
        report({ kind: 'given-up', host: name, failures: document.max_failures, sweep });
      }
      if (end.value.state === 'away') {
        report({ kind: 'host-away', host: name, reason: end.value.reason });
      }
    });
    if (stop.requested()) state = 'interrupted';
    else if (onlyFailed ? decided.isComplete() : isAllEnded(db, sweepId) && !decided.spent()) {
      state = 'ended';
    }
  } finally {
    for (const [name, tuned] of tunings) {
      await settleLostTuning(tuned, name, reach.open, report);
    }
    report({ kind: 'finished' });
    stop.dispose();
    markSweep(db, sweepId, state, new Date());
  }
  return stop.requested();
}

/** Whether every run that is planned so far has ended. */
function isAllEnded(db: Db, sweepId: number): boolean {
  const { planned_runs: planned } = sweepById(db, sweepId);
  return runHistory(db, sweepId).ended.size >= planned;
}

/** Nothing was to be done; yet fewer runs may be asked for now than before, or more. */
function markUnchanged(db: Db, sweepId: number, complete: boolean): void {
  const { state: before } = sweepById(db, sweepId);
  const after = complete ? 'ended' : before === 'interrupted' ? before : 'stopped';
  if (after !== before) markSweep(db, sweepId, after, new Date());
}
