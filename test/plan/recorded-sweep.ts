import type { cellKey } from '../../src/experiment/cell.ts';
import type { parseExperiment } from '../../src/experiment/read-experiment.ts';
import type { planHosts } from '../../src/plan/hosts.ts';
import type { makePlan } from '../../src/plan/plan.ts';
import type { TimeLeft } from '../../src/plan/time-left.ts';
import type { sweepCosts } from '../../src/sweep/costs.ts';
import type { TRACERS } from '../../src/trace/choose.ts';

/**
 * The functions that are called here: tests pass the sources, bench/estimate.mjs the built program.
 */
export interface Modules {
  readonly cellKey: typeof cellKey;
  readonly parseExperiment: typeof parseExperiment;
  readonly planHosts: typeof planHosts;
  readonly makePlan: typeof makePlan;
  readonly TimeLeft: typeof TimeLeft;
  readonly sweepCosts: typeof sweepCosts;
  readonly TRACERS: typeof TRACERS;
}

/** The times of a sweep; `bench/estimate.mjs --record` writes them. */
export interface RecordedSweep {
  readonly spec: string;
  readonly platform: NodeJS.Platform;
  readonly tracer: string;
  /** Load of the machine for each of its processors. */
  readonly load: number;
  /** The time of the whole command. */
  readonly seconds: number;
  /**
   * The runs in the order in which they were made: the seconds that each took, and when it was
   * stored.
   */
  readonly runs: readonly (readonly [took: number, stored: number])[];
}

function planned({ spec, platform, tracer: name }: RecordedSweep, modules: Modules) {
  const { makePlan, parseExperiment, sweepCosts, TRACERS } = modules;
  const experiment = parseExperiment('recorded.yaml', spec, { allowLarge: false });
  const { cells, document, scripts } = experiment;
  const tracer = TRACERS.find((it) => it.name === name);
  const traced = tracer !== undefined || scripts.length > 0;
  const { least: runs } = makePlan(cells, document, { traced, done: new Set() });
  return { cells, runs, costs: sweepCosts(document, { tracer, scripts, platform }) };
}

/** The estimate of `plan` for a recorded sweep, in seconds. */
export function saidBefore(recorded: RecordedSweep, modules: Modules): number {
  const { cells, runs, costs } = planned(recorded, modules);
  return modules.planHosts(cells, ['local'], runs, costs).seconds;
}

/**
 * The time left that progress showed when half of the runs were stored, and the time that the
 * others then took, in seconds. A recording of which a run was repeated cannot be read.
 */
export function saidHalfway(
  recorded: RecordedSweep,
  modules: Modules,
): { said: number; is: number } {
  const { cells, runs, costs } = planned(recorded, modules);
  if (runs.length !== recorded.runs.length) {
    throw new Error(`${runs.length} runs are planned, ${recorded.runs.length} were recorded`);
  }
  const half = Math.floor(runs.length / 2);
  const left = new modules.TimeLeft(cells, costs);
  left.expect(runs);
  for (const [at, run] of runs.slice(0, half).entries()) {
    const [took, stored] = recorded.runs[at]!;
    const before = recorded.runs[at - 1]?.[1];
    left.made(run);
    left.learn({
      ...{
        cell: modules.cellKey(run.cell),
        traced: run.traced,
        attempts: 1,
        retries: 0,
        seconds: took,
      },
      changed: run.traced !== (runs[at - 1]?.traced ?? false),
      known: before === undefined ? 0 : 1,
      overheadSeconds: before === undefined ? 0 : stored - before - took,
    });
  }
  return { said: left.seconds(), is: recorded.runs.at(-1)![1] - recorded.runs[half - 1]![1] };
}
