// What it costs to examine the machine: once a session, and beside every run.
// Usage: npm run build && node bench/environment-cost.mjs [SPEC]
import { loadavg } from 'node:os';
import { openHost } from '../dist/host/agent-host.js';
import { currentUser } from '../dist/host/machine/git-state.js';
import { machineFacts } from '../dist/host/machine/machine-facts.js';
import { watchedFiles } from '../dist/host/machine/run-conditions.js';
import { sourcesOf } from '../dist/host/machine/sources.js';

const SESSIONS = 20;
const RUNS = 2000;
const spec = process.argv[2] ?? 'experiments/quickstart.yaml';
const user = currentUser(process.env, process.geteuid?.());

const sorted = (values) => values.toSorted((a, b) => a - b);
const shown = (values) => {
  const all = sorted(values);
  return `median ${all[all.length >> 1].toFixed(3)} ms, most ${all.at(-1).toFixed(3)} ms`;
};

const host = await openHost('local', { environment: process.env });
const sessions = [];
let facts = 0;
for (let at = 0; at < SESSIONS; at++) {
  const began = performance.now();
  facts = (await machineFacts(sourcesOf(host), spec, user)).size;
  sessions.push(performance.now() - began);
}
/** How long a command that does nothing takes, with the files around it read or not. */
async function run(watch) {
  const began = performance.now();
  const command = { words: ['/bin/true'], environment: {}, watch, lingerMs: 0 };
  await host.run({ ...command, outputLimits: { stdout: 1, stderr: 1 } });
  return performance.now() - began;
}
/** @type {Record<'with' | 'without', number[]>} */
const runs = { with: [], without: [] };
for (let at = 0; at < RUNS; at++) {
  runs.without.push(await run([]));
  runs.with.push(await run(watchedFiles({ throttleFiles: [] })));
}
await host.close();
const median = (values) => sorted(values)[values.length >> 1];
const beside = median(runs.with) - median(runs.without);
console.log(`load                  ${loadavg()[0]?.toFixed(2)}`);
console.log(`${facts} facts, ${SESSIONS} times    ${shown(sessions)}`);
console.log(`beside a run, ${RUNS}    ${beside.toFixed(3)} ms, the difference of two medians`);
