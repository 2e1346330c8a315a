// What starting ipc-sweep costs beside starting Node: `--version`, `--help`, and `status` of an empty
// database, each in turn with `node -e 0`.
// Usage: npm run build && node bench/start-up.mjs [TIMES [MAIN]]
// MAIN: that of another build, to compare with.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openForWriting } from '../dist/store/open.js';
import { printTable } from './print-table.mjs';

const times = Number(process.argv[2] ?? 25);
const own = fileURLToPath(new URL('../bundle/main.js', import.meta.url));
const main = process.argv[3] ? resolve(process.argv[3]) : own;
const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-start-'));
const words = {
  'node -e 0': ['-e', '0'],
  '--version': [main, '--version'],
  '--help': [main, '--help'],
  status: [main, 'status', '--results', folder],
};

try {
  openForWriting(join(folder, 'ipc-sweep.db')).close();
  /** @type {Record<string, number[]>} */
  const taken = Object.fromEntries(Object.keys(words).map((name) => [name, []]));
  for (let at = 0; at < times; at++) {
    for (const [name, given] of Object.entries(words)) {
      const began = performance.now();
      const { status } = spawnSync(process.execPath, given, { stdio: 'ignore' });
      taken[name].push(performance.now() - began);
      if (status !== 0) throw new Error(`${name} ended with ${status}`);
    }
  }
  const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
  const node = median(taken['node -e 0']);
  printTable([
    ['', 'median', 'of node'],
    ...Object.entries(taken).map(([name, values]) => [
      name,
      `${median(values).toFixed(0)} ms`,
      (median(values) / node).toFixed(2),
    ]),
  ]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
