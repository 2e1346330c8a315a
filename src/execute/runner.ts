import PQueue from 'p-queue';
import type { BenchmarkOptions } from '../benchmark/argv.ts';
import type { BenchmarkProgram } from '../benchmark/locate.ts';
import type { PlannedRun } from '../plan/order.ts';
import type { Tracer, TraceRequest, TraceSession } from '../trace/tracer.ts';
import { executeRun } from './one-run.ts';
import type { RunResult } from './outcome.ts';

export interface SweepSetting {
  readonly program: BenchmarkProgram;
  readonly options: BenchmarkOptions;
  readonly tracer: Tracer | undefined;
  /** What the tracer is asked; its instruments are those that the tracer has. */
  readonly request: TraceRequest;
  /** True: attach a tracer for each run alone. */
  readonly attachPerRun: boolean;
  readonly deadlineMs: (run: PlannedRun) => number;
  /** Aborted: kill the run in flight. */
  readonly abort: AbortSignal;
  /** True: finish the run in flight and start no other. */
  readonly stopping: () => boolean;
  /** Called before each run, and with its result the moment it has ended. */
  readonly onStart: (run: PlannedRun) => void;
  readonly onResult: (result: RunResult) => void;
}

/** How often a run is tried whose counts are in doubt. */
const ATTEMPTS = 2;

/**
 * Executes runs one after the other: the benchmark pins itself to one processor, so a second run
 * at the same time would be measured too. One trace session stays attached over all of them; one
 * that has died is attached anew.
 * @throws UserError when the tracer cannot be attached; results so far have been handed on
 */
export async function runAll(runs: readonly PlannedRun[], setting: SweepSetting): Promise<void> {
  const queue = new PQueue({ concurrency: 1 });
  let session: TraceSession | undefined;
  const attached = async (run: PlannedRun): Promise<TraceSession | undefined> => {
    if (!run.traced || !setting.tracer) return undefined;
    if (session?.state !== 'attached') {
      session = await setting.tracer.open(setting.request);
    }
    return session;
  };
  try {
    for (const run of runs) {
      if (setting.stopping()) break;
      await queue.add(async () => {
        for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
          const trace = await attached(run);
          setting.onStart(run);
          const result = await executeRun(run, attempt, trace, {
            program: setting.program,
            options: setting.options,
            instruments: setting.request.instruments,
            deadlineMs: setting.deadlineMs(run),
            abort: setting.abort,
          });
          setting.onResult(result);
          // After a lost end marker nobody knows what the session still holds back.
          const lost = result.outcome.state === 'tracer-failed';
          if (lost || setting.attachPerRun) await session?.close();
          const doubtful = ['suspect', 'tracer-failed'].includes(result.outcome.state);
          if (!doubtful || setting.stopping()) break;
        }
      });
    }
  } finally {
    await session?.close();
  }
}
