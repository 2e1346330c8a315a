// Measures the memory of ipc-sweep over a long sweep, and against benchmarks that flood it.
// Usage: npm run build && sudo npm run test:memory -- [--runs 2000]
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import {
  checkDatabase,
  checkSweep,
  FIXTURES,
  Ground,
  stateCounts,
  usableTracer,
} from './ground.mjs';

const MIB = 1024 ** 2;
const GROWTH = 30 * MIB;
const FLOOD = 300 * MIB;
const { values } = parseArgs({ options: { runs: { type: 'string', default: '2000' } } });
const runs = Number(values.runs);
const ground = new Ground('memory');
const { tracer, why } = await usableTracer(ground);
ground.say(`traced by ${tracer} (${why})`);
await longSweep();
for (const stream of ['stdout', 'stderr']) await flood(stream);
await ground.quiet();
const left = ground.leftovers();
ground.expect(left.length === 0, `left behind: ${left.join(', ')}`);
ground.finish('test:memory');

async function longSweep() {
  const spec = ground.write(
    'long.yaml',
    `name: long
benchmark: { bare: true, rusage: true }
matrix: { buffer_size: [4KiB, 64KiB], total_size: 1MiB, mode: [2proc, 2thread] }
trace: { tracer: ${tracer} }
trials: ${runs / 4}
`,
  );
  const started = ground.start(['run', spec]);
  let over = false;
  started.ended.then(() => {
    over = true;
  });
  const sampled = [];
  while (!over) {
    await sleep(100);
    const count = storedRuns();
    const rss = memory(started.pid, 'VmRSS');
    if (rss > 0) sampled.push({ count, rss });
  }
  const ended = await started.ended;
  ground.expect(ended.code <= 1, `the sweep ended with ${ended.code}: ${ended.stderr}`);
  const early = sampled.find(({ count }) => count >= runs / 10);
  const late = sampled.findLast(({ count }) => count < runs);
  if (!early || !late) throw new Error('the sweep was too short to be looked at');
  const growth = late.rss - early.rss;
  ground.say(
    `RSS ${mib(early.rss)} at run ${early.count}, ${mib(late.rss)} at run ${late.count}: ` +
      `${growth < 0 ? '' : '+'}${mib(growth)} (allowed: less than ${mib(GROWTH)})`,
  );
  for (let share = 2; share < 10; share += 2) {
    const at = sampled.find(({ count }) => count >= (share * runs) / 10);
    if (at) ground.say(`  ${mib(at.rss)} at run ${at.count}`);
  }
  ground.say(`  ${mib(Math.max(...sampled.map(({ rss }) => rss)))} at most, export included`);
  ground.expect(growth < GROWTH, 'memory grows with the runs');
  const db = ground.mustLook();
  checkDatabase(ground, db, 'long sweep');
  if (ended.code === 0) checkSweep(ground, db, 'long', 4, runs / 4);
  ground.say(`${stateCounts(db)}`);
  db.close();
}

/** Ten gibibytes from a benchmark that ignores TERM and a closed pipe. */
async function flood(stream) {
  const program = join(FIXTURES, `floods-${stream}`);
  const spec = ground.write(
    `flood-${stream}.yaml`,
    `name: flood-${stream}
benchmark: { program: ${program}, bare: true }
matrix: { buffer_size: 4KiB, total_size: 256KiB }
trace: { tracer: none }
trials: 2
`,
  );
  const began = performance.now();
  const started = ground.start(['run', spec, '--results', `flood-${stream}`]);
  let over = false;
  started.ended.then(() => {
    over = true;
  });
  let most = 0;
  while (!over) {
    most = Math.max(most, memory(started.pid, 'VmHWM'));
    await sleep(10);
  }
  const { code, stderr } = await started.ended;
  ground.expect(code === 1, `flood of ${stream}: exit code ${code}: ${stderr}`);
  const db = ground.mustLook(`flood-${stream}/ipc-sweep.db`);
  const states = stateCounts(db);
  const reason = db.prepare('SELECT reason FROM run').pluck().get();
  db.close();
  ground.expect(states === '2 output-unreadable', `flood of ${stream}: ${states}`);
  ground.expect(most < FLOOD, `flood of ${stream}: ${mib(most)}`);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  ground.say(
    `10 GiB on ${stream}, twice: ${states} (${reason}) in ${seconds} s; RSS at most ${mib(most)} (allowed: ${mib(FLOOD)})`,
  );
}

function memory(pid, name) {
  try {
    const line = new RegExp(`^${name}:\\s*(\\d+) kB`, 'm');
    return 1024 * Number(line.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function storedRuns() {
  try {
    const db = new Database(ground.path('results/ipc-sweep.db'), { readonly: true });
    try {
      return /** @type {number} */ (db.prepare('SELECT count(*) FROM run').pluck().get());
    } finally {
      db.close();
    }
  } catch {
    return 0;
  }
}

function mib(bytes) {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}
