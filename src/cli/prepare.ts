import { homedir } from 'node:os';
import { join } from 'node:path';
import { type BenchmarkProgram, locateBenchmark } from '../benchmark/locate.ts';
import { sweepIdentity } from '../plan/identity.ts';
import type { Experiment } from '../spec/load.ts';
import { type Chosen, chooseTracer } from '../trace/choose.ts';
import type { InstrumentName } from '../spec/schema.ts';
import type { TraceProgram } from '../trace/compose.ts';
import type { TraceRequest } from '../trace/tracer.ts';

/** Everything that must be known before the first run of an experiment on this machine. */
export interface Prepared {
  readonly program: BenchmarkProgram;
  readonly chosen: Chosen;
  /** What the tracer is asked: of the spec's instruments, those that it has. */
  readonly request: TraceRequest;
  /** Instruments that the tracer does not have here. */
  readonly unavailable: readonly InstrumentName[];
  /** Undefined when untraced. */
  readonly traceProgram: TraceProgram | undefined;
  readonly identity: string;
}

/** @throws UserError when the benchmark or the tracer is not to be had */
export async function prepare(experiment: Experiment): Promise<Prepared> {
  const program = await locateBenchmark(experiment.program, cacheDirectory(process.env));
  const { trace } = experiment.document;
  const chosen = await chooseTracer(trace.tracer);
  const has = (name: InstrumentName) => chosen?.tracer.instruments.includes(name) ?? false;
  const request: TraceRequest = {
    execname: program.execname,
    instruments: trace.instruments.filter(has),
    options: definedOptions(trace.options),
  };
  const traceProgram = chosen?.tracer.program(request);
  return {
    program,
    chosen,
    request,
    unavailable: chosen ? trace.instruments.filter((name) => !has(name)) : [],
    traceProgram,
    identity: sweepIdentity({
      document: experiment.document,
      benchmarkSha256: program.sha256,
      programSha256: traceProgram?.sha256 ?? '',
    }),
  };
}

/** Options that the spec names. */
export function definedOptions(
  options: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** Where built benchmarks are kept (XDG base directories). */
export function cacheDirectory(environment: NodeJS.ProcessEnv): string {
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ipc-sweep');
}
