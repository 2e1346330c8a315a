import { type LocatedBenchmark, locateBenchmark } from '../benchmark/locate.ts';
import type { Experiment } from '../experiment/load.ts';
import type { InstrumentName } from '../experiment/trace-schema.ts';
import { copyLimit } from '../host/copy-rate.ts';
import type { Host } from '../host/host.ts';
import { OWN_PRIVILEGE, type Privilege } from '../host/privilege.ts';
import { type Chosen, chooseTracer } from '../trace/choose.ts';
import type { TraceProgram } from '../trace/compose.ts';
import type { TraceRequest } from '../trace/tracer.ts';
import type { ScriptFile } from '../trace/user-scripts/script-file.ts';
import type { UserScript } from '../trace/user-scripts/user-script.ts';
import { prepareScripts } from '../trace/user-scripts/user-scripts.ts';

/** How hosts are reached; tests pass their own. */
export interface Reach {
  /** @throws UserError when the host cannot be reached, HostLost when it goes while it begins */
  readonly open: (name: string) => Promise<Host>;
  /** A second agent there, as root. */
  readonly asRoot: (host: Host) => Promise<Privilege>;
}

/** A host with everything that must be known before the first run there. */
export interface PreparedHost {
  readonly host: Host;
  readonly program: LocatedBenchmark;
  readonly chosen: Chosen;
  /** How tracers are started. */
  readonly privilege: Privilege;
  /** What the tracer is asked: of the spec's instruments, those that it has. */
  readonly request: TraceRequest;
  /** Instruments that the tracer does not have there. */
  readonly unavailable: readonly InstrumentName[];
  readonly scripts: readonly UserScript[];
  /** The most that memory can be copied at, in bytes a second; undefined when not measured. */
  readonly copyBytesPerS: number | undefined;
  /** Undefined when untraced. */
  readonly traceProgram: TraceProgram | undefined;
  /** Ends the agents there. */
  readonly close: () => Promise<void>;
}

/** @throws UserError when the host, the benchmark or the tracer is not to be had */
export async function prepareHost(
  experiment: Experiment,
  scriptFiles: readonly ScriptFile[],
  name: string,
  reach: Reach,
): Promise<PreparedHost> {
  const host = await reach.open(name);
  let privilege: Privilege = OWN_PRIVILEGE;
  const close = async () => {
    if (privilege.state === 'sudo') await privilege.root.close();
    await host.close();
  };
  try {
    const program = await locateBenchmark(host, experiment.program);
    const { trace } = experiment.document;
    privilege = needsRoot(trace) ? await reach.asRoot(host) : OWN_PRIVILEGE;
    const chosen = await chooseTracer(host, trace.tracer, privilege);
    const scripts = await prepareScripts(host, scriptFiles, privilege);
    const has = (instrument: InstrumentName) =>
      chosen?.tracer.instrumentsOn(host.machine.platform).includes(instrument) ?? false;
    const request: TraceRequest = {
      execname: program.execname,
      instruments: trace.instruments.filter(has),
      events: trace.events,
      options: definedOptions(trace.options),
    };
    return {
      host,
      program,
      chosen,
      privilege,
      request,
      unavailable: chosen ? trace.instruments.filter((instrument) => !has(instrument)) : [],
      scripts,
      copyBytesPerS: await copyLimit(host),
      traceProgram: chosen?.tracer.program(host.machine, request),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Sudo is asked only where something is to be started by it. */
export function needsRoot({ sudo, tracer, scripts }: Experiment['document']['trace']): boolean {
  return sudo && (!['none', 'strace'].includes(tracer) || scripts.length > 0);
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
