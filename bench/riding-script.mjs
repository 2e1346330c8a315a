// What does a script of the user's cost each run, when it rides in the session?
//
// Usage: node bench/riding-script.mjs [--runs 200]
//
// Makes runs in a session with the default instruments and the notebook's script for bpftrace
// (experiments/scripts/notebook-linux.bt), and as many without it: half of them before and half
// after, so that a drift of the machine meets both. Prints the medians of a run, from its start
// until everything about it is there, and how many runs had the same counts in the script's maps
// as in the instruments'. Exits with 1 if one differed, or if the script cost more than 2 ms in
// the notebook's own cell: 16 KiB, 32 KiB in all.
// Beside other work, `chrt -f 5 node bench/riding-script.mjs` makes it wait for nobody.
// Needs `npm run build`, bpftrace and root.
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  attach,
  benchmark,
  EXECNAME,
  host,
  load,
  median,
  option,
  printTable,
  tracedRun,
  usableTracers,
} from './runs.mjs';

const { placeScripts, ridingScripts } = await load('trace/user-scripts/riding/placement.js');
const { systemCallNames } = await load('host/kernel/linux-syscalls.js');

const MOST_MS = 2;
const NOTEBOOK = { bufferBytes: 16384, totalBytes: 32768 };
const CELLS = [NOTEBOOK, { bufferBytes: 16384, totalBytes: 1048576 }];
const runs = Number(option('runs', '200'));
const path = new URL('../experiments/scripts/notebook-linux.bt', import.meta.url).pathname;

const [usable] = await usableTracers('bpftrace');
if (!usable) {
  await host.close();
  process.exit(3);
}
// A name that nobody else's benchmark has: the script would count it, too.
const execname = `riding-${process.pid}`;
const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-bench-'));
const program = join(folder, execname);
copyFileSync(benchmark, program);
const text = readFileSync(path, 'utf8').replaceAll(EXECNAME, execname);
const script = { path, name: 'notebook-linux.bt', text };
const placed = placeScripts([{ ...script, tracer: 'bpftrace', json: false, flags: [] }], {
  tracer: 'bpftrace',
  attach: 'session',
  platform: process.platform,
});
const riding = ridingScripts(placed);
const instruments = ['syscalls', 'pipe-states', 'io-sizes'];
const names = systemCallNames(host.machine.architecture);

/** Makes runs in a session of their own. */
async function runsOf(shape, number, scripts) {
  const session = await attach(usable.tracer, instruments, {
    ...{ execnames: [execname], riding: scripts },
  });
  const cell = { ipc: 'pipe', mode: '2proc', socketBuffers: false, ...shape };
  const made = [];
  try {
    await tracedRun(cell, session, {}, program);
    for (let n = 0; n < number; n++) {
      const begun = performance.now();
      const { collected } = await tracedRun(cell, session, {}, program);
      made.push({ ms: performance.now() - begun, collected });
      if (collected.state === 'failed') throw new Error(collected.reason);
    }
  } finally {
    await session.close();
  }
  return made;
}

/** Whether the script's maps say the same as the instruments. */
function agrees({ counts, scripts, doubts }) {
  const rows = scripts[0].output.aggregates;
  const sums = new Map();
  const add = (key, count) => sums.set(key, (sums.get(key) ?? 0) + count);
  for (const { syscall, count } of counts.syscalls) add(syscall, count);
  for (const { operation, state, count } of counts.pipe_states) {
    if (operation === 'read') add(`state ${state & 7}`, count);
  }
  const own = rows.map(({ name, keys: [key], value }) => [
    name === 'states' ? `state ${key}` : (names.get(Number(key)) ?? key),
    value,
  ]);
  const reads = own.filter(([key]) => key.startsWith('state ')).reduce((n, [, v]) => n + v, 0);
  return (
    own.length === sums.size &&
    own.every(([key, value]) => sums.get(key) === value) &&
    scripts[0].output.events.length === reads &&
    !doubts.some(({ suspect }) => suspect)
  );
}

const table = [['buffer', 'total', 'runs', 'without', 'with it', 'cost', 'equal']];
let failed = false;
for (const shape of CELLS) {
  const before = await runsOf(shape, runs / 2, []);
  const ridden = await runsOf(shape, runs, riding);
  const without = [...before, ...(await runsOf(shape, runs / 2, []))];
  const [bare, with_] = [without, ridden].map((made) => median(made.map(({ ms }) => ms)));
  const equal = ridden.filter(({ collected }) => agrees(collected)).length;
  failed ||= equal < ridden.length || (shape === NOTEBOOK && with_ - bare > MOST_MS);
  table.push([
    ...[String(shape.bufferBytes), String(shape.totalBytes), String(ridden.length)],
    ...[bare.toFixed(2), with_.toFixed(2), (with_ - bare).toFixed(2), String(equal)],
  ]);
}
console.log(`bpftrace ${usable.version}: medians in ms`);
printTable(table);
rmSync(folder, { recursive: true });
await host.close();
process.exitCode = failed ? 1 : 0;
