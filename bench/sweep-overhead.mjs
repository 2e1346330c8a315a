// What a sweep costs beside the runs themselves: 200 traced bare runs over five buffer sizes, from
// the start of the command to its end, against the sum of the runs' own wall times.
// Usage: npm run build && sudo node bench/sweep-overhead.mjs [TRACER]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';

const main = fileURLToPath(new URL('../bundle/main.js', import.meta.url));
const tracer = process.argv[2] ?? 'auto';
const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-overhead-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const sizes = ['4KiB', '16KiB', '64KiB', '256KiB', '1MiB'];
const spec = (name, trials) =>
  writeFileSync(
    join(folder, `${name}.yaml`),
    `name: ${name}
benchmark: { bare: true }
matrix: { buffer_size: [${sizes.join(', ')}], total_size: 16MiB }
trace: { tracer: ${tracer} }
trials: ${trials}
`,
  );

function sweep(name) {
  const began = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [main, 'run', `${name}.yaml`], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status !== 0) {
    process.stderr.write(stderr);
    process.exit(status ?? 1);
  }
  return (performance.now() - began) / 1000;
}

// Builds the benchmark and warms the file cache; not in the figures.
spec('warm', 1);
sweep('warm');
spec('measured', 40);
const total = sweep('measured');

const db = new Database(join(folder, 'results/ipc-sweep.db'), { readonly: true });
const measured = "FROM run_overview WHERE sweep = 'measured'";
const { runs, wall, used } = /** @type {{ runs: number, wall: number, used: string }} */ (
  db
    .prepare(`SELECT count(*) AS runs, sum(wall_ns) / 1e9 AS wall, max(tracer) AS used ${measured}`)
    .get()
);
const states = /** @type {{ state: string, n: number }[]} */ (
  db.prepare(`SELECT state, count(*) AS n ${measured} GROUP BY state`).all()
);
db.close();

const limit = 2 * wall + 3;
const rows = [
  ['runs', `${runs} (${states.map(({ state, n }) => `${n} ${state}`).join(', ')}), ${used}`],
  ['whole command', `${total.toFixed(2)} s`],
  ["sum of the runs' wall times", `${wall.toFixed(2)} s`],
  ['ratio', (total / wall).toFixed(2)],
  ['beside the runs, each', `${(((total - wall) / runs) * 1000).toFixed(1)} ms`],
  ['allowed: twice the sum + 3 s', `${limit.toFixed(2)} s, ${total <= limit ? 'kept' : 'broken'}`],
];
for (const [name, value] of rows) console.log(`${name.padEnd(30)}${value}`);
