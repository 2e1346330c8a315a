import { type BenchmarkOptions, benchmarkArguments } from '../benchmark/argv.ts';
import type { BenchmarkProgram } from '../benchmark/locate.ts';
import { readOutput } from '../benchmark/output.ts';
import type { Doubt } from '../doubt.ts';
import { ExitCode, UserError } from '../errors.ts';
import type { InstrumentName } from '../experiment/trace-schema.ts';
import type { Guard } from '../host/guard.ts';
import type { Allowance } from '../host/machine/allowance.ts';
import type { Neighbours } from '../host/machine/neighbours.ts';
import { conditionDoubts, watchConditions } from '../host/machine/run-conditions.ts';
import { type Sources, THIS_MACHINE } from '../host/machine/sources.ts';
import type { Privilege } from '../host/sudo.ts';
import type { PlannedRun } from '../plan/order.ts';
import { checkConservation } from '../trace/check.ts';
import type { Collected, TraceSession } from '../trace/tracer.ts';
import {
  type AttachedScript,
  attachScript,
  type ScriptResult,
  type UserScript,
} from '../trace/user-scripts/attached-script.ts';
import type { Outcome, RunResult } from './outcome.ts';
import { rusageDoubts, saidDoubts, saysUnbound } from './said.ts';
import { OUTPUT_LIMITS, type Supervised, supervise } from './supervise.ts';

export interface RunSetting {
  readonly program: BenchmarkProgram;
  readonly options: BenchmarkOptions;
  readonly instruments: readonly InstrumentName[];
  readonly events: boolean;
  /** The user's own, attached to this run alone. */
  readonly scripts: readonly UserScript[];
  readonly deadlineMs: number;
  readonly abort: AbortSignal;
  readonly guard: Guard;
  /** Where the machine's state is read; this machine unless a test says otherwise. */
  readonly machine?: Pick<Sources, 'root'>;
  /** What the run may have of it; read for this run when left out. */
  readonly allowance?: Allowance;
  readonly privilege?: Privilege;
  /** Notices other benchmarks; left out: nobody looks. */
  readonly neighbours?: Neighbours;
}

/**
 * Turns one planned run into one result.
 * @param session undefined for an untraced run
 * @throws UserError when the benchmark cannot be started
 */
export async function executeRun(
  planned: PlannedRun,
  attempt: number,
  session: TraceSession | undefined,
  setting: RunSetting,
): Promise<RunResult> {
  const attached: AttachedScript[] = [];
  for (const script of setting.scripts) {
    attached.push(await attachScript(script, setting.guard, setting.privilege));
  }
  await setting.neighbours?.before();
  const conditionsAtEnd = watchConditions(setting.machine ?? THIS_MACHINE, setting.allowance);
  session?.begin();
  const command = [
    setting.program.path,
    ...benchmarkArguments(planned.cell, setting.options),
  ] as const;
  const [path, ...args] = session?.wrap?.(command) ?? command;
  const ended = await supervise({
    path: path!,
    args,
    deadlineMs: setting.deadlineMs,
    abort: setting.abort,
    guard: setting.guard,
  });
  const conditions =
    ended.pid === undefined
      ? undefined
      : conditionsAtEnd({ unbound: saysUnbound(ended.stderrTail) });
  const foreign = (await setting.neighbours?.after(ended.pid)) ?? [];
  const collected =
    session && ended.pid !== undefined
      ? await session.collect(ended.pid, planned.cell.mode)
      : undefined;
  const scripts: ScriptResult[] = [];
  for (const script of attached) scripts.push(await script.finish());
  const outcome = benchmarkOutcome(planned, ended, setting);
  const doubts: Doubt[] = [
    ...(collected?.doubts ?? []),
    ...scripts.flatMap((script) => script.doubts),
    ...foreign,
    ...(conditions ? conditionDoubts(conditions, ended.wallNs) : []),
    ...('samples' in outcome
      ? [...saidDoubts(ended.stderrTail), ...rusageDoubts(setting.options.rusage, outcome.samples)]
      : []),
  ];
  if (outcome.state === 'completed' && collected?.state === 'counted') {
    doubts.push(
      ...checkConservation(collected.counts, {
        cell: planned.cell,
        iterations: setting.options.iterations,
        instruments: setting.instruments,
        events: setting.events,
      }),
    );
  }
  return {
    planned,
    attempt,
    outcome: judged(outcome, collected, doubts),
    startedAt: ended.startedAt,
    wallNs: ended.wallNs,
    exitCode: ended.end.kind === 'exited' ? ended.end.exitCode : null,
    signal: ended.end.kind === 'signalled' ? ended.end.signal : null,
    pid: ended.pid ?? null,
    stderrTail: ended.stderrTail,
    conditions,
    counts: collected?.state === 'counted' ? collected.counts : undefined,
    rawTrace: collected?.raw,
    scripts,
    doubts,
  };
}

/** A tracer can only make a good run worse; it has no say about one that failed by itself. */
function judged(
  outcome: Outcome,
  collected: Collected | undefined,
  doubts: readonly Doubt[],
): Outcome {
  if (outcome.state !== 'completed') return outcome;
  const { samples } = outcome;
  if (collected?.state === 'failed') {
    return { state: 'tracer-failed', samples, reason: collected.reason };
  }
  return doubts.some(({ suspect }) => suspect) ? { state: 'suspect', samples } : outcome;
}

function benchmarkOutcome(
  { cell }: PlannedRun,
  { end, stdout, stderrTail }: Supervised,
  { options, deadlineMs }: RunSetting,
): Outcome {
  const said = stderrTail.trim().split('\n').at(-1) ?? '';
  const saying = said === '' ? '' : `: ${said}`;
  switch (end.kind) {
    case 'exited': {
      if (end.exitCode !== 0) {
        return { state: 'failed', reason: `exit code ${end.exitCode}${saying}` };
      }
      const { iterations } = options;
      const output = readOutput(stdout, { iterations, totalBytes: cell.totalBytes });
      return output.state === 'samples'
        ? { state: 'completed', samples: output.samples }
        : { state: 'output-unreadable', reason: output.reason + saying };
    }
    case 'signalled':
      return { state: 'signalled', reason: `ended by ${end.signal}${saying}` };
    case 'timed-out':
      return { state: 'timed-out', reason: `not done after ${deadlineMs / 1000} s${saying}` };
    case 'aborted':
      return { state: 'interrupted', reason: 'interrupted' };
    case 'flooded':
      return {
        state: 'output-unreadable',
        reason: `more than ${OUTPUT_LIMITS[end.stream]} bytes on ${end.stream}`,
      };
    case 'not-started':
      // The next run would end in the same way: that is no datum of a run.
      throw new UserError(`the benchmark did not start: ${end.reason}`, {
        hint: 'is it still there, and the interpreter that a script names in its first line? `run` again goes on',
        exitCode: ExitCode.machine,
      });
  }
}
