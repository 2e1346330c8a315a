import type { RunResult } from '../execute/outcome.ts';
import type { Experiment } from '../experiment/read-experiment.ts';
import type { EnvironmentWarning } from '../host/machine/warnings.ts';
import { requireTunable, type Tuned, tune } from '../host/tune/tune.ts';
import type { ActiveTime } from '../store/active-time.ts';
import { recordEnvironmentWarning } from '../store/environment-writer.ts';
import type { WritableDb } from '../store/open.ts';
import { sweepById } from '../store/reader.ts';
import { runWriter } from '../store/run-writer.ts';
import { endLostTuning, endTuning, putBack } from './end-tuning.ts';
import type { Report } from './events.ts';
import { movedShard } from './moved-shard.ts';
import type { PreparedHost, Reach } from './prepare-host.ts';
import type { Arrival } from './run-on-host.ts';
import { requireSameHost } from './same-host.ts';
import { recordSession } from './session-environment.ts';
import { SweepHooks } from './sweep-hooks.ts';

export interface ArrivalSetting {
  readonly experiment: Experiment;
  readonly reach: Reach;
  /** Whether to fix the clocks of the hosts for the duration of the sweep. */
  readonly tune: boolean;
  /** Warnings to store for a host in addition to its own, by its name in the spec. */
  readonly warningsOf: (host: string) => readonly EnvironmentWarning[];
  readonly report: Report;
}

/**
 * Receives the hosts of a sweep as they arrive: records what they are, and stores their results.
 */
export class Arrivals {
  readonly #database: WritableDb;
  readonly #sweepId: number;
  readonly #active: ActiveTime;
  readonly #setting: ArrivalSetting;
  readonly #abort: AbortSignal;
  /** Settings changed on hosts that are not known to have been put back. */
  readonly #tunings = new Map<string, Tuned>();
  #notStored: unknown;

  /** @param abort when aborted, ends the queries that are running on a host */
  constructor(
    database: WritableDb,
    sweepId: number,
    active: ActiveTime,
    setting: ArrivalSetting,
    abort: AbortSignal,
  ) {
    this.#database = database;
    this.#sweepId = sweepId;
    this.#active = active;
    this.#setting = setting;
    this.#abort = abort;
  }

  /** Tells whether this error is the reason why a result could not be stored. */
  isNotStored(error: unknown): boolean {
    return error !== undefined && error === this.#notStored;
  }

  /**
   * @throws UserError when it is not the same machine as before, when the spec's `setup` fails
   *     there, or when it cannot be tuned
   */
  async arrive(prepared: PreparedHost): Promise<Arrival> {
    const { db } = this.#database;
    const isShard = sweepById(db, this.#sweepId).shard !== null;
    const moved = isShard ? await movedShard(db, this.#sweepId, prepared) : [];
    requireSameHost(db, this.#sweepId, prepared, isShard);
    const hooks = new SweepHooks(db, this.#sweepId, prepared.host, {
      ...this.#setting,
      abort: this.#abort,
    });
    await hooks.setUp();
    try {
      return await this.#arrived(prepared, hooks, moved);
    } catch (error) {
      await hooks.cleanUp();
      throw error;
    }
  }

  async #arrived(
    prepared: PreparedHost,
    hooks: SweepHooks,
    moved: readonly EnvironmentWarning[],
  ): Promise<Arrival> {
    const { db } = this.#database;
    const { report, experiment, warningsOf } = this.#setting;
    const { name } = prepared.host;
    const tuned = await this.#tune(prepared);
    const { environmentId, warnings } = await recordSession(db, this.#sweepId, {
      specFile: experiment.file,
      prepared,
      channels: [...new Set(experiment.cells.map(({ ipc }) => ipc))],
      tuned: tuned?.facts ?? new Map(),
      warnings: [...moved, ...warningsOf(name)],
      abort: this.#abort,
    });
    const host = experiment.hosts.length > 1 ? name : undefined;
    report({ kind: 'environment', host, warnings });
    return {
      store: this.#store(environmentId),
      warn(warning) {
        recordEnvironmentWarning(db, environmentId, warning);
        report({ kind: 'environment', host, warnings: [warning] });
      },
      leave: async () => {
        if (tuned && (await endTuning(tuned, db, environmentId, report))) {
          this.#tunings.delete(name);
        }
        const failure = await hooks.cleanUp();
        if (failure === undefined) return;
        const message = `the cleanup of the sweep failed: ${failure}`;
        recordEnvironmentWarning(db, environmentId, { code: 'cleanup-failed', message });
      },
    };
  }

  /** Puts back the tuning of hosts that were lost. To be called when no more runs follow. */
  async putBackLost(): Promise<void> {
    const { reach, report } = this.#setting;
    for (const [name, tuned] of this.#tunings) {
      await endLostTuning(tuned, name, reach.open, report);
    }
  }

  async #tune({ host }: PreparedHost): Promise<Tuned | undefined> {
    const { report } = this.#setting;
    // If an agent was killed, the host may still be tuned, so the values found now are not the
    // original ones.
    const earlier = this.#tunings.get(host.name);
    if (earlier) await putBack(earlier, report, host);
    if (!this.#setting.tune) return undefined;
    const tuned = await tune(await requireTunable(host), host);
    this.#tunings.set(host.name, tuned);
    return tuned;
  }

  #store(environmentId: number): Arrival['store'] {
    const { db, checkInPlace } = this.#database;
    const writeRun = runWriter(db, this.#sweepId, environmentId);
    const write = db.transaction((result: RunResult) => {
      this.#active.note();
      writeRun(result);
    });
    return (result) => {
      try {
        write(result);
        checkInPlace();
      } catch (error) {
        this.#notStored = error;
        throw error;
      }
      this.#setting.report({ kind: 'ended', result });
    };
  }
}
