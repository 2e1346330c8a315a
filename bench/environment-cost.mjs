// What it costs to examine the machine: once a session, and beside every run.
// Usage: npm run build && node bench/environment-cost.mjs [SPEC]
import { loadavg } from 'node:os';
import { currentUser } from '../dist/host/machine/git-state.js';
import { machineFacts } from '../dist/host/machine/machine-facts.js';
import { watchConditions } from '../dist/host/machine/run-conditions.js';
import { THIS_MACHINE } from '../dist/host/machine/sources.js';

const SESSIONS = 20;
const RUNS = 2000;
const spec = process.argv[2] ?? 'experiments/quickstart.yaml';
const user = currentUser(process.env, process.geteuid?.());

const sorted = (values) => values.toSorted((a, b) => a - b);
const shown = (values) => {
  const all = sorted(values);
  return `median ${all[all.length >> 1].toFixed(3)} ms, most ${all.at(-1).toFixed(3)} ms`;
};

const sessions = [];
let facts = 0;
for (let at = 0; at < SESSIONS; at++) {
  const began = performance.now();
  facts = (await machineFacts(THIS_MACHINE, spec, user)).size;
  sessions.push(performance.now() - began);
}
const runs = [];
for (let at = 0; at < RUNS; at++) {
  const began = performance.now();
  watchConditions(THIS_MACHINE)();
  runs.push(performance.now() - began);
}
console.log(`load                  ${loadavg()[0]?.toFixed(2)}`);
console.log(`${facts} facts, ${SESSIONS} times    ${shown(sessions)}`);
console.log(`beside a run, ${RUNS}    ${shown(runs)}`);
