// What a look of `ipc-sweep top` costs at a database with many runs: the first, and those that follow
// while runs are added; and whether it keeps the writer waiting.
// Usage: npm run build && node bench/top-cost.mjs [RUNS]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SweepWatch } from '../dist/cli/top/watched-sweep.js';
import { openForWriting } from '../dist/store/open.js';
import { fillSweep } from './filled-sweep.mjs';

const RUNS = Number(process.argv[2] ?? 20_000);
const LOOKS = 50;
const CELLS = 100;
const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-top-'));
const timed = (action) => {
  const began = performance.now();
  action();
  return performance.now() - began;
};
const shown = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  return `median ${sorted[sorted.length >> 1].toFixed(2)} ms, most ${sorted.at(-1).toFixed(2)} ms`;
};

try {
  const file = join(folder, 'ipc-sweep.db');
  const { db, close } = openForWriting(file);
  const add = fillSweep(db, CELLS);
  db.transaction(() => {
    for (let at = 0; at < RUNS; at++) add();
  })();
  const watch = new SweepWatch(file, undefined);
  const first = timed(() => watch.look());
  const looks = [];
  const between = [];
  const alone = [];
  for (let at = 0; at < LOOKS; at++) {
    for (let run = 0; run < 20; run++) alone.push(timed(add));
    looks.push(timed(() => watch.look()));
    between.push(timed(add));
  }
  close();
  console.log(`${RUNS} runs of ${CELLS} cells, one iteration each`);
  console.log(`first look                 ${first.toFixed(1)} ms`);
  console.log(`looks with 21 new runs     ${shown(looks)}`);
  console.log(`storing a run              ${shown(alone)}`);
  console.log(`storing a run after a look ${shown(between)}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
