import type { Environment } from '../../src/execute/environment.ts';
import type { RunResult } from '../../src/execute/outcome.ts';
import type { Cell } from '../../src/experiment/cell.ts';
import { NO_ROWS } from '../../src/instruments/instruments.ts';
import { recordEnvironment } from '../../src/store/environment-writer.ts';
import { hookCallWriter } from '../../src/store/hook-calls.ts';
import type { Db } from '../../src/store/open.ts';
import { runWriter } from '../../src/store/run-writer.ts';
import { setOptions } from '../../src/store/sweep-options.ts';
import { createSweep, type NewSweep } from '../../src/store/sweep-writer.ts';
import { pipeStateTable } from '../../src/trace/pipe-state-bits.ts';

export const CELL: Cell = {
  ipc: 'pipe',
  mode: '2proc',
  bufferBytes: 512,
  totalBytes: 1024,
  socketBuffers: false,
};

/** A traced run with something in every table. */
export function exampleResult(trial: number, change: Partial<RunResult> = {}): RunResult {
  const count = trial + 1;
  return {
    planned: {
      ...{ ordinal: trial, block: trial, cell: CELL, cellIndex: 0, trial },
      ...{ warmup: false, traced: true },
    },
    attempt: 1,
    outcome: {
      state: 'completed',
      samples: [
        {
          iteration: 1,
          elapsedNs: 1000 * trial,
          bandwidthBytesPerS: 1024e6 / trial,
          userTimeNs: 7,
        },
        {
          ...{ iteration: 2, elapsedNs: 3000, bandwidthBytesPerS: 1024 / 3e-6 },
          counters: new Map([
            ['CPU_CYCLES', 2048 * trial],
            ['INST_RETIRED', 1024 * trial],
          ]),
        },
      ],
    },
    startedAt: new Date(Date.UTC(2026, 0, 2, 3, 4, 5, trial)),
    wallNs: 5_000_000 + trial,
    use: {
      ...{ userNs: 1_000_000, systemNs: 2_000_000, maxRssBytes: 4096 * 300 },
      ...{ voluntarySwitches: 3, involuntarySwitches: trial },
    },
    exitCode: 0,
    signal: null,
    pid: 1000 + trial,
    stderrTail: '=1+1, "quoted"\nand\r\na tab\t',
    conditions: {
      load1min: 0.25,
      cpu0Khz: 2_400_000,
      stealNs: 10_000_000 * trial,
      throttleEvents: null,
      contextSwitches: 40 + trial,
      quotaThrottledPeriods: null,
    },
    counts: {
      ...NO_ROWS,
      syscalls: [
        { role: 'receiver', syscall: 'read', count },
        { role: 'sender', syscall: 'write', count },
      ],
      pipe_states: [{ role: 'receiver', operation: 'read', state: 0x81, count }],
      pipe_transitions: [
        { role: 'receiver', operation: 'read', from_state: 1, to_state: 4, count: trial },
      ],
      io_sizes: [
        { role: 'receiver', operation: 'read', bytes: 512, count },
        { role: 'receiver', operation: 'read', bytes: -11, count: 1 },
      ],
      events: [],
    },
    rawTrace: `end ${trial}\n`,
    scripts: [],
    doubts: [
      {
        code: 'foreign-benchmark',
        message: '=cmd|"/c calc"!A1; a, b\nsecond line',
        suspect: false,
      },
      { code: 'raw-cut', message: '-5 of Zürich ✓', suspect: false },
    ],
    ...change,
  };
}

/** A sweep of two cells. */
export const NEW_SWEEP: NewSweep = {
  name: 'example',
  description: '',
  identity: 'i'.repeat(64),
  specFile: '/spec.yaml',
  specText: 'name: example',
  seed: 1,
  runOrder: 'shuffled',
  plannedRuns: 20,
  warmup: 0,
  trials: { min: 10, max: 10, relativeCi: undefined },
  budgetMs: undefined,
  expectations: ['bandwidth.cv < 100%', 'runs.completed == 7'],
  controls: false,
  tracer: 'bpftrace',
  traceProgram: 'BEGIN {}',
  traceProgramSha256: '0'.repeat(64),
  instruments: ['syscalls', 'pipe-states', 'io-sizes'],
  benchmarkPath: '/ipc-benchmark',
  benchmarkSha256: '1'.repeat(64),
  iterations: 2,
  bare: true,
  rusage: true,
  counters: '',
  startedAt: new Date(0),
  cells: [CELL, { ...CELL, bufferBytes: 1024 }],
  pipeStates: pipeStateTable('linux'),
  scripts: [],
};

export const ENVIRONMENT: Environment = {
  host: 'local',
  machine: 'vm',
  capturedAt: new Date(0),
  osName: 'Linux',
  osRelease: '6.1',
  osVersion: '#1',
  architecture: 'x64',
  cpuModel: 'cpu',
  cpuCount: 2,
  memoryBytes: 2 ** 32,
  load1min: 0.5,
  nodeVersion: 'v20',
  ipcSweepVersion: '0.1.0',
  tracerVersion: 'v0.17.0',
};

/** Starts a sweep in a database. @returns its id, and what stores a run of it */
export function exampleSweep(
  db: Db,
  change: Partial<NewSweep> = {},
): { id: number; store: (result: RunResult) => void } {
  const id = createSweep(db, { ...NEW_SWEEP, ...change });
  const environment = recordEnvironment(
    db,
    id,
    ENVIRONMENT,
    [
      { key: 'hw.model', value: 'cpu' },
      { key: 'cpu_governor', value: 'powersave' },
    ],
    [{ code: 'virtual-machine', message: '=this, "a" machine' }],
  );
  setOptions(db, id, [{ option: '--set', value: '=1+1' }]);
  hookCallWriter(
    db,
    id,
    ENVIRONMENT.host,
  )({
    ...{ hook: 'setup', words: ['=setup', 'a "b"'], startedAt: new Date(0), wallNs: 1000 },
    ...{ exitCode: 0, failure: undefined, interrupted: false, outputTail: '=ready' },
  });
  return { id, store: runWriter(db, id, environment) };
}
