// Whether a run costs more the more there are before it: one long sweep of a stand-in that returns at
// once, each run committed as it ends; the cost of a run around the 1,000th and around the last.
// What counts is the processor time of ipc-sweep itself, which a busy machine changes least; the time
// between two runs is printed beside it. 20,000 runs take about a minute, 100,000 about five.
// Usage: npm run build && npm run bench:growth -- [--runs 20000]
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { printTable } from './print-table.mjs';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20000' },
  },
});
const CELLS = 12;
const trials = Math.ceil(Number(values.runs) / CELLS);
const EARLY = 1000;
/** Runs on each side of the one that is asked about. */
const AROUND = 500;
const GOAL = 1.1;
const LOOK_MS = 50;
const TICK_MS = 10;
const main = fileURLToPath(new URL('../bundle/main.js', import.meta.url));
const source = fileURLToPath(new URL('./returns-at-once.c', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-growth-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const program = join(folder, 'returns-at-once');
const built = spawnSync(process.env.CC || 'cc', ['-O1', '-o', program, source], {
  stdio: 'inherit',
});
if (built.status !== 0) process.exit(3);
writeFileSync(
  join(folder, 'growth.yaml'),
  `name: growth
benchmark: { program: ${program}, bare: true }
matrix:
  buffer_size: [2KiB, 4KiB]
  total_size: 4KiB
  mode: [2proc, 2thread]
  ipc: [pipe, local, tcp]
trace: { tracer: none }
trials: ${trials}
`,
);

const child = spawn(process.execPath, [main, 'run', 'growth.yaml', '--allow-large'], {
  ...{ cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] },
});
const ended = new Promise((resolve) => child.once('exit', resolve));
let running = true;
void ended.then(() => {
  running = false;
});
/** Processor time used up by an instant, in ms. */
const used = [];
while (running) {
  try {
    const text = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
    const [user, system] = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13);
    used.push({ at: Date.now(), ms: (Number(user) + Number(system)) * TICK_MS });
  } catch {
    // It has ended, or this is not Linux.
  }
  await sleep(LOOK_MS);
}
const code = await ended;

const db = new Database(join(folder, 'results/ipc-sweep.db'), { readonly: true });
const rows = /** @type {{ started_at: string, wall_ns: number, state: string }[]} */ (
  db.prepare('SELECT started_at, wall_ns, state FROM run ORDER BY id').all()
);
db.close();
const bad = rows.filter(({ state }) => state !== 'completed').length;
if (rows.length < 2 * EARLY + 2 * AROUND) throw new Error(`only ${rows.length} runs (${code})`);

const startOf = (run) => Date.parse(rows[run - 1].started_at);
const usedAt = (instant) => {
  const after = used.findIndex(({ at }) => at >= instant);
  const [one, other] = [used[after - 1], used[after]];
  if (!one || !other) return Number.NaN;
  return one.ms + ((other.ms - one.ms) * (instant - one.at)) / (other.at - one.at);
};
const around = (run) => {
  const [from, to] = [startOf(run - AROUND), startOf(run + AROUND)];
  const walls = rows
    .slice(run - AROUND - 1, run + AROUND - 1)
    .reduce((sum, r) => sum + r.wall_ns, 0);
  return {
    cpuMs: (usedAt(to) - usedAt(from)) / (2 * AROUND),
    runMs: (to - from) / (2 * AROUND),
    besideMs: (to - from - walls / 1e6) / (2 * AROUND),
  };
};
const columns = [
  EARLY,
  Math.round(rows.length / 4),
  Math.round(rows.length / 2),
  rows.length - AROUND,
];
const found = columns.map(around);
const row = (name, key) => [name, ...found.map((each) => `${each[key].toFixed(3)} ms`)];
printTable([
  ['around run', ...columns.map(String)],
  row('processor time of ipc-sweep, a run', 'cpuMs'),
  row('from one run to the next', 'runMs'),
  row('  of that beside the run itself', 'besideMs'),
]);
if (bad > 0) console.log(`${bad} runs were not good`);
const ratio = found[found.length - 1].cpuMs / found[0].cpuMs;
console.log(
  `run ${columns.at(-1)} costs ${ratio.toFixed(2)} times what run ${EARLY} costs (goal: at most ${GOAL}, ${ratio <= GOAL ? 'kept' : 'missed'})`,
);
