import { basename } from 'node:path';
import { type LocatedBenchmark, locateBenchmark } from '../benchmark/locate.ts';
import { UserError } from '../errors.ts';
import { triedCounters } from '../execute/try-counters.ts';
import { hooksOf } from '../experiment/hooks.ts';
import type { Experiment } from '../experiment/read-experiment.ts';
import { copyLimit } from '../host/copy-rate.ts';
import type { Host } from '../host/host.ts';
import { type Allowance, allowanceOf } from '../host/machine/allowance.ts';
import { sourcesOf } from '../host/machine/sources.ts';
import { OWN_PRIVILEGE, type Privilege } from '../host/privilege.ts';
import type { TraceProgram } from '../trace/compose.ts';
import type { TraceRequest } from '../trace/tracer.ts';
import { ridingScripts } from '../trace/user-scripts/riding/placement.ts';
import type { ScriptFile } from '../trace/user-scripts/script-file.ts';
import { orFault } from './faults.ts';
import { notesOn } from './notes.ts';
import { needsRoot, type Tracing, tracingOn } from './tracing.ts';

/** Benchmarks by their names in the spec; if there is only one, its name is empty. */
export type Programs = ReadonlyMap<string, LocatedBenchmark>;

/** Names of counters, by the name of the benchmark that prints them. */
type CounterNames = ReadonlyMap<string, readonly string[]>;

/** How hosts are reached; tests supply their own. */
export interface Reach {
  /** @throws UserError when the host cannot be reached, HostLost when it is lost while it starts */
  readonly open: (name: string) => Promise<Host>;
  /**
   * Keeps other sweeps from a host that has been opened; if left out, nobody is kept out.
   * @throws UserError naming the sweep that holds it
   */
  readonly claim?: (host: Host) => Promise<void>;
  /** Starts a second agent there, as root. */
  readonly asRoot: (host: Host) => Promise<Privilege>;
}

/** The result of applying an experiment to a host, as far as it is known beforehand. */
export interface SurveyedHost {
  readonly host: Host;
  /** The available benchmarks, by their names in the spec. */
  readonly programs: Programs;
  readonly tracing: Tracing;
  readonly request: TraceRequest;
  /** Undefined when untraced. */
  readonly traceProgram: TraceProgram | undefined;
  /** Parts of the spec that are carried out differently there. */
  readonly notes: readonly string[];
  /** Reasons why `run` would refuse, the first one first. */
  readonly faults: readonly UserError[];
  /** Ends the agents there. */
  readonly close: () => Promise<void>;
}

/** A host with everything that must be known before the first run there. */
export interface PreparedHost
  extends Pick<
      Tracing,
      'chosen' | 'privilege' | 'scripts' | 'placed' | 'missing' | 'traced' | 'wanted'
    >,
    Pick<SurveyedHost, 'host' | 'programs' | 'request' | 'traceProgram' | 'notes' | 'close'> {
  /** The counters that each benchmark prints, by its name; empty if none are asked for. */
  readonly counterNames: CounterNames;
  /** The highest rate of copying memory, in bytes per second; undefined when not measured. */
  readonly copyBytesPerS: number | undefined;
  readonly allowance: Allowance;
}

/**
 * Opens a host and keeps other sweeps from it.
 * @throws UserError when it cannot be reached or another sweep has it, HostLost when it is lost
 * meanwhile
 */
export async function openClaimed(name: string, reach: Reach): Promise<Host> {
  const host = await reach.open(name);
  await claimed(host, reach);
  return host;
}

/**
 * Keeps other sweeps from a host; closes the host if another sweep has it.
 * @throws UserError if so
 */
export async function claimed(host: Host, reach: Reach): Promise<void> {
  try {
    await reach.claim?.(host);
  } catch (error) {
    await host.close();
    throw error;
  }
}

/**
 * Finds out what `run` would do on a host, and what it would refuse. The host is closed on an
 * error.
 * @throws UserError when something there cannot be determined, HostLost when it is lost meanwhile
 */
export async function surveyHost(
  experiment: Experiment,
  scripts: readonly ScriptFile[],
  host: Host,
  reach: Reach,
): Promise<SurveyedHost> {
  let privilege: Privilege = OWN_PRIVILEGE;
  const close = async () => {
    if (privilege.state === 'sudo') await privilege.root.close();
    await host.close();
  };
  const faults: UserError[] = [];
  try {
    const programs = new Map<string, LocatedBenchmark>();
    for (const { name, program } of experiment.programs) {
      const key = name === '' ? 'benchmark.program' : `benchmark.programs.${name}`;
      const found = await orFault(faults, () => locateBenchmark(host, program, key));
      if (found) programs.set(name, found);
    }
    // The bundled benchmark alone: `plan` and `validate` start no program that a spec names.
    await orFault(faults, () => countersOf(experiment, host, bundledOf(programs)));
    if (needsRoot(experiment.document.trace)) privilege = await reach.asRoot(host);
    const tracing = await tracingOn(host, privilege, experiment, scripts);
    faults.push(...tracing.faults);
    const execnames = experiment.programs.map(({ name, program }) => {
      const likely = program === 'bundled' ? 'ipc-benchmark' : basename(program);
      return programs.get(name)?.execname ?? likely;
    });
    if (tracing.traced) faults.push(...mistakenForRuns(experiment, execnames));
    const riding = ridingScripts(tracing.placed);
    const request = { execnames, ...tracing.asked, ...(riding.length > 0 ? { riding } : {}) };
    const traceProgram = await orFault(faults, () =>
      tracing.wanted?.tracer.program(host.machine, request),
    );
    const notes = notesOn(experiment, tracing, host.machine.platform);
    return { host, programs, tracing, request, traceProgram, notes, faults, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Refuses commands between traced runs that have the benchmark's name: a tracer takes a program of
 * this name that the agent starts for a run, and clears its counts when it ends, which may be after
 * the next run has begun.
 */
function mistakenForRuns(
  { document }: Experiment,
  execnames: readonly string[],
): readonly UserError[] {
  const hooks = hooksOf(document);
  return (['prepare', 'conclude'] as const).flatMap((name) => {
    const program = basename(hooks[name]?.words[0] ?? '');
    if (!execnames.includes(program)) return [];
    return new UserError(`${name} starts ${program}, which the tracer would take for a run`, {
      hint: 'start a copy with another name, or trace nothing: trace.tracer: none',
    });
  });
}

/** @throws UserError when a benchmark cannot count what the spec asks for */
async function countersOf(
  { document }: Experiment,
  host: Host,
  programs: Programs,
): Promise<CounterNames> {
  const names = new Map<string, readonly string[]>();
  const { counters } = document.benchmark;
  if (counters === undefined) return names;
  for (const [name, { path }] of programs) {
    names.set(name, await triedCounters(host, path, counters));
  }
  return names;
}

function bundledOf(programs: Programs): Programs {
  return new Map([...programs].filter(([, { bundled }]) => bundled));
}

/**
 * Prepares a host for its first run. The host is closed on an error.
 * @throws UserError when the benchmark, the tracer or a requested feature is not available
 */
export async function prepareHost(
  experiment: Experiment,
  scripts: readonly ScriptFile[],
  opened: Host,
  reach: Reach,
): Promise<PreparedHost> {
  const surveyed = await surveyHost(experiment, scripts, opened, reach);
  const { host, programs, tracing, request, traceProgram, notes, faults, close } = surveyed;
  try {
    const [fault] = faults;
    if (fault) throw fault;
    const counterNames = await countersOf(experiment, host, programs);
    const { chosen, wanted, privilege, missing, traced, placed } = tracing;
    return {
      ...{ host, programs, request, traceProgram, notes, close },
      ...{ chosen, wanted, privilege, missing, traced, placed, scripts: tracing.scripts },
      counterNames,
      copyBytesPerS: await copyLimit(host),
      allowance: await allowanceOf(sourcesOf(host)),
    };
  } catch (error) {
    await close();
    throw error;
  }
}
