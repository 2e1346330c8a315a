import { homedir } from 'node:os';
import { join } from 'node:path';
import { type BenchmarkProgram, locateBenchmark } from '../benchmark/locate.ts';
import { sweepIdentity } from '../plan/identity.ts';
import type { Experiment } from '../spec/load.ts';
import { type Chosen, chooseTracer } from '../trace/choose.ts';
import type { TraceProgram } from '../trace/compose.ts';

/** Everything that must be known before the first run of an experiment on this machine. */
export interface Prepared {
  readonly program: BenchmarkProgram;
  readonly chosen: Chosen;
  /** Undefined when untraced. */
  readonly traceProgram: TraceProgram | undefined;
  readonly identity: string;
}

/** @throws UserError when the benchmark or the tracer is not to be had */
export async function prepare(experiment: Experiment): Promise<Prepared> {
  const program = await locateBenchmark(experiment.program, cacheDirectory(process.env));
  const { trace } = experiment.document;
  const chosen = await chooseTracer(trace.tracer);
  const traceProgram = chosen?.tracer.program({
    execname: program.execname,
    instruments: trace.instruments,
  });
  return {
    program,
    chosen,
    traceProgram,
    identity: sweepIdentity({
      document: experiment.document,
      benchmarkSha256: program.sha256,
      programSha256: traceProgram?.sha256 ?? '',
    }),
  };
}

/** Where built benchmarks are kept (XDG base directories). */
export function cacheDirectory(environment: NodeJS.ProcessEnv): string {
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ipc-sweep');
}
