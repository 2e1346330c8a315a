// What it takes to merge many small databases: time and the peak of memory for 10, 100 and 1,000 of
// them into a new file, and again into the same file, where nothing is new. Each has one sweep with
// traced runs. The time for one database should not grow with their number, nor should what is kept in
// memory at the end; the peak also has the output's cache and what Node has not given back yet.
// Usage: npm run build && npm run bench:merge -- [--most 1000] [--runs 20]
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { inheritIdentity } from '../dist/store/database-identity.js';
import { openForWriting } from '../dist/store/open.js';
import { fillSweep } from './filled-sweep.mjs';
import { printTable } from './print-table.mjs';

const { values } = parseArgs({
  options: {
    most: { type: 'string', default: '1000' },
    runs: { type: 'string', default: '20' },
  },
});
const CELLS = 4;
const main = fileURLToPath(new URL('../bundle/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-merge-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const first = join(folder, '1.db');
const { db, close } = openForWriting(first);
const store = fillSweep(db, CELLS, { traced: true });
for (let run = 0; run < Number(values.runs); run++) store();
close();
const files = Array.from({ length: Number(values.most) }, (_, at) => join(folder, `${at + 1}.db`));
for (const [at, file] of files.entries()) {
  if (at === 0) continue;
  copyFileSync(first, file);
  // A database of its own, not a copy of the first.
  const other = new Database(file);
  inheritIdentity(other, at.toString(16).padStart(32, '0'));
  other.close();
}

/** Merges files in a process of its own. */
function merged(count, output) {
  const program = `process.on('exit', () => {
      gc();
      const { heapUsed, external } = process.memoryUsage();
      console.error('peak', process.resourceUsage().maxRSS, 'kept', heapUsed + external);
    });
    process.argv.splice(1, 0, 'ipc-sweep'); await import(${JSON.stringify(main)});`;
  const words = ['merge', ...files.slice(0, count), '-o', output];
  const start = performance.now();
  const ended = spawnSync(
    process.execPath,
    ['--expose-gc', '--input-type=module', '-e', program, '--', ...words],
    {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    },
  );
  const seconds = (performance.now() - start) / 1000;
  if (ended.status !== 0) throw new Error(ended.stderr);
  const [, peakKib, keptBytes] = /peak (\d+) kept (\d+)/.exec(ended.stderr) ?? [];
  const last = ended.stdout.trim().split('\n').at(-1) ?? '';
  const peak = Number(peakKib) / 1024;
  const kept = Number(keptBytes) / 1024 ** 2;
  return { seconds, peak, kept, what: last.replace(/^.*: /, '') };
}

const rows = [['databases', 'seconds', 'ms each', 'peak MiB', 'kept MiB', 'result']];
for (const count of [10, 100, 1000].filter((each) => each <= files.length)) {
  for (const time of ['new', 'again']) {
    const { seconds, peak, kept, what } = merged(count, join(folder, `merged-${count}`));
    const each = (1000 * seconds) / count;
    rows.push([
      `${count} ${time}`,
      seconds.toFixed(1),
      each.toFixed(1),
      peak.toFixed(0),
      kept.toFixed(1),
      what,
    ]);
  }
}
printTable(rows);
