import { ExitCode, UserError } from '../errors.ts';
import { commandText, type HookCall, type HookRunner, hookRunner } from '../execute/hook.ts';
import { type HookName, hooksOf } from '../experiment/hooks.ts';
import type { Experiment } from '../experiment/read-experiment.ts';
import { onHost } from '../host/build.ts';
import type { Host } from '../host/host.ts';
import { HostLost } from '../host/host-lost.ts';
import { hookCallWriter } from '../store/hook-calls.ts';
import type { Db } from '../store/open.ts';
import type { Report } from './events.ts';

export interface SweepHooksSetting {
  readonly experiment: Experiment;
  readonly report: Report;
  /** Ends `setup`. Nothing but its deadline ends `cleanup`. */
  readonly abort: AbortSignal;
}

/** The user's own commands before the first and after the last run on a host. */
export class SweepHooks {
  readonly #host: Host;
  readonly #setting: SweepHooksSetting;
  readonly #runHook: HookRunner;
  readonly #write: (call: HookCall) => void;

  constructor(db: Db, sweepId: number, host: Host, setting: SweepHooksSetting) {
    this.#host = host;
    this.#setting = setting;
    this.#runHook = hookRunner(setting.experiment);
    this.#write = hookCallWriter(db, sweepId, host.name);
  }

  /**
   * Carries out `setup`, and `cleanup` at once if it fails.
   * @throws UserError with what it said when it has failed; HostLost
   */
  async setUp(): Promise<void> {
    const call = await this.#call('setup', this.#setting.abort);
    if (call?.failure === undefined) return;
    await this.cleanUp();
    // Most failures already end with the last line that the command wrote.
    const said = call.failure.endsWith(call.outputTail) ? '' : `\n${call.outputTail}`;
    throw new UserError(`the setup${onHost(this.#host)} has failed: ${call.failure}${said}`, {
      hint: `no run was made there; the command was ${commandText(call.words)}`,
      exitCode: call.interrupted ? ExitCode.interrupted : ExitCode.machine,
    });
  }

  /** Carries out `cleanup`. Never throws. @returns why it has failed; undefined if it has not */
  async cleanUp(): Promise<string | undefined> {
    const { report } = this.#setting;
    let failure: string | undefined;
    try {
      failure = (await this.#call('cleanup', undefined))?.failure;
    } catch (error) {
      if (!(error instanceof HostLost)) throw error;
      failure = 'the link to the host broke';
    }
    if (failure !== undefined)
      report({ kind: 'cleanup-failed', host: this.#hostIfSeveral(), failure });
    return failure;
  }

  async #call(hook: HookName, abort: AbortSignal | undefined): Promise<HookCall | undefined> {
    const { experiment, report } = this.#setting;
    const asked = hooksOf(experiment.document)[hook];
    if (asked === undefined) return undefined;
    report({ kind: 'hook', host: this.#hostIfSeveral(), hook, words: asked.words });
    const call = await this.#runHook(this.#host, hook, abort);
    if (call) this.#write(call);
    return call;
  }

  #hostIfSeveral(): string | undefined {
    return this.#setting.experiment.hosts.length > 1 ? this.#host.name : undefined;
  }
}
