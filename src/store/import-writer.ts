import type { BenchmarkFact, Sample } from '../benchmark/output.ts';
import type { Environment } from '../execute/environment.ts';
import { type Cell, cellKey } from '../experiment/cell.ts';
import { greatest } from '../extremes.ts';
import { recordEnvironment } from './environment-writer.ts';
import { IMPORTED } from './iterations-as-runs.ts';
import type { Db } from './open.ts';
import { runWriter } from './run-writer.ts';
import { createSweep, markSweep, type NewSweep } from './sweep-writer.ts';

/** A run that was made without ipc-sweep. */
export interface ImportedRun {
  readonly cell: Cell;
  readonly warmup: boolean;
  readonly samples: readonly Sample[];
  readonly facts: readonly BenchmarkFact[];
}

export interface Import {
  readonly name: string;
  readonly description: string;
  /** SHA-256 of what was imported. */
  readonly identity: string;
  readonly file: string;
  readonly bare: boolean;
  readonly iterations: number;
  readonly rusage: boolean;
  readonly runs: readonly ImportedRun[];
}

/**
 * Stores runs as an untraced sweep that has ended, all or nothing. Fields that an import cannot
 * know are empty (times, programs, exit codes) or 0 (wall time, number of processors, memory).
 * @returns the sweep's id
 */
export function writeImport(db: Db, imported: Import): number {
  return db
    .transaction(() => {
      const trials = new Map<string, number>();
      const numbered = imported.runs.map((run) => {
        const key = cellKey(run.cell);
        const trial = (trials.get(key) ?? 0) + 1;
        trials.set(key, trial);
        return { ...run, trial };
      });
      const sweepId = createSweep(db, sweepOf(imported, greatest(trials.values(), 0)));
      const writers = new Map<string, ReturnType<typeof runWriter>>();
      for (const [at, { cell, samples, facts, trial, warmup }] of numbered.entries()) {
        // One environment for each machine, or state of it, that the documents describe.
        const machine = JSON.stringify(facts);
        const store =
          writers.get(machine) ??
          runWriter(db, sweepId, recordEnvironment(db, sweepId, environmentOf(facts), facts));
        writers.set(machine, store);
        const ordinal = at + 1;
        const place = { ordinal, block: trial, cell, cellIndex: 0, trial };
        store({
          planned: { ...place, warmup, traced: false },
          outcome: { state: 'completed', samples },
          ...UNKNOWN_OF_RUN,
        });
      }
      markSweep(db, sweepId, 'ended', undefined);
      return sweepId;
    })
    .immediate();
}

const UNKNOWN_OF_RUN = {
  ...{ attempt: 1, startedAt: undefined, wallNs: 0, use: undefined },
  ...{ exitCode: null, signal: null, pid: null, stderrTail: '' },
  ...{ conditions: undefined, counts: undefined, rawTrace: undefined, scripts: [], doubts: [] },
} as const;

function sweepOf({ file, runs, ...told }: Import, trials: number): NewSweep {
  const cells = new Map(runs.map(({ cell }) => [cellKey(cell), cell]));
  return {
    ...told,
    specFile: file,
    cells: [...cells.values()],
    plannedRuns: runs.length,
    trials: { min: trials, max: trials, relativeCi: undefined },
    runOrder: IMPORTED,
    tracer: 'none',
    ...{ specText: '', seed: 0, warmup: 0, budgetMs: undefined, expectations: [], controls: false },
    ...{ traceProgram: '', traceProgramSha256: '', instruments: [], scripts: [] },
    ...{
      counters: '',
      benchmarkPath: '',
      benchmarkSha256: '',
      startedAt: undefined,
      pipeStates: undefined,
    },
  };
}

/** Node's names for architectures, which other sweeps use too. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  amd64: 'x64',
  x86_64: 'x64',
  aarch64: 'arm64',
  i386: 'ia32',
};

/** The environment according to the documents, never that of this machine. */
function environmentOf(facts: readonly BenchmarkFact[]): Environment {
  const said = new Map(facts.map(({ key, value }) => [key, value]));
  const text = (key: string) => said.get(key) ?? '';
  const count = (key: string) => {
    const value = Number(said.get(key));
    return Number.isSafeInteger(value) && value > 0 ? value : 0;
  };
  const machine = text('hw.machine');
  const name = [text('kern.hostname'), text('hw.model')].find((it) => it.trim() !== '');
  return {
    host: '',
    machine: name ?? 'imported',
    capturedAt: undefined,
    osName: text('kern.ostype'),
    osRelease: text('kern.osrelease'),
    osVersion: '',
    architecture: Object.hasOwn(ARCHITECTURES, machine) ? ARCHITECTURES[machine]! : machine,
    cpuModel: text('hw.model'),
    cpuCount: count('hw.ncpu'),
    memoryBytes: count('hw.physmem'),
    load1min: 0,
    ...{ nodeVersion: '', ipcSweepVersion: '', tracerVersion: '' },
  };
}
