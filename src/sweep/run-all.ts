import PQueue from 'p-queue';
import type { BenchmarkOptions } from '../benchmark/argv.ts';
import type { BenchmarkProgram } from '../benchmark/locate.ts';
import { ExitCode, UserError } from '../errors.ts';
import { executeRun } from '../execute/one-run.ts';
import type { RunResult } from '../execute/outcome.ts';
import type { Retries } from '../experiment/retry.ts';
import { collectGarbage } from '../host/garbage.ts';
import type { Guard } from '../host/guard.ts';
import type { Allowance } from '../host/machine/allowance.ts';
import type { Neighbours } from '../host/machine/neighbours.ts';
import type { Privilege } from '../host/sudo.ts';
import type { PlannedRun } from '../plan/order.ts';
import { selfTest } from '../trace/self-test.ts';
import type { TraceRequest, Tracer, TraceSession } from '../trace/tracer.ts';
import type { UserScript } from '../trace/user-scripts/attached-script.ts';

export interface SweepSetting {
  readonly program: BenchmarkProgram;
  readonly options: BenchmarkOptions;
  readonly tracer: Tracer | undefined;
  /** What the tracer is asked; its instruments are those that the tracer has. */
  readonly request: TraceRequest;
  /** The user's own scripts, attached anew to every traced run. */
  readonly scripts: readonly UserScript[];
  /** Where the self-test program is built. */
  readonly cacheDir: string;
  /** True: attach a tracer for each run alone. */
  readonly attachPerRun: boolean;
  readonly deadlineMs: (run: PlannedRun) => number;
  /** Sees to it that nothing outlives this process. */
  readonly guard: Guard;
  /** What the runs may have of the machine; looked at for each when left out. */
  readonly allowance?: Allowance;
  readonly neighbours?: Neighbours;
  /** How tracers are started; as this process when left out. */
  readonly privilege?: Privilege;
  /** Attempts of a run that are stored already. */
  readonly attemptsBefore: (run: PlannedRun) => number;
  /** Further attempts at once of a run that has ended in this way. */
  readonly retries: Retries;
  /** The sweep is given up after this many runs in a row that did not succeed. */
  readonly maxFailures: number;
  /** Aborted: kill the run in flight. */
  readonly abort: AbortSignal;
  /** True: finish the run in flight and start no other. */
  readonly stopping: () => boolean;
  /** Called before each run, and with its result the moment it has ended. */
  readonly onStart: (run: PlannedRun) => void;
  readonly onResult: (result: RunResult) => void;
}

/** Between runs, so that it happens during none. */
const RUNS_TO_COLLECT = 50;
/** How often a tracer is attached again that has worked before: what killed it may do so twice. */
const REATTACHMENTS = 3;

/**
 * Executes runs one after the other: the benchmark pins itself to one processor, so a second run
 * at the same time would be measured too. One trace session stays attached over all of them; one
 * that has died is attached anew.
 * @returns why it ended: all runs made, the user stopped it, or too many failures in a row
 * @throws UserError when the tracer cannot be attached; results so far have been handed on
 */
export async function runAll(
  runs: Iterable<PlannedRun>,
  setting: SweepSetting,
): Promise<'done' | 'stopped' | 'hopeless'> {
  const queue = new PQueue({ concurrency: 1 });
  let session: TraceSession | undefined;
  let first = true;
  let failuresInARow = 0;
  let made = 0;
  const attached = async (run: PlannedRun): Promise<TraceSession | undefined> => {
    if (!run.traced) {
      // An attached tracer slows down what it does not count, too.
      if (session && !(await session.close())) throw stillTracing(setting.tracer?.name);
      return undefined;
    }
    if (!setting.tracer) return undefined;
    if (session?.state !== 'attached') {
      session = await attach(setting.tracer, setting, first ? 1 : REATTACHMENTS);
      if (first) await checkPipeWalk(session, setting);
      first = false;
    }
    return session;
  };
  try {
    for (const run of runs) {
      if (setting.stopping()) return 'stopped';
      if (failuresInARow >= setting.maxFailures) return 'hopeless';
      await queue.add(async () => {
        if (++made % RUNS_TO_COLLECT === 0) collectGarbage();
        const before = setting.attemptsBefore(run);
        let succeeded = false;
        for (let attempt = before + 1; ; attempt++) {
          const trace = await attached(run);
          setting.onStart(run);
          const result = await executeRun(run, attempt, trace, {
            program: setting.program,
            options: setting.options,
            instruments: setting.request.instruments,
            events: setting.request.events,
            scripts: run.traced ? setting.scripts : [],
            deadlineMs: setting.deadlineMs(run),
            abort: setting.abort,
            guard: setting.guard,
            ...(setting.neighbours ? { neighbours: setting.neighbours } : {}),
            ...(setting.allowance ? { allowance: setting.allowance } : {}),
            ...(setting.privilege ? { privilege: setting.privilege } : {}),
          });
          setting.onResult(result);
          const { state } = result.outcome;
          succeeded = state === 'completed';
          // After a lost end marker nobody knows what the session still holds back.
          const lost = state === 'tracer-failed';
          if (lost || setting.attachPerRun) await session?.close();
          if (state === 'completed' || state === 'interrupted' || setting.stopping()) break;
          if (attempt - before > setting.retries[state]) break;
        }
        failuresInARow = succeeded ? 0 : failuresInARow + 1;
      });
    }
    return setting.stopping() ? 'stopped' : 'done';
  } finally {
    await session?.close();
  }
}

/** Not even by KILL, such as one that waits in the kernel for ever. */
function stillTracing(tracer = 'the tracer'): UserError {
  return new UserError(`${tracer} does not end: an untraced run would be traced`, {
    hint: 'end it by hand (a restart of the machine always does); `run` again goes on',
    exitCode: ExitCode.machine,
  });
}

/** @throws UserError when the last of several tries has failed, too */
async function attach(tracer: Tracer, setting: SweepSetting, tries: number): Promise<TraceSession> {
  try {
    return await tracer.open(setting.request, setting.guard, setting.privilege);
  } catch (error) {
    if (tries === 1 || setting.stopping() || !(error instanceof UserError)) throw error;
    return attach(tracer, setting, tries - 1);
  }
}

/** Once a sweep: states that are read from wrong places must not get into the database. */
async function checkPipeWalk(session: TraceSession, setting: SweepSetting): Promise<void> {
  // Elsewhere the members are found by name, in the kernel's own type information.
  if (process.platform !== 'linux') return;
  if (!setting.request.instruments.includes('pipe-states')) return;
  const test = await selfTest(session, setting.request.execname, setting.cacheDir);
  if (test.state !== 'failed') return;
  await session.close();
  throw new UserError(`tracing does not pass its self-test on this machine: ${test.detail}`, {
    hint: 'in a container share the pid namespace of the host; on an unknown kernel leave pipe-states out of trace.instruments, and please report it with `uname -a`',
    exitCode: ExitCode.machine,
  });
}
