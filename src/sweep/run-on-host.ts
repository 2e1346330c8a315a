import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import type { RunResult } from '../execute/outcome.ts';
import type { Retries } from '../experiment/retry.ts';
import { HostLost } from '../host/host-lost.ts';
import type { EnvironmentWarning } from '../host/machine/warnings.ts';
import type { PlannedRun } from '../plan/order.ts';
import { HostRunner, type RunnerSetting } from './host-runner.ts';
import type { PreparedHost } from './prepare-host.ts';

export interface OnHostSetting extends RunnerSetting {
  /** Attempts of a run that are stored already. */
  readonly attemptsBefore: (run: PlannedRun) => number;
  /** Further attempts at once of a run that has ended in this way. */
  readonly retries: Retries;
  /** The sweep is given up after this many runs in a row that did not succeed. */
  readonly maxFailures: number;
  /**
   * Called with a host before its first run, and again whenever it has come back: notes what the
   * machine is. @returns what stores its results
   */
  readonly arrive: (prepared: PreparedHost) => Promise<Arrival>;
  /** Connects and prepares anew. @throws UserError or HostLost when that is not possible now */
  readonly reconnect: () => Promise<PreparedHost>;
  /** How long a host that has gone is waited for, in ms. */
  readonly patienceMs: number;
  readonly onGone: (reason: string) => void;
  readonly onBack: () => void;
  readonly onStart: (run: PlannedRun) => void;
}

export interface Arrival {
  /** Stores a result the moment it has ended. */
  readonly store: (result: RunResult) => void;
  /** Told what is less than was asked for. */
  readonly warn: (warning: EnvironmentWarning) => void;
  /** To be called before the host is closed. Never throws. */
  readonly leave: () => Promise<void>;
}

/** Why the runs on a host have come to an end. */
export type HostEnd =
  | { readonly state: 'done' | 'stopped' | 'hopeless' }
  /** It has gone and stayed away; its runs stay planned. */
  | { readonly state: 'away'; readonly reason: string };

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 15_000;

/**
 * Makes a host's runs one after the other. When the link breaks, the host is connected anew and the
 * run in flight, of which nothing is stored, is made again.
 * @throws UserError when the host cannot make its runs, whatever is tried
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
          // What ran there ends by itself.
          await visit.end();
          visit = undefined;
          continue;
        }
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

/** @returns a new visit, or why the host has stayed away */
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

async function waitUnlessStopped(ms: number, { abort, stopping }: RunnerSetting): Promise<void> {
  const until = performance.now() + ms;
  while (performance.now() < until && !stopping() && !abort.aborted) {
    await sleep(Math.min(200, Math.max(1, until - performance.now())));
  }
}

/** The time from a host's arrival to its departure or the break of its link. */
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

  /** Ends the tracer, puts back what was set, and closes the link. */
  async end(): Promise<void> {
    try {
      await this.runner.close().catch(lostOnly);
      await this.#arrival.leave();
    } finally {
      await this.#prepared.close();
    }
  }
}
