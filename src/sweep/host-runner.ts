import PQueue from 'p-queue';
import type { BenchmarkOptions } from '../benchmark/argv.ts';
import type { LocatedBenchmark } from '../benchmark/locate.ts';
import { ExitCode, UserError } from '../errors.ts';
import type { HookCall, HookRunner } from '../execute/hook.ts';
import { executeRun } from '../execute/one-run.ts';
import type { RunResult } from '../execute/outcome.ts';
import { onHost } from '../host/build.ts';
import { collectGarbage } from '../host/garbage.ts';
import { HostLost } from '../host/host-lost.ts';
import type { Neighbours } from '../host/machine/neighbours.ts';
import type { EnvironmentWarning } from '../host/machine/warnings.ts';
import { askedAmong } from '../instruments/instruments.ts';
import type { PlannedRun } from '../plan/order.ts';
import { selfTest } from '../trace/self-test.ts';
import { namedOptions } from '../trace/spec-options.ts';
import type { TraceSession } from '../trace/tracer.ts';
import { attachedAlone } from '../trace/user-scripts/riding/placement.ts';
import type { PreparedHost } from './prepare-host.ts';

export interface RunnerSetting {
  readonly options: BenchmarkOptions;
  readonly events: boolean;
  /** Whether to attach a tracer separately for each run. */
  readonly attachPerRun: boolean;
  readonly deadlineMs: (run: PlannedRun) => number;
  /** When aborted, kill the run in flight. */
  readonly abort: AbortSignal;
  /** If true, start nothing except for what is needed to end. */
  readonly stopping: () => boolean;
  /** Runs the user's own commands before and after each run; if undefined, there are none. */
  readonly runHook?: HookRunner;
  /** Detects other benchmarks there; if undefined, nobody looks. */
  readonly neighboursOn: (prepared: PreparedHost) => Neighbours | undefined;
}

/**
 * Garbage is collected before the first run and after every so many, so that it never happens during
 * a run.
 */
const RUNS_TO_COLLECT = 50;
/**
 * How often a tracer that has worked before is attached again: whatever killed it may do so twice.
 */
const REATTACHMENTS = 3;

/**
 * Makes runs on one host, one after the other: the benchmark pins itself to one processor, so a
 * second run at the same time would distort the measurement. One trace session stays attached for
 * all of them; if it dies, a new one is attached.
 */
export class HostRunner {
  readonly #prepared: PreparedHost;
  readonly #setting: RunnerSetting;
  readonly #warn: (warning: EnvironmentWarning) => void;
  readonly #neighbours: Neighbours | undefined;
  readonly #queue = new PQueue({ concurrency: 1 });
  #session: TraceSession | undefined;
  #first = true;
  #made = 0;

  /** @param warn called with everything that falls short of the request, once per visit */
  constructor(
    prepared: PreparedHost,
    setting: RunnerSetting,
    warn: (warning: EnvironmentWarning) => void,
  ) {
    this.#prepared = prepared;
    this.#setting = setting;
    this.#neighbours = setting.neighboursOn(prepared);
    this.#warn = warn;
  }

  /**
   * Makes one run.
   * @param onStart called when everything is ready for it
   * @throws UserError when the benchmark has changed, or the tracer cannot be attached
   * @throws HostLost when the link to the host breaks
   */
  async make(run: PlannedRun, attempt: number, onStart: () => void): Promise<RunResult> {
    const { host } = this.#prepared;
    const { abort, runHook } = this.#setting;
    return this.#queue.add(async () => {
      if (this.#made++ % RUNS_TO_COLLECT === 0) collectGarbage();
      const session = await this.#attached(run).catch((error) => {
        this.#requireLink();
        throw error;
      });
      const before = await runHook?.(host, 'prepare', abort);
      let result: RunResult;
      try {
        result =
          before?.failure === undefined
            ? await this.#execute(run, attempt, session, onStart)
            : notPrepared(run, attempt, before);
      } catch (error) {
        if (!host.lost) await runHook?.(host, 'conclude', undefined);
        throw error;
      }
      const after = await runHook?.(host, 'conclude', undefined).catch(linkBroke);
      // After a lost end marker, it is not known what the session still holds back.
      const lost = result.outcome.state === 'tracer-failed';
      if (lost) this.#requireLink();
      if (lost || this.#setting.attachPerRun) await this.#session?.close();
      return concluded(result, before, after);
    });
  }

  async #execute(
    run: PlannedRun,
    attempt: number,
    session: TraceSession | undefined,
    onStart: () => void,
  ): Promise<RunResult> {
    const { host, request, placed, privilege, copyBytesPerS, allowance } = this.#prepared;
    const program = this.#programOf(run);
    const { options, events, abort, deadlineMs } = this.#setting;
    const counterNames = this.#prepared.counterNames.get(run.cell.program ?? '') ?? [];
    onStart();
    return executeRun(run, attempt, session, {
      ...{ host, program, options, events, abort, privilege, copyBytesPerS, allowance },
      counterNames,
      ...(this.#neighbours ? { neighbours: this.#neighbours } : {}),
      instruments: request.instruments,
      scripts: run.traced ? attachedAlone(placed) : [],
      deadlineMs: deadlineMs(run),
    });
  }

  async close(): Promise<void> {
    await this.#session?.close();
  }

  #programOf({ cell }: PlannedRun): LocatedBenchmark {
    const program = this.#prepared.programs.get(cell.program ?? '');
    if (!program) throw new Error(`no benchmark ${cell.program} was prepared`);
    return program;
  }

  async #attached(run: PlannedRun): Promise<TraceSession | undefined> {
    const { chosen } = this.#prepared;
    if (!run.traced) {
      // An attached tracer also slows down calls that it does not count.
      if (this.#session && !(await this.#session.close())) throw this.#stillTracing();
      return undefined;
    }
    if (!chosen) return undefined;
    if (this.#session?.state !== 'attached') {
      this.#session = await this.#attach(this.#first ? 1 : REATTACHMENTS);
      if (this.#first) await this.#checkPipeWalk(this.#session);
      this.#first = false;
    }
    return this.#session;
  }

  /** Checks the link: a tracer that ended together with it has not failed. @throws HostLost */
  #requireLink(): void {
    const { host, privilege } = this.#prepared;
    const agents = privilege.state === 'sudo' ? [host, privilege.root] : [host];
    if (agents.some(({ lost }) => lost)) {
      throw new HostLost(host.name, 'its link broke while it was being traced');
    }
  }

  /** @throws UserError when the last of several attempts has failed */
  async #attach(tries: number): Promise<TraceSession> {
    const { host, chosen, request, privilege } = this.#prepared;
    try {
      return await chosen!.tracer.open(host, request, privilege);
    } catch (error) {
      if (tries === 1 || this.#setting.stopping() || !(error instanceof UserError)) throw error;
      return this.#attach(tries - 1);
    }
  }

  /** Checks once that pipe states are read correctly, before wrong ones get into the database. */
  async #checkPipeWalk(session: TraceSession): Promise<void> {
    const { host, request } = this.#prepared;
    // On other systems the members are found by name, in the kernel's own type information.
    if (host.machine.platform !== 'linux') return;
    const { instruments, execnames } = request;
    const walking = askedAmong(instruments).filter((one) => one.walksToPipe);
    if (walking.length === 0) return;
    const test = await selfTest(host, session, execnames[0]!, instruments);
    if (test.state === 'passed') return;
    if (test.state === 'not-run') {
      const message = `pipe states are read without the check of this kernel, which could not be run: ${test.detail}`;
      this.#warn({ code: 'self-test-not-run', message });
      return;
    }
    await session.close();
    const ownOptions = namedOptions(request.options);
    throw new UserError(
      `tracing does not pass its self-test${onHost(host) || ' on this machine'}: ${test.detail}`,
      {
        hint: `${ownOptions ? `${ownOptions}: try without them; ` : ''}in a container share the pid namespace of the host; on an unknown kernel leave ${walking.map(({ name }) => name).join(' and ')} out of trace.instruments, and please report it with \`uname -a\``,
        exitCode: ExitCode.machine,
      },
    );
  }

  /** The error for a tracer that even KILL does not end, such as one that hangs in the kernel. */
  #stillTracing(): UserError {
    const { host, chosen } = this.#prepared;
    return new UserError(
      `${chosen?.tracer.name ?? 'the tracer'} does not end${onHost(host)}: an untraced run would be traced`,
      {
        hint: 'end it by hand (a restart of the machine always does); `run` again goes on',
        exitCode: ExitCode.machine,
      },
    );
  }
}

/** The result of a run that was not made, because the command before it has failed. */
function notPrepared(planned: PlannedRun, attempt: number, call: HookCall): RunResult {
  const reason = `prepare: ${call.failure}`;
  return {
    ...{ planned, attempt },
    outcome: { state: call.interrupted ? 'interrupted' : 'failed', reason },
    startedAt: call.startedAt,
    wallNs: 0,
    ...{ use: undefined, exitCode: null, signal: null, pid: null },
    stderrTail: call.outputTail,
    ...{ conditions: undefined, counts: undefined, rawTrace: undefined, scripts: [], doubts: [] },
  };
}

/** Makes a value of the error: the run itself has been made, and its result is kept. */
function linkBroke(error: unknown): 'link broke' {
  if (error instanceof HostLost) return 'link broke';
  throw error;
}

/** Adds to a result what came before and after the run. */
function concluded(
  result: RunResult,
  before: HookCall | undefined,
  after: HookCall | 'link broke' | undefined,
): RunResult {
  const hooks = [before, after].filter((call) => call !== undefined && call !== 'link broke');
  const failure = after === 'link broke' ? 'the link to the host broke' : after?.failure;
  if (failure === undefined) return hooks.length === 0 ? result : { ...result, hooks };
  const { outcome } = result;
  return {
    ...result,
    hooks,
    outcome:
      outcome.state === 'completed' ? { state: 'suspect', samples: outcome.samples } : outcome,
    doubts: [
      ...result.doubts,
      { code: 'conclude-failed', message: `conclude: ${failure}`, suspect: true },
    ],
  };
}
