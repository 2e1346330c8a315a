// Does a sweep take as long as `plan` says, and as long as it says itself when half of it is done?
//
// Usage: npm run build && sudo npm run bench:estimate -- [--only NAME] [--record FOLDER]
//
// Small sweeps of every kind that has a cost of its own: untraced, traced by each tracer that can be
// used here, with controls, with an attachment for each run, with a script, over TCP with small socket
// buffers, and asleep. The measured time is that of the whole command. What is said halfway is the
// estimate that progress shows then, against what the runs after it took. `--record` keeps what was
// measured as it is read by test/plan/recorded-durations.test.ts.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { importTs } from '../test/campaigns/import-ts.mjs';
import { printTable } from './print-table.mjs';
import { host, usableTracers } from './runs.mjs';

const { values } = parseArgs({
  options: { only: { type: 'string' }, record: { type: 'string' } },
});
const main = fileURLToPath(new URL('../bundle/main.js', import.meta.url));
const SCRIPT = 'read-sizes-linux.bt';
const script = fileURLToPath(new URL(`../experiments/scripts/${SCRIPT}`, import.meta.url));
const { saidHalfway } = await importTs('test/plan/recorded-sweep.ts');
const built = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);
const modules = Object.assign(
  {},
  ...(await Promise.all(
    [
      ...['experiment/cell.js', 'experiment/read-experiment.js', 'plan/hosts.js', 'plan/plan.js'],
      ...['plan/time-left.js', 'sweep/costs.js', 'trace/choose.js'],
    ].map(built),
  )),
);

const names = new Set((await usableTracers()).map(({ tracer }) => tracer.name));
await host.close();
const BUFFERS = '{ buffer_size: [512, 4KiB, 16KiB, 64KiB], total_size: 4MiB }';
const cases = [
  { name: 'untraced', trials: 40, trace: 'tracer: none' },
  ...['bpftrace', 'dtrace', 'strace']
    .filter((tracer) => names.has(tracer))
    .map((tracer) => ({ name: tracer, trials: 10, trace: `tracer: ${tracer}` })),
  ...['bpftrace', 'dtrace']
    .filter((tracer) => names.has(tracer))
    .flatMap((tracer) => [
      { name: `${tracer}-controls`, trials: 8, trace: `tracer: ${tracer}, controls: true` },
      { name: `${tracer}-per-run`, trials: 4, trace: `tracer: ${tracer}, attach: per-run` },
    ]),
  ...(names.has('bpftrace')
    ? [{ name: 'script', trials: 4, trace: `tracer: none, scripts: [${SCRIPT}]` }]
    : []),
  {
    name: 'tcp-small',
    trials: 4,
    matrix:
      '{ ipc: tcp, socket_buffers: true, buffer_size: [1KiB, 4KiB, 8KiB], total_size: 128KiB }',
    trace: 'tracer: none',
  },
  {
    name: 'sockets',
    trials: 10,
    matrix: '{ ipc: [local, tcp], buffer_size: [512, 4KiB, 64KiB], total_size: 4MiB }',
    trace: 'tracer: none',
  },
  {
    name: 'asleep',
    trials: 2,
    bare: false,
    matrix: '{ mode: [2proc, 2thread], buffer_size: 64KiB, total_size: 4MiB }',
    trace: 'tracer: none',
  },
].filter(({ name }) => values.only === undefined || name === values.only);

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-estimate-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
copyFileSync(script, join(folder, SCRIPT));

function command(...words) {
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], {
    ...{ cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    maxBuffer: 1 << 28,
  });
  // Exit code 1: on a busy machine a run may be in doubt; it took what a good one takes.
  if (status === null || status > 1) throw new Error(`${words.join(' ')}: ${stderr}`);
  return { stdout, seconds: (performance.now() - began) / 1000 };
}

function measure({ name, trials, trace, matrix = BUFFERS, bare = true }) {
  const file = `${name}.yaml`;
  const spec = `name: ${name}
benchmark: { bare: ${bare} }
matrix: ${matrix}
trace: { ${trace} }
trials: ${trials}
retry: { suspect: 0, tracer-failed: 0 }
`;
  writeFileSync(join(folder, file), spec);
  const plan = JSON.parse(command('plan', file, '--json').stdout);
  const { seconds } = command('run', file, '--results', name);
  const db = new Database(join(folder, name, 'ipc-sweep.db'), { readonly: true });
  const rows = /** @type {{ took: number, stored: number }[]} */ (
    db.prepare('SELECT wall_ns / 1e9 AS took, active_ms / 1e3 AS stored FROM run ORDER BY id').all()
  );
  const runs = rows.map(({ took, stored }) => [Number(took.toFixed(6)), stored]);
  db.close();
  const { tracer } = plan;
  const { platform } = process;
  const load = Number((loadavg()[0] / availableParallelism()).toFixed(1));
  const recorded = { spec, platform, tracer, load, seconds: Number(seconds.toFixed(3)), runs };
  if (values.record !== undefined) {
    mkdirSync(values.record, { recursive: true });
    writeFileSync(join(values.record, `${name}.json`), `${JSON.stringify(recorded)}\n`);
  }
  const halfway = saidHalfway(recorded, modules);
  const ratio = (said, is) => (said / is).toFixed(2);
  return [
    name,
    String(recorded.runs.length),
    plan.estimate_s.toFixed(1),
    seconds.toFixed(1),
    ratio(plan.estimate_s, seconds),
    halfway.said.toFixed(2),
    halfway.is.toFixed(2),
    ratio(halfway.said, halfway.is),
  ];
}

// Builds the benchmark and warms the file cache; not in the figures.
if (cases.length > 0) measure({ name: 'warm', trials: 1, trace: 'tracer: none' });
const rows = cases.map(measure);
console.log(
  'seconds of a whole sweep, and of what was left of it halfway: said, measured, said / measured',
);
printTable([['sweep', 'runs', 'plan', 'is', 'ratio', 'halfway', 'is', 'ratio'], ...rows]);
const off = rows.filter((row) => [row[4], row[7]].some((ratio) => ratio < 0.5 || ratio > 2));
console.log(
  off.length === 0
    ? 'all within a factor of 2'
    : `not within a factor of 2: ${off.map(([name]) => name).join(', ')}`,
);
