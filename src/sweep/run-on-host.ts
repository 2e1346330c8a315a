import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import type { RunResult } from '../execute/outcome.ts';
import { cellName } from '../experiment/cell-name.ts';
import type { Retries } from '../experiment/retry.ts';
import { HostLost } from '../host/host-lost.ts';
import type { EnvironmentWarning } from '../host/machine/warnings.ts';
import type { PlannedRun } from '../plan/order.ts';
import { HostRunner, type RunnerSetting } from './host-runner.ts';
import type { PreparedHost } from './prepare-host.ts';

export interface OnHostSetting extends RunnerSetting {
  /** The number of stored attempts at a run. */
  readonly attemptsBefore: (run: PlannedRun) => number;
  /** How many further attempts follow at once after a run that ended in a given state. */
  readonly retries: Retries;
  /** The sweep is given up after this many failed runs in a row. */
  readonly maxFailures: number;
  /**
   * Called with a host before its first run, and again whenever it has come back: records what the
   * machine is.
   * @returns an object that stores its results
   */
  readonly arrive: (prepared: PreparedHost) => Promise<Arrival>;
  /** Connects and prepares again. @throws UserError or HostLost when that is not possible now */
  readonly reconnect: () => Promise<PreparedHost>;
  /** How long to wait for a lost host, in ms. */
  readonly patienceMs: number;
  readonly onGone: (reason: string) => void;
  readonly onBack: () => void;
  readonly onStart: (run: PlannedRun) => void;
}

export interface Arrival {
  /** Stores a result as soon as the run has ended. */
  readonly store: (result: RunResult) => void;
  /** Called with anything that falls short of the request. */
  readonly warn: (warning: EnvironmentWarning) => void;
  /** Must be called before the host is closed. Never throws. */
  readonly leave: () => Promise<void>;
}

/** The reason why the runs on a host have ended. */
export type HostEnd =
  | { readonly state: 'done' | 'stopped' | 'hopeless' }
  /** The host was lost, and did not come back or was lost again and again; its runs stay planned. */
  | { readonly state: 'away'; readonly reason: string };

/**
 * A host is set aside when its link has broken this often during the same run: a run that takes its
 * host down would otherwise be repeated for ever.
 */
const MOST_LOSSES = 10;

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 15_000;

/**
 * Makes a host's runs one after the other. If the link breaks, the host is connected again and the
 * run in flight, of which nothing is stored, is repeated.
 * @throws UserError when the host cannot make its runs, even after retries
 */
export async function runOnHost(
  runs: Iterable<PlannedRun>,
  first: PreparedHost,
  setting: OnHostSetting,
): Promise<HostEnd> {
  let visit: Visit | undefined = await Visit.begin(first, setting).catch(lostOnly);
  let reason = 'it went while it was being prepared';
  let failuresInARow = 0;
  try {
    for (const run of runs) {
      if (failuresInARow >= setting.maxFailures) return { state: 'hopeless' };
      const before = setting.attemptsBefore(run);
      let succeeded = false;
      let losses = 0;
      for (let attempt = before + 1; ; ) {
        if (setting.stopping()) return { state: 'stopped' };
        if (visit === undefined) {
          const back = await comeBack(reason, setting);
          if (typeof back === 'string') {
            return setting.stopping() ? { state: 'stopped' } : { state: 'away', reason: back };
          }
          visit = back;
        }
        let result: RunResult;
        try {
          result = await visit.runner.make(run, attempt, () => setting.onStart(run));
        } catch (error) {
          if (!(error instanceof HostLost)) throw error;
          reason = error.reason;
          // Anything that was running there ends by itself.
          await visit.end();
          visit = undefined;
          if (++losses < MOST_LOSSES) continue;
          const which = `the same run (${cellName(run.cell)}, trial ${run.trial})`;
          return { state: 'away', reason: `it went ${losses} times during ${which}: ${reason}` };
        }
        result = await withoutEndOfSweep(result, setting);
        visit.store(result);
        const { state } = result.outcome;
        succeeded = state === 'completed';
        if (state === 'completed' || state === 'interrupted' || setting.stopping()) break;
        if (attempt - before > setting.retries[state]) break;
        attempt++;
      }
      failuresInARow = succeeded ? 0 : failuresInARow + 1;
    }
    return { state: setting.stopping() ? 'stopped' : 'done' };
  } finally {
    await visit?.end();
  }
}

function lostOnly(error: unknown): undefined {
  if (!(error instanceof HostLost)) throw error;
  return undefined;
}

/** @returns a new visit, or the reason why the host did not come back */
async function comeBack(gone: string, setting: OnHostSetting): Promise<Visit | string> {
  setting.onGone(gone);
  const until = performance.now() + setting.patienceMs;
  let reason = gone;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
    await waitUnlessStopped(Math.min(waitMs, until - performance.now()), setting);
    if (setting.stopping()) return reason;
    try {
      const visit = await Visit.begin(await setting.reconnect(), setting);
      setting.onBack();
      return visit;
    } catch (error) {
      if (!(error instanceof HostLost || error instanceof UserError)) throw error;
      reason = error.message;
    }
    if (performance.now() >= until) return reason;
  }
}

/** How much later than the benchmark this process may get a signal that was sent to both. */
const SIGNAL_MS = 200;

/**
 * Takes a run for interrupted if it was ended by the signal that ends the sweep. Slurm, and whoever
 * stops a container or a service, sends SIGTERM to every process there; the benchmark has not failed.
 */
async function withoutEndOfSweep(result: RunResult, setting: RunnerSetting): Promise<RunResult> {
  if (result.outcome.state !== 'signalled' || result.signal !== 'SIGTERM') return result;
  await waitUnlessStopped(SIGNAL_MS, setting);
  if (!setting.stopping()) return result;
  return { ...result, outcome: { state: 'interrupted', reason: 'interrupted' } };
}

async function waitUnlessStopped(ms: number, { abort, stopping }: RunnerSetting): Promise<void> {
  const until = performance.now() + ms;
  while (performance.now() < until && !stopping() && !abort.aborted) {
    await sleep(Math.min(200, Math.max(1, until - performance.now())));
  }
}

/** The time from a host's arrival until it leaves or its link breaks. */
class Visit {
  readonly runner: HostRunner;
  readonly store: Arrival['store'];
  readonly #prepared: PreparedHost;
  readonly #arrival: Arrival;

  private constructor(prepared: PreparedHost, arrival: Arrival, setting: RunnerSetting) {
    this.runner = new HostRunner(prepared, setting, arrival.warn);
    this.store = arrival.store;
    this.#prepared = prepared;
    this.#arrival = arrival;
  }

  static async begin(prepared: PreparedHost, setting: OnHostSetting): Promise<Visit> {
    try {
      return new Visit(prepared, await setting.arrive(prepared), setting);
    } catch (error) {
      await prepared.close();
      throw error;
    }
  }

  /** Ends the tracer, puts settings back, and closes the link. */
  async end(): Promise<void> {
    try {
      await this.runner.close().catch(lostOnly);
      await this.#arrival.leave();
    } finally {
      await this.#prepared.close();
    }
  }
}
