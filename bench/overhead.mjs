// What a run costs beside the benchmark itself: the same command in a sweep, by `hyperfine -N` and in
// a loop of a shell; then traced against untraced, and over ssh against here. Each pair is measured in
// turns, so that a machine that is busy is busy for both; what counts is the ratio, or the difference,
// of a turn. A sweep's time is that from its second run to its last: start-up is told apart.
// Usage: npm run build && sudo npm run bench:overhead -- [--turns 5] [--runs 500]
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { importTs } from '../test/campaigns/import-ts.mjs';
import { printTable } from './print-table.mjs';

const { values } = parseArgs({
  options: {
    turns: { type: 'string', default: '5' },
    runs: { type: 'string', default: '500' },
  },
});
const turns = Number(values.turns);
const runs = Number(values.runs);
const TOTAL_BYTES = 1024 * 1024;
const main = fileURLToPath(new URL('../bundle/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-overhead-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const { noSshd, startSshd } = await importTs('test/host/sshd.ts');
const median = (all) => [...all].sort((a, b) => a - b)[Math.floor((all.length - 1) / 2)];

/** @returns what a run takes from the second one on, and the time until the first one, in ms */
function sweep({ bufferBytes, tracer = 'none', host = 'local', environment = process.env }) {
  const results = join(folder, 'results');
  rmSync(results, { recursive: true, force: true });
  writeFileSync(
    join(folder, 'overhead.yaml'),
    `name: overhead
benchmark: { bare: true }
matrix: { buffer_size: ${bufferBytes}, total_size: ${TOTAL_BYTES} }
trace: { tracer: ${tracer} }
trials: ${runs}
hosts: [${host}]
`,
  );
  const began = Date.now();
  const { status, stderr } = spawnSync(process.execPath, [main, 'run', 'overhead.yaml'], {
    ...{ cwd: folder, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'], env: environment },
  });
  const db = new Database(join(results, 'ipc-sweep.db'), { readonly: true });
  const rows = /** @type {{ started_at: string, wall_ns: number, state: string }[]} */ (
    db.prepare('SELECT started_at, wall_ns, state FROM run ORDER BY id').all()
  );
  const program = db.prepare('SELECT benchmark_path FROM sweep').pluck().get();
  db.close();
  // Exit code 1: on a busy machine a traced run may be in doubt; it cost what a good one costs.
  if (status === null || status > 1 || rows.length < runs) throw new Error(stderr);
  const at = rows.map(({ started_at: text }) => Date.parse(text));
  return {
    program,
    startUpMs: at[0] - began,
    runMs: (at[at.length - 1] - at[1]) / (at.length - 2),
    wallMs: median(rows.map(({ wall_ns: ns }) => ns / 1e6)),
    notGood: rows.filter(({ state }) => state !== 'completed').length,
  };
}

const words = (program, bufferBytes) =>
  `${program} -j -B -i pipe -b ${bufferBytes} -t ${TOTAL_BYTES} 2proc`;
const bare = { PATH: process.env.PATH, LC_ALL: 'C' };

/**
 * Undefined where there is no hyperfine.
 * @param output `null` is hyperfine's default and throws away what the benchmark prints; `pipe` reads
 *   it, which a sweep has to: its figures are in there.
 */
function hyperfine(program, bufferBytes, output) {
  const file = join(folder, 'hyperfine.json');
  const options = ['-N', '--warmup', '1', '--runs', String(runs), '--output', output];
  options.push('--export-json', file);
  const command = words(program, bufferBytes);
  const { error } = spawnSync('hyperfine', [...options, command], { stdio: 'ignore', env: bare });
  if (error) return undefined;
  return JSON.parse(readFileSync(file, 'utf8')).results[0].mean * 1000;
}

function shellLoop(program, bufferBytes) {
  const line = `i=0; while [ $i -lt ${runs} ]; do ${words(program, bufferBytes)}; i=$((i+1)); done`;
  const began = performance.now();
  execFileSync('sh', ['-c', line], { stdio: 'ignore', env: bare });
  return (performance.now() - began) / runs;
}

const HYPERFINE = { hyperfine: 'hyperfine -N', reading: 'hyperfine -N --output=pipe' };

const each = (make) => Array.from({ length: turns }, make);
const ms = (all) => `${median(all).toFixed(2)} ms`;
const spread = (all, digits = 2) =>
  `${median(all).toFixed(digits)} (${Math.min(...all).toFixed(digits)} to ${Math.max(...all).toFixed(digits)})`;
const judged = (value, goal) => (value <= goal ? 'kept' : 'missed');

// Builds the benchmark and warms the file cache; not in the figures.
const { program } = sweep({ bufferBytes: 4096 });
const table = [['', 'measured', 'goal', '']];

for (const bufferBytes of [4096, 65536]) {
  const size = `${bufferBytes / 1024} KiB`;
  const all = each(() => ({
    own: sweep({ bufferBytes }),
    hyperfine: hyperfine(program, bufferBytes, 'null'),
    reading: hyperfine(program, bufferBytes, 'pipe'),
    shell: shellLoop(program, bufferBytes),
  }));
  const own = all.map((turn) => turn.own.runMs);
  table.push([`${size}: until the first run`, ms(all.map((turn) => turn.own.startUpMs)), '', '']);
  table.push([`${size}: a run of the sweep`, ms(own), '', '']);
  table.push([`  of that the run itself`, ms(all.map((turn) => turn.own.wallMs)), '', '']);
  if (all[0].hyperfine === undefined) table.push(['hyperfine -N', 'not installed', '', '']);
  else {
    for (const [way, called] of Object.entries(HYPERFINE)) {
      const ratios = all.map((turn) => turn.own.runMs / turn[way]);
      table.push([`  of ${called}`, ms(all.map((turn) => turn[way])), '', '']);
      table.push([`  ratio to it`, spread(ratios), 'at most 1.5', judged(median(ratios), 1.5)]);
    }
  }
  const above = all.map((turn) => turn.own.runMs - turn.shell);
  table.push([`  of a shell's loop`, ms(all.map((turn) => turn.shell)), '', '']);
  table.push([`  above it, ms`, spread(above), 'at most 3', judged(median(above), 3)]);
}

function compare(name, goal, other) {
  const all = each(() => ({ first: sweep({ bufferBytes: 65536 }), second: other() }));
  const above = all.map(({ first, second }) => second.runMs - first.runMs);
  const doubtful = all.reduce((sum, { second }) => sum + second.notGood, 0);
  table.push([`64 KiB: a run ${name}`, ms(all.map(({ second }) => second.runMs)), '', '']);
  table.push([
    `  above one without, ms`,
    spread(above),
    `at most ${goal}`,
    judged(median(above), goal),
  ]);
  if (doubtful > 0) table.push([`  in doubt`, `${doubtful} of ${turns * runs}`, '', '']);
}

const noTracer = (() => {
  if (process.getuid?.() !== 0) return 'not root';
  const { error } = spawnSync('bpftrace', ['--version'], { stdio: 'ignore' });
  return error ? 'no bpftrace' : undefined;
})();
if (noTracer) table.push(['traced by bpftrace', `left out: ${noTracer}`, '', '']);
else compare('traced by bpftrace', 5, () => sweep({ bufferBytes: 65536, tracer: 'bpftrace' }));

const noServer = noSshd();
if (noServer) table.push(['over ssh', `left out: ${noServer}`, '', '']);
else {
  const sshd = await startSshd();
  try {
    const remote = { bufferBytes: 65536, host: sshd.host, environment: sshd.environment };
    compare('over ssh on the loopback', 3, () => sweep(remote));
  } finally {
    await sshd.stop();
  }
}
console.log(
  `${runs} bare runs of 1 MiB through a pipe each, ${turns} turns: medians (and spreads)`,
);
printTable(table);
