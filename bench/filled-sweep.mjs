import { recordEnvironment } from '../dist/store/environment-writer.js';
import { runWriter } from '../dist/store/run-writer.js';
import { createSweep, markSweep } from '../dist/store/sweep-writer.js';

/** Starts a sweep of so many cells in a database. @returns what stores the next run of it */
export function fillSweep(db, count) {
  const cells = Array.from({ length: count }, (_, at) => ({
    ...{ ipc: 'pipe', mode: '2proc', bufferBytes: 128 * (at + 1), totalBytes: 2 ** 24 },
    socketBuffers: false,
  }));
  const id = createSweep(db, {
    ...{ name: 'filled', description: '', identity: 'filled', specFile: '/filled.yaml' },
    ...{ specText: '', seed: 1, runOrder: 'shuffled', plannedRuns: 2 ** 20, warmup: 0 },
    trials: { min: 2 ** 10, max: 2 ** 20, relativeCi: undefined },
    ...{ budgetMs: undefined, expectations: [], controls: false, tracer: 'none' },
    ...{ traceProgram: '', traceProgramSha256: '', instruments: [], benchmarkPath: '/none' },
    ...{ benchmarkSha256: '', iterations: 1, bare: true, rusage: false, startedAt: new Date(0) },
    ...{ cells, pipeStates: undefined, scripts: [] },
  });
  const environment = recordEnvironment(
    db,
    id,
    {
      ...{ host: 'here', capturedAt: new Date(0), osName: '', osRelease: '', osVersion: '' },
      ...{ architecture: '', cpuModel: '', cpuCount: 2, memoryBytes: 1, load1min: 0 },
      ...{ nodeVersion: '', ipcSweepVersion: '', tracerVersion: '' },
    },
    [],
    [],
  );
  markSweep(db, id, 'running', new Date(0));
  const store = runWriter(db, id, environment);
  let ordinal = 0;
  return () => {
    const cellIndex = ordinal % count;
    const trial = 1 + Math.floor(ordinal / count);
    ordinal++;
    store({
      planned: {
        ordinal,
        block: trial,
        cell: cells[cellIndex],
        cellIndex,
        trial,
        warmup: false,
        traced: false,
      },
      attempt: 1,
      outcome: {
        state: 'completed',
        samples: [{ iteration: 1, elapsedNs: 10 ** 7, bandwidthBytesPerS: 2 ** 30 + ordinal }],
      },
      ...{ startedAt: new Date(10 * ordinal), wallNs: 10 ** 7, exitCode: 0, signal: null, pid: 1 },
      ...{ stderrTail: '', conditions: undefined, counts: undefined, rawTrace: undefined },
      ...{ scripts: [], doubts: [] },
    });
  };
}
