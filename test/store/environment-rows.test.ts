import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  environmentFacts,
  environmentsOf,
  environmentWarningRows,
  runConditionRows,
} from '../../src/store/environment-rows.ts';
import { recordEnvironmentWarning } from '../../src/store/environment-writer.ts';
import { openForWriting, type WritableDb } from '../../src/store/open.ts';
import { exampleResult, exampleSweep } from './example-sweep.ts';

let folder: string;
let database: WritableDb;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-environment-test-'));
  database = openForWriting(join(folder, 'sweep.db'));
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

it('the environments of one sweep are kept apart from those of another', () => {
  const { db } = database;
  const [first, second] = [exampleSweep(db), exampleSweep(db)];
  expect(environmentsOf(db, first.id).map(({ id }) => id)).toEqual([1]);
  expect(environmentsOf(db, second.id)).toEqual([
    { id: 2, host: 'local', machine: 'vm', capturedAt: '1970-01-01T00:00:00.000Z' },
  ]);
  expect(environmentFacts(db, 2).get('cpu_governor')).toBe('powersave');
  expect(environmentFacts(db, 99).size).toBe(0);
});

it('what changed during a run is read back with the environment of the run', () => {
  const { db } = database;
  const { id, store } = exampleSweep(db);
  store(exampleResult(1));
  store(exampleResult(2, { conditions: undefined }));
  expect([...runConditionRows(db, id)]).toMatchObject([
    {
      run_id: 1,
      buffer_bytes: 512,
      total_bytes: 1024,
      host: 'local',
      program: '',
      environment_id: 1,
      load_1min: 0.25,
      cpu0_khz: 2_400_000,
      steal_ns: 10_000_000,
      throttle_events: null,
      context_switches: 41,
      quota_throttled_periods: null,
    },
  ]);
});

it('the first of two warnings with the same code is kept', () => {
  const { db } = database;
  const { id } = exampleSweep(db);
  recordEnvironmentWarning(db, 1, { code: 'other-load', message: 'first' });
  recordEnvironmentWarning(db, 1, { code: 'other-load', message: 'second' });
  expect([...environmentWarningRows(db, id)].map(({ code, message }) => [code, message])).toEqual([
    ['other-load', 'first'],
    ['virtual-machine', '=this, "a" machine'],
  ]);
});
