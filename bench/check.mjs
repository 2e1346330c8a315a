// Whether `check` takes time and memory for each database alone, however many there are: the same
// command over copies of a database of 480 traced runs, few and many.
// Usage: npm run build && npm run bench:check -- [--few 50] [--many 1000]
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { NO_ROWS } from '../dist/instruments/instruments.js';
import { recordEnvironment } from '../dist/store/environment-writer.js';
import { openForWriting } from '../dist/store/open.js';
import { runWriter } from '../dist/store/run-writer.js';
import { createSweep, markSweep } from '../dist/store/sweep-writer.js';
import { printTable } from './print-table.mjs';

const { values } = parseArgs({
  options: { few: { type: 'string', default: '50' }, many: { type: 'string', default: '1000' } },
});
const MAIN = fileURLToPath(new URL('../bundle/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-check-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const TRIALS = 30;
/** @type {import('../dist/experiment/cell.js').Cell[]} */
const cells = Array.from({ length: 16 }, (_, at) => ({
  ...{ ipc: 'pipe', mode: '2proc', socketBuffers: false },
  bufferBytes: 512 * 2 ** (at % 8),
  totalBytes: 2 ** 20 * (1 + Math.floor(at / 8)),
}));
writeFileSync(
  join(folder, 'spec.yaml'),
  `name: homework
matrix: { buffer_size: { from: 512, to: 64KiB, factor: 2 }, total_size: [1MiB, 2MiB] }
trials: ${TRIALS}
expect: [bandwidth.median > 900MB/s, bandwidth.cv < 10%, pipe_states.read has EMPTY]
`,
);

/** A sweep whose figures follow from trial and cell. */
function fill(file) {
  const { db, close } = openForWriting(file);
  const none = { description: '', specFile: '', specText: '', traceProgram: '', scripts: [] };
  const id = createSweep(db, {
    ...{ ...none, name: 'homework', identity: '', seed: 1, runOrder: 'shuffled', warmup: 0 },
    ...{ plannedRuns: cells.length * TRIALS, budgetMs: undefined, expectations: [] },
    trials: { min: TRIALS, max: TRIALS, relativeCi: undefined },
    ...{ controls: false, tracer: 'bpftrace', traceProgramSha256: '', instruments: ['syscalls'] },
    ...{
      benchmarkPath: '',
      benchmarkSha256: '',
      iterations: 1,
      bare: false,
      rusage: false,
      counters: '',
    },
    ...{ startedAt: new Date(0), cells },
    pipeStates: { platform: 'linux', version: 1, bits: [{ bit: 1, name: 'EMPTY' }] },
  });
  const environment = recordEnvironment(
    db,
    id,
    {
      ...{ host: 'local', machine: 'vm', capturedAt: new Date(0), osName: 'Linux' },
      ...{ osRelease: '6.1', osVersion: '', architecture: 'x64', cpuModel: '', cpuCount: 2 },
      ...{ memoryBytes: 2 ** 32, load1min: 0, nodeVersion: '', ipcSweepVersion: '' },
      tracerVersion: '',
    },
    [],
    [],
  );
  const store = runWriter(db, id, environment);
  let ordinal = 0;
  for (let trial = 1; trial <= TRIALS; trial++) {
    for (const [cellIndex, cell] of cells.entries()) {
      ordinal++;
      const bandwidthBytesPerS = 1e9 + ((ordinal * 7919) % 1e7);
      store({
        planned: { ordinal, block: trial, cell, cellIndex, trial, warmup: false, traced: true },
        attempt: 1,
        outcome: {
          state: 'completed',
          samples: [{ iteration: 1, elapsedNs: 1_000_000, bandwidthBytesPerS }],
        },
        ...{ startedAt: new Date(ordinal), wallNs: 5e6, exitCode: 0, signal: null, pid: 1 },
        ...{ stderrTail: '', rawTrace: 'x'.repeat(3000), scripts: [], doubts: [] },
        use: {
          ...{ userNs: 1, systemNs: 1, maxRssBytes: 1, voluntarySwitches: 1 },
          involuntarySwitches: 1,
        },
        conditions: {
          ...{ load1min: 0, cpu0Khz: null, stealNs: null, throttleEvents: null },
          ...{ contextSwitches: null, quotaThrottledPeriods: null },
        },
        counts: {
          ...NO_ROWS,
          syscalls: Array.from({ length: 20 }, (_, at) => ({
            ...{ role: 'receiver', syscall: `call-${at}`, count: at + 1 },
          })),
          pipe_states: [{ role: 'receiver', operation: 'read', state: 1, count: 9 }],
          io_sizes: [{ role: 'receiver', operation: 'read', bytes: 512, count: 8 }],
          events: [],
        },
      });
    }
  }
  markSweep(db, id, 'ended', new Date(0));
  close();
}

const home = join(folder, 'home.db');
fill(home);
const rows = [];
for (const count of [values.few, values.many].map(Number)) {
  const files = Array.from({ length: count }, (_, at) => join(folder, `s${at}.db`));
  for (const file of files) copyFileSync(home, file);
  const began = performance.now();
  // The process tells its greatest memory itself when it ends.
  const tell = `process.once('exit', () => process.stderr.write('most ' + process.resourceUsage().maxRSS + '\\n'));`;
  const { stderr, status } = spawnSync(
    process.execPath,
    [
      ...['--import', `data:text/javascript,${encodeURIComponent(tell)}`],
      ...[MAIN, 'check', 'spec.yaml', '--json', '--db', ...files],
    ],
    { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 30 },
  );
  if (status !== 0) throw new Error(stderr);
  const seconds = (performance.now() - began) / 1000;
  const kib = Number(/most (\d+)/.exec(stderr)?.[1]);
  rows.push([
    String(count),
    seconds.toFixed(1),
    ((1000 * seconds) / count).toFixed(0),
    (kib / 1024).toFixed(0),
  ]);
}
console.log(
  `check over copies of a database of ${cells.length * TRIALS} traced runs, ${Math.round(statSync(home).size / 1024)} KiB, three expectations:`,
);
printTable([['databases', 'seconds', 'ms each', 'most memory, MiB'], ...rows]);
