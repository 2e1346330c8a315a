import { NO_ROWS } from '../dist/instruments/instruments.js';
import { recordEnvironment } from '../dist/store/environment-writer.js';
import { runWriter } from '../dist/store/run-writer.js';
import { createSweep, markSweep } from '../dist/store/sweep-writer.js';
import { pipeStateTable } from '../dist/trace/pipe-state-bits.js';
import { source } from './simulated.mjs';

const INSTRUMENTS = ['syscalls', 'pipe-states', 'io-sizes', 'context-switches', 'io-latency'];
const TOTAL_BYTES = 2 ** 24;

/**
 * Starts a sweep of so many cells in a database.
 * @param traced true: every run has counts of all instruments, and a warning
 * @returns what stores the next run of it
 */
export function fillSweep(db, count, { traced = false } = {}) {
  /** @type {import('../dist/experiment/cell.js').Cell[]} */
  const cells = Array.from({ length: count }, (_, at) => ({
    ...{ ipc: 'pipe', mode: '2proc', bufferBytes: 128 * (at + 1), totalBytes: TOTAL_BYTES },
    socketBuffers: false,
  }));
  const id = createSweep(db, {
    ...{ name: 'filled', description: '', identity: 'filled', specFile: '/filled.yaml' },
    ...{ specText: '', seed: 1, runOrder: 'shuffled', plannedRuns: 2 ** 20, warmup: 0 },
    trials: { min: 2 ** 10, max: 2 ** 20, relativeCi: undefined },
    ...{ budgetMs: undefined, expectations: [], controls: false },
    ...{ tracer: traced ? 'dtrace' : 'none', instruments: traced ? INSTRUMENTS : [] },
    ...{ traceProgram: '', traceProgramSha256: '', benchmarkPath: '/none' },
    ...{
      benchmarkSha256: '',
      iterations: 1,
      bare: true,
      rusage: false,
      counters: '',
      startedAt: new Date(0),
    },
    ...{ cells, pipeStates: traced ? pipeStateTable('freebsd') : undefined, scripts: [] },
  });
  const environment = recordEnvironment(
    db,
    id,
    {
      ...{
        host: 'local',
        machine: 'here',
        capturedAt: new Date(0),
        osName: '',
        osRelease: '',
        osVersion: '',
      },
      ...{ architecture: '', cpuModel: '', cpuCount: 2, memoryBytes: 1, load1min: 0 },
      ...{ nodeVersion: '', ipcSweepVersion: '', tracerVersion: '' },
    },
    [],
    [],
  );
  markSweep(db, id, 'running', new Date(0));
  const store = runWriter(db, id, environment);
  const { normal } = source(1);
  let ordinal = 0;
  return () => {
    const cellIndex = ordinal % count;
    const trial = 1 + Math.floor(ordinal / count);
    const cell = cells[cellIndex];
    ordinal++;
    const noise = 1 + 0.03 * normal();
    store({
      planned: { ordinal, block: trial, cell, cellIndex, trial, warmup: false, traced },
      attempt: 1,
      outcome: {
        state: 'completed',
        samples: [
          { iteration: 1, elapsedNs: Math.round(1e7 / noise), bandwidthBytesPerS: 2 ** 30 * noise },
        ],
      },
      ...{ startedAt: new Date(10 * ordinal), wallNs: 10 ** 7, exitCode: 0, signal: null, pid: 1 },
      ...{ use: undefined, stderrTail: '', rawTrace: undefined, scripts: [] },
      ...(traced
        ? { conditions: CONDITIONS, counts: countsOf(cell, ordinal), doubts: [DOUBT] }
        : { conditions: undefined, counts: undefined, doubts: [] }),
    });
  };
}

const CONDITIONS = {
  ...{ load1min: 0.5, cpu0Khz: 2_400_000, stealNs: 0, throttleEvents: 0 },
  ...{ contextSwitches: 2000, quotaThrottledPeriods: null },
};
const DOUBT = { code: 'benchmark-stderr', message: 'it said something', suspect: false };

/**
 * About as many rows of each kind as a run through a pipe has.
 * @returns {import('../dist/trace/counts.js').RunCounts}
 */
function countsOf({ bufferBytes }, ordinal) {
  const calls = Math.ceil(TOTAL_BYTES / bufferBytes);
  const luck = ordinal % 7;
  /** @type {import('../dist/instruments/instrument.js').Role[]} */
  const roles = ['receiver', 'sender'];
  /** @type {{ role: import('../dist/instruments/instrument.js').Role, operation: import('../dist/instruments/instrument.js').Operation }[]} */
  const ends = [
    { role: 'receiver', operation: 'read' },
    { role: 'sender', operation: 'write' },
  ];
  const states = [0x200, 0x208, 0x210, 0x600];
  return {
    ...NO_ROWS,
    syscalls: roles.flatMap((role) => [
      { role, syscall: role === 'sender' ? 'write' : 'read', count: calls + luck },
      ...['close', 'exit_group', 'mmap', 'munmap', 'clock_gettime'].map((syscall, at) => ({
        ...{ role, syscall, count: 1 + at },
      })),
    ]),
    pipe_states: ends.flatMap((end) =>
      states.map((state, at) => ({ ...end, state, count: calls + luck * at })),
    ),
    pipe_transitions: ends.flatMap((end) =>
      states.flatMap((from_state) =>
        states
          .slice(0, 2)
          .map((to_state) => ({ ...end, from_state, to_state, count: calls + luck })),
      ),
    ),
    io_sizes: ends.flatMap((end) => [
      { ...end, bytes: bufferBytes, count: calls },
      { ...end, bytes: 0, count: 1 },
    ]),
    context_switches: roles.flatMap((role) =>
      /** @type {const} */ (['voluntary', 'involuntary']).map((kind) => ({
        ...{ role, kind, count: 10 + luck },
      })),
    ),
    io_latencies: ends.flatMap((end) =>
      [256, 512, 1024, 2048].map((from_ns) => ({ ...end, from_ns, count: calls + luck })),
    ),
    events: [],
  };
}
