import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SweepWatch } from '../../../src/cli/top/watched-sweep.ts';
import type { RunResult } from '../../../src/execute/outcome.ts';
import { cellSummaries } from '../../../src/results/cell-summaries.ts';
import { openForWriting, type WritableDb } from '../../../src/store/open.ts';
import { chooseSweep, runsDone, stateCounts } from '../../../src/store/reader.ts';
import { exampleResult, exampleSweep } from '../../store/example-sweep.ts';

let folder: string;
let database: WritableDb;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-watch-'));
  database = openForWriting(join(folder, 'x.db'));
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

const failed = (trial: number, change: Partial<RunResult> = {}) =>
  exampleResult(trial, { outcome: { state: 'failed', reason: 'x' }, ...change });

describe('a watched sweep', () => {
  it('agrees with the summary at every look, though each look reads only what is new', () => {
    const { db } = database;
    const { id, store } = exampleSweep(db);
    const watch = new SweepWatch(join(folder, 'x.db'), undefined);
    const results = [
      ...[1, 2, 3].map((trial) => exampleResult(trial)),
      failed(4),
      exampleResult(4, { attempt: 2 }),
      failed(5, { outcome: { state: 'interrupted', reason: 'x' } }),
      exampleResult(6, { outcome: { state: 'suspect', samples: [] } }),
      exampleResult(7),
    ];
    const agree = () => {
      const seen = watch.look();
      const summaries = cellSummaries(db, chooseSweep(db, String(id)), { suspect: false });
      expect(seen.cells.map(({ cell, median }) => [cell, median])).toEqual(
        summaries.map(({ cell, bandwidth }) => [cell, bandwidth?.median]),
      );
      expect(seen.done).toBe(runsDone(db, id));
      expect(seen.states).toEqual(stateCounts(db, id));
      return seen;
    };
    agree();
    for (const result of results) {
      store(result);
      agree();
    }
    expect(agree()).toMatchObject({ done: 6, runsOfCell: 10 });
    expect(agree().recent.map(({ trial }) => trial)).toEqual([1, 2, 3, 4, 4, 5, 6, 7]);
  });

  it('is read anew after every start of the sweep, because runs may have been replaced', () => {
    const { db } = database;
    const { id, store } = exampleSweep(db);
    const watch = new SweepWatch(join(folder, 'x.db'), undefined);
    store(exampleResult(1));
    store(failed(2, { outcome: { state: 'interrupted', reason: 'x' } }));
    expect(watch.look()).toMatchObject({ done: 1 });
    db.prepare(
      `INSERT INTO environment SELECT id + 1, sweep_id, host_id, captured_at, os_name, os_release,
         os_version, architecture, cpu_model, cpu_count, memory_bytes, load_1min, node_version,
         ipc_sweep_version, tracer_version, host_name FROM environment`,
    ).run();
    // Takes the id of the run that it replaces.
    store(exampleResult(2));
    const seen = watch.look();
    expect(seen.done).toBe(runsDone(db, id));
    expect(seen.states).toEqual(new Map([['completed', 2]]));
  });

  it('tells how long ago the last run was stored by its own clock, once it has seen one arrive', () => {
    const { store } = exampleSweep(database.db);
    let nowMs = 0;
    const watch = new SweepWatch(join(folder, 'x.db'), undefined, () => nowMs);
    store(exampleResult(1));
    expect(watch.look().secondsSinceNewest).toBeUndefined();
    store(exampleResult(2));
    expect(watch.look().secondsSinceNewest).toBe(0);
    nowMs = 2500;
    expect(watch.look().secondsSinceNewest).toBe(2.5);
  });

  it('is the sweep that is running, not the newest one, unless one is named', () => {
    const { db } = database;
    const first = exampleSweep(db);
    const second = exampleSweep(db);
    db.prepare("UPDATE sweep SET state = 'ended' WHERE id = ?").run(second.id);
    first.store(exampleResult(1));
    const file = join(folder, 'x.db');
    expect(new SweepWatch(file, undefined).look().sweep.id).toBe(first.id);
    expect(new SweepWatch(file, String(second.id)).look()).toMatchObject({ done: 0 });
  });
});
