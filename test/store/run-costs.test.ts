import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runCosts } from '../../src/store/cell-data.ts';
import { openForWriting } from '../../src/store/open.ts';
import { exampleResult, exampleSweep } from './example-sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-costs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('the costs of runs are averages without warm-up trials, first iterations and bad runs', () => {
  const { db, close } = openForWriting(join(folder, 'costs.db'));
  const { id, store } = exampleSweep(db);
  const samples = (...elapsed: readonly number[]) =>
    elapsed.map((elapsedNs, at) => ({ iteration: at + 1, elapsedNs, bandwidthBytesPerS: 1 }));
  const run = (trial: number, wallNs: number, change: object, warmup = false, traced = true) => {
    const { planned, ...rest } = exampleResult(trial);
    store({ ...rest, planned: { ...planned, warmup, traced }, wallNs, ...change });
  };
  const good = (...elapsed: readonly number[]) => ({
    outcome: { state: 'completed', samples: samples(...elapsed) },
  });
  run(1, 99e9, good(9e9, 9e9, 9e9), true);
  run(2, 10e9, good(7e9, 1e9, 2e9));
  run(3, 20e9, good(7e9, 3e9, 4e9));
  run(4, 99e9, { outcome: { state: 'failed', reason: 'x' } });
  run(5, 0, good(7e9, 99e9));
  run(2, 4e9, good(7e9, 1e9), false, false);
  expect(runCosts(db, id)).toEqual([
    { cell: 1, traced: 0, wall_ns: 4e9, elapsed_ns: 1e9 },
    { cell: 1, traced: 1, wall_ns: 15e9, elapsed_ns: 2.5e9 },
  ]);
  close();
});
