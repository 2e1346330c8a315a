import { type BenchmarkOptions, benchmarkArguments } from '../benchmark/argv.ts';
import type { LocatedBenchmark } from '../benchmark/locate.ts';
import { readOutput, type Sample } from '../benchmark/output.ts';
import type { Doubt } from '../doubt.ts';
import { ExitCode, UserError } from '../errors.ts';
import { onHost } from '../host/build.ts';
import type { CommandEnd, Finished, Host } from '../host/host.ts';
import { HostLost } from '../host/host-lost.ts';
import { LOCAL_HOST } from '../host/host-name.ts';
import type { Allowance } from '../host/machine/allowance.ts';
import type { Neighbours } from '../host/machine/neighbours.ts';
import { conditionDoubts, runConditions, watchedFiles } from '../host/machine/run-conditions.ts';
import { NO_EXECUTION_HINT } from '../host/mount.ts';
import { type Privilege, tracingHost } from '../host/privilege.ts';
import { shortageOf } from '../host/start-failure.ts';
import { requireWorkingFolder } from '../host/working-folder.ts';
import { askedAmong, byTable, type InstrumentName } from '../instruments/instruments.ts';
import type { PlannedRun } from '../plan/order.ts';
import { checkConservation } from '../trace/check.ts';
import type { Collected, TraceSession } from '../trace/tracer.ts';
import { attachScripts } from '../trace/user-scripts/attached-scripts.ts';
import type { UserScript } from '../trace/user-scripts/user-script.ts';
import { checkBenchmarkClaims } from './benchmark-claims.ts';
import { rusageDoubts, saidDoubts, saysUnbound } from './benchmark-messages.ts';
import { counterDoubts } from './counter-doubts.ts';
import type { Outcome, RunResult } from './outcome.ts';

export interface RunSetting {
  readonly host: Host;
  readonly program: LocatedBenchmark;
  readonly options: BenchmarkOptions;
  /** The counters that the benchmark has printed when it was tried; if undefined, none. */
  readonly counterNames?: readonly string[];
  readonly instruments: readonly InstrumentName[];
  readonly events: boolean;
  /** Those of the user's own scripts that are attached to this run alone. */
  readonly scripts: readonly UserScript[];
  readonly deadlineMs: number;
  readonly abort: AbortSignal;
  /** The highest rate at which memory there can be copied; undefined if it was not measured. */
  readonly copyBytesPerS: number | undefined;
  /** The share of the machine that runs are allowed to use. */
  readonly allowance: Pick<Allowance, 'processor0' | 'throttleFiles'>;
  /** Notices other benchmarks. If undefined, nobody looks. */
  readonly neighbours?: Neighbours;
  /** The way in which the user's scripts are started. */
  readonly privilege: Privilege;
}

export const OUTPUT_LIMITS = { stdout: 8 * 1024 * 1024, stderr: 1024 * 1024 } as const;
const STDERR_TAIL = 4000;
/** How long a benchmark's processes may go on after the first one has ended. */
const LINGER_MS = 2000;

/**
 * Executes one planned run and returns one result.
 * @param session undefined for an untraced run
 * @throws UserError when the benchmark cannot be started, or is no longer what it was
 * @throws HostLost when the link to the host breaks
 */
export async function executeRun(
  planned: PlannedRun,
  attempt: number,
  session: TraceSession | undefined,
  setting: RunSetting,
): Promise<RunResult> {
  const { host, allowance } = setting;
  await setting.neighbours?.before();
  // This comes before the scripts are attached, because doubts that the session has from here on
  // concern them too.
  await session?.begin();
  const { execname } = setting.program;
  const scripts = await attachScripts(setting.scripts, execname, host, setting.privilege);
  const command = [
    setting.program.path,
    ...benchmarkArguments(planned.cell, setting.options),
  ] as const;
  const ended = await host.run({
    words: session?.wrap?.(command) ?? command,
    environment: benchmarkEnvironment(host, process.env),
    deadlineMs: setting.deadlineMs,
    outputLimits: OUTPUT_LIMITS,
    lingerMs: LINGER_MS,
    watch: host.machine.platform === 'linux' ? watchedFiles(allowance) : [],
    program: setting.program.path,
    abort: setting.abort,
  });
  if (ended.pid !== undefined) session?.runHasEnded?.(ended.pid);
  const stderrTail = ended.stderr.toString('utf8').slice(-STDERR_TAIL);
  const onFirst = allowance.processor0 !== false && !saysUnbound(stderrTail);
  const conditions = ended.pid === undefined ? undefined : runConditions(ended, onFirst);
  await scripts.runHasEnded(ended.pid);
  const neighbours = (await setting.neighbours?.after(ended.pid)) ?? [];
  const collected =
    session && ended.pid !== undefined
      ? await session.collect(ended.pid, planned.cell.mode)
      : undefined;
  const foreign = collected?.doubts.some(({ code }) => code === 'foreign-benchmark') ?? false;
  const said = await scripts.finish(foreign);
  // The run itself had ended, but its traces were lost with the agent, so it must be repeated.
  const tracing = tracingHost(host, setting.privilege);
  if (tracing.lost && (collected?.state === 'failed' || setting.scripts.length > 0)) {
    throw new HostLost(tracing.name, 'it went while a run was being looked at');
  }
  // Before the outcome is judged: if the benchmark has been removed, that is why it did not start.
  await setting.program.checkUnchanged(ended.program);
  const outcome = benchmarkOutcome(planned, ended, stderrTail, setting);
  const doubts: Doubt[] = [
    ...(collected?.doubts ?? []),
    ...said.doubts,
    ...neighbours,
    ...(conditions ? conditionDoubts(conditions, ended.wallNs) : []),
    ...leftDoubts(ended),
    ...('samples' in outcome
      ? [
          ...saidDoubts(stderrTail),
          ...rusageDoubts(setting.options.rusage, outcome.samples),
          ...counterDoubts(outcome.samples, setting.counterNames ?? []),
        ]
      : []),
    ...(outcome.state === 'completed'
      ? figureDoubts(planned, ended, outcome.samples, collected, setting)
      : []),
  ];
  return {
    planned,
    attempt,
    outcome: judged(outcome, collected, doubts),
    startedAt: ended.startedAt,
    wallNs: ended.wallNs,
    use: ended.use,
    exitCode: ended.end.kind === 'exited' ? ended.end.exitCode : null,
    signal: ended.end.kind === 'signalled' ? ended.end.signal : null,
    pid: ended.pid ?? null,
    stderrTail,
    conditions,
    counts: collected?.state === 'counted' ? collected.counts : undefined,
    rawTrace: collected?.raw,
    scripts: [...(collected?.scripts ?? []), ...said.results],
    doubts,
  };
}

/** Compares the figures of a good run with each other and with what is known of the run. */
function figureDoubts(
  { cell }: PlannedRun,
  { wallNs, stdout }: Finished,
  samples: readonly Sample[],
  collected: Collected | undefined,
  { options: { iterations }, host, copyBytesPerS, instruments, events }: RunSetting,
): readonly Doubt[] {
  const { platform, processors } = host.machine;
  const claims = checkBenchmarkClaims(
    { samples, stdout: stdout.toString('utf8') },
    { cell, iterations, wallNs, processors, copyBytesPerS },
  );
  if (collected?.state !== 'counted') return claims;
  const { counts } = collected;
  return [
    ...claims,
    ...checkConservation(counts, { cell, iterations, instruments, events }),
    ...askedAmong(instruments).flatMap(
      ({ checkReported }) =>
        checkReported?.({ counts: byTable(counts), samples, wallNs, processors, platform }) ?? [],
    ),
  ];
}

/** The environment is small and constant: its size alone can shift a benchmark's figures. */
function benchmarkEnvironment(host: Host, own: NodeJS.ProcessEnv): Record<string, string> {
  const libraries = host.name === LOCAL_HOST ? own.LD_LIBRARY_PATH : undefined;
  return {
    PATH: host.machine.path || '/usr/bin:/bin',
    LC_ALL: 'C',
    ...(libraries ? { LD_LIBRARY_PATH: libraries } : {}),
  };
}

/** Reports a benchmark whose first process does not wait for the others. */
function leftDoubts({ left, end }: Finished): readonly Doubt[] {
  if (left.killed === 0 || end.kind !== 'exited') return [];
  const processes = left.killed === 1 ? '1 process' : `${left.killed} processes`;
  return [
    {
      code: 'left-behind',
      message: `${processes} of the benchmark went on for ${LINGER_MS / 1000} s after its first one had ended, and had to be killed`,
      suspect: true,
    },
  ];
}

/** A tracer can only make a good run worse; it does not change one that failed by itself. */
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
  { end, stdout }: Finished,
  stderrTail: string,
  { options, deadlineMs, host, program: { path } }: RunSetting,
): Outcome {
  const said = stderrTail.trim().split('\n').at(-1) ?? '';
  const saying = said === '' ? '' : `: ${said}`;
  switch (end.kind) {
    case 'exited': {
      if (end.exitCode !== 0) {
        return { state: 'failed', reason: `exit code ${end.exitCode}${saying}` };
      }
      const { iterations } = options;
      const output = readOutput(stdout.toString('utf8'), {
        iterations,
        totalBytes: cell.totalBytes,
      });
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
      // Nothing can be started in a folder that no longer exists.
      if (host.name === LOCAL_HOST) requireWorkingFolder();
      // The next run would end in the same way, so this says nothing about the run itself.
      throw notStarted(end, host, path);
  }
}

function notStarted(
  end: Extract<CommandEnd, { readonly kind: 'not-started' }>,
  host: Host,
  path: string,
): UserError {
  const shortage = shortageOf(end, end.reason);
  const { osName, architecture } = host.machine;
  const hint =
    shortage?.hint ??
    (end.code === 'ENOEXEC'
      ? `it is not a program for this machine (${osName} ${architecture}); a script needs #! in its first line`
      : end.code === 'EACCES'
        ? NO_EXECUTION_HINT
        : 'check that it is still there, and so is the interpreter that a script names in its first line');
  return new UserError(
    `the benchmark ${path} did not start${onHost(host)}: ${shortage?.reason ?? end.reason}`,
    { hint: `${hint}; \`run\` again goes on`, exitCode: ExitCode.machine },
  );
}
