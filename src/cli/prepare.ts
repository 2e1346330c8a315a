import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { type LocatedBenchmark, locateBenchmark } from '../benchmark/locate.ts';
import { UserError } from '../errors.ts';
import type { Experiment } from '../experiment/load.ts';
import { STANDARD_INPUT } from '../experiment/standard-input.ts';
import type { InstrumentName } from '../experiment/trace-schema.ts';
import { OWN_PRIVILEGE, type Privilege, sudoPrivilege } from '../host/sudo.ts';
import { sweepIdentity } from '../plan/identity.ts';
import { type Chosen, chooseTracer } from '../trace/choose.ts';
import type { TraceProgram } from '../trace/compose.ts';
import { PIPE_STATE_TABLES } from '../trace/pipe-state-bits.ts';
import type { TraceRequest } from '../trace/tracer.ts';
import { tracerEnvironment } from '../trace/tracer-environment.ts';
import type { UserScript } from '../trace/user-scripts/attached-script.ts';
import { prepareScripts } from '../trace/user-scripts/user-scripts.ts';
import { cacheDirectory } from './cache-directory.ts';

/** Everything that must be known before the first run of an experiment on this machine. */
export interface Prepared {
  readonly program: LocatedBenchmark;
  readonly chosen: Chosen;
  /** How tracers are started. */
  readonly privilege: Privilege;
  /** What the tracer is asked: of the spec's instruments, those that it has. */
  readonly request: TraceRequest;
  /** Instruments that the tracer does not have here. */
  readonly unavailable: readonly InstrumentName[];
  readonly scripts: readonly UserScript[];
  /** Undefined when untraced. */
  readonly traceProgram: TraceProgram | undefined;
  readonly identity: string;
}

/** Whether anything looks into the kernel while the runs are made. */
export function isTraced({ chosen, scripts }: Prepared): boolean {
  return chosen !== undefined || scripts.length > 0;
}

/** @throws UserError when the benchmark or the tracer is not to be had */
export async function prepare(
  experiment: Experiment,
  allow: { readonly scripts: boolean },
): Promise<Prepared> {
  const program = await locateBenchmark(experiment.program, cacheDirectory(process.env));
  checkStates(experiment);
  const { trace } = experiment.document;
  const privilege = await privilegeFor(trace);
  const chosen = await chooseTracer(trace.tracer, privilege);
  for (const script of experiment.scripts) checkScript(script, experiment, allow.scripts);
  const scripts = await prepareScripts(experiment.scripts, privilege);
  const has = (name: InstrumentName) => chosen?.tracer.instruments.includes(name) ?? false;
  const request: TraceRequest = {
    execname: program.execname,
    instruments: trace.instruments.filter(has),
    events: trace.events,
    options: definedOptions(trace.options),
  };
  const traceProgram = chosen?.tracer.program(request);
  return {
    program,
    chosen,
    privilege,
    request,
    unavailable: chosen ? trace.instruments.filter((name) => !has(name)) : [],
    scripts,
    traceProgram,
    identity: sweepIdentity({
      document: experiment.document,
      benchmarkSha256: program.sha256,
      programSha256: hashAll([traceProgram?.sha256 ?? '', ...scripts.map(sha256OfFile)]),
    }),
  };
}

/** Sudo is asked only where something is to be started by it. */
export async function privilegeFor({
  sudo,
  tracer,
  scripts,
}: Experiment['document']['trace']): Promise<Privilege> {
  const needed = !['none', 'strace'].includes(tracer) || scripts.length > 0;
  if (!sudo || !needed) return OWN_PRIVILEGE;
  return sudoPrivilege(cacheDirectory(process.env), process.getuid?.(), tracerEnvironment());
}

/** A spec from somebody else must not run, as root, whatever it finds on this machine. */
function checkScript(script: string, spec: Experiment, allowed: boolean): void {
  let real: string;
  try {
    real = realpathSync(script);
  } catch (error) {
    throw new UserError(`cannot read the script ${script}: ${(error as Error).message}`, {
      hint: "scripts are named relative to the spec's folder; of a spec from standard input, to the working folder",
    });
  }
  const piped = spec.file === STANDARD_INPUT.shown;
  const folder = `${piped ? realpathSync(spec.folder) : dirname(realpathSync(spec.file))}/`;
  if (!allowed && !real.startsWith(folder)) {
    throw new UserError(`the script ${real} is outside the spec's folder ${folder}`, {
      hint: 'pass --allow-scripts if you trust it',
    });
  }
}

function sha256OfFile({ path }: UserScript): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function hashAll(hashes: readonly string[]): string {
  return createHash('sha256').update(hashes.join(' ')).digest('hex');
}

/** A state that no kernel has would be absent whatever happens. @throws UserError naming it */
function checkStates({ expectations, file }: Experiment): void {
  const known = new Set(PIPE_STATE_TABLES.flatMap(({ bits }) => bits.map(({ name }) => name)));
  for (const { text, assertion } of expectations) {
    const state =
      assertion.kind === 'state'
        ? assertion.state
        : assertion.quantity.kind === 'state-share'
          ? assertion.quantity.state
          : undefined;
    if (state === undefined || known.has(state)) continue;
    throw new UserError(`${file}: expect: ${text}: no pipe state is called ${state}`, {
      hint: `there are ${[...known].join(', ')}`,
    });
  }
}

/** Options that the spec names. */
export function definedOptions(
  options: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}
