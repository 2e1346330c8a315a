import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type LocatedBenchmark, locateBenchmark } from '../benchmark/locate.ts';
import { UserError } from '../errors.ts';
import type { Experiment } from '../experiment/load.ts';
import { cacheDirectory } from '../host/cache-directory.ts';
import { sweepIdentity } from '../plan/identity.ts';
import type { TraceProgram } from '../trace/compose.ts';
import { PIPE_STATE_TABLES } from '../trace/pipe-state-bits.ts';
import type { TraceRequest } from '../trace/tracer.ts';
import type { UserScript } from '../trace/user-scripts/attached-script.ts';
import { notesOn } from './notes.ts';
import { type Tracing, tracingFor } from './tracing.ts';

/** What an experiment comes to on this machine, as far as that can be told. */
export interface Survey {
  /** Undefined when it is not to be had. */
  readonly program: LocatedBenchmark | undefined;
  readonly tracing: Tracing;
  readonly request: TraceRequest;
  /** Undefined when untraced. */
  readonly traceProgram: TraceProgram | undefined;
  /** What the spec says and goes another way here. */
  readonly notes: readonly string[];
  /** Why `run` would refuse, the first first. */
  readonly faults: readonly UserError[];
}

/** Everything that must be known before the first run of an experiment on this machine. */
export interface Prepared extends Tracing {
  readonly program: LocatedBenchmark;
  readonly request: TraceRequest;
  readonly traceProgram: TraceProgram | undefined;
  readonly notes: readonly string[];
  readonly identity: string;
}

/** Whether anything looks into the kernel while the runs are made. */
export function isTraced({ traced }: Pick<Tracing, 'traced'>): boolean {
  return traced;
}

/** Finds out what `run` would do here, and what it would refuse. */
export async function survey(
  experiment: Experiment,
  allow: { readonly scripts: boolean },
): Promise<Survey> {
  const faults: UserError[] = [];
  const found = async <T>(find: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await find();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      faults.push(error);
      return undefined;
    }
  };
  const program = await found(() =>
    locateBenchmark(experiment.program, cacheDirectory(process.env)),
  );
  await found(() => checkStates(experiment));
  const tracing = await tracingFor(experiment, allow);
  faults.push(...tracing.faults);
  const likely = experiment.program === 'bundled' ? 'ipc-benchmark' : basename(experiment.program);
  const request = { execname: program?.execname ?? likely, ...tracing.asked };
  const traceProgram = await found(() => tracing.wanted?.tracer.program(request));
  const notes = notesOn(experiment, tracing);
  return { program, tracing, request, traceProgram, notes, faults };
}

/** @throws UserError when the benchmark, the tracer, or something that is asked of it is not to be had */
export async function prepare(
  experiment: Experiment,
  allow: { readonly scripts: boolean },
): Promise<Prepared> {
  const { program, tracing, request, traceProgram, notes, faults } = await survey(
    experiment,
    allow,
  );
  const [fault] = faults;
  if (fault || !program) throw fault;
  const sha256s = [traceProgram?.sha256 ?? '', ...tracing.scripts.map(sha256OfFile)];
  return {
    ...tracing,
    ...{ program, request, traceProgram, notes },
    identity: sweepIdentity({
      document: experiment.document,
      benchmarkSha256: program.sha256,
      programSha256: hashAll(sha256s),
    }),
  };
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
