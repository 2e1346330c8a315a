import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { type Cell, cellKey } from '../../src/experiment/cell.ts';
import { sweepTables } from '../../src/export/tables.ts';
import { runKey } from '../../src/plan/identity.ts';
import { sweepResults } from '../../src/results/sweep-results.ts';
import {
  cellBandwidths,
  cellPipeStates,
  cellStateCounts,
  runStateShares,
  runSyscalls,
} from '../../src/store/cell-data.ts';
import { cellReadSizes, cellTransitions, orderedSamples } from '../../src/store/chart-data.ts';
import { doubtRows } from '../../src/store/doubt-rows.ts';
import { openForWriting, type WritableDb } from '../../src/store/open.ts';
import { cellsOf, chooseSweep, runsDone, stateCounts, sweepById } from '../../src/store/reader.ts';
import { runHistory } from '../../src/store/run-history.ts';
import { hasCells } from '../../src/store/sweep-shards.ts';
import { addPlannedRuns, updateSweep } from '../../src/store/sweep-writer.ts';
import type { RunCounts } from '../../src/trace/counts.ts';
import { CELL, exampleResult, exampleSweep } from './example-sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-continue-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SECOND = { ...CELL, bufferBytes: 1024 };
const THIRD = { ...CELL, bufferBytes: 256 };

let number = 0;
let open: WritableDb;
let sweep: ReturnType<typeof exampleSweep>;
beforeEach(() => {
  open = openForWriting(join(folder, `${++number}.db`));
  sweep = exampleSweep(open.db);
});
afterEach(() => open.close());

const ask = (cells: readonly Cell[], trials: number) =>
  updateSweep(open.db, sweep.id, {
    cells,
    specFile: '/new.yaml',
    specText: 'name: new',
    description: 'new',
    plannedRuns: cells.length * trials,
    trials: { min: trials, max: trials, relativeCi: undefined },
    budgetMs: undefined,
    expectations: [],
  });

const planned = (cell: Cell, trial: number) => ({ ...exampleResult(trial).planned, cell });
const store = (cell: Cell, trial: number, change: Parameters<typeof exampleResult>[1] = {}) =>
  sweep.store(exampleResult(trial, { planned: planned(cell, trial), ...change }));

it('new, kept and orphaned cells are distinguished, and the wanted ones are numbered', () => {
  expect(ask([CELL, SECOND], 3)).toEqual({ fresh: [], kept: 2, orphaned: [] });
  expect(ask([THIRD, SECOND], 3)).toEqual({ fresh: [THIRD], kept: 1, orphaned: [CELL] });
  expect(cellsOf(open.db, sweep.id).map((cell) => [cell.cell, cell.buffer_bytes])).toEqual([
    [1, 256],
    [2, 1024],
  ]);
  // Set aside before, and asked for again: nothing about it is new.
  expect(ask([CELL], 3)).toEqual({ fresh: [], kept: 1, orphaned: [THIRD, SECOND] });
  expect(ask([CELL], 3)).toEqual({ fresh: [], kept: 1, orphaned: [] });
  expect(chooseSweep(open.db, undefined).spec_file).toBe('/new.yaml');
});

it('runs that turn out to be needed are added to those that were planned, of this sweep only', () => {
  const other = exampleSweep(open.db);
  addPlannedRuns(open.db, sweep.id, 3);
  addPlannedRuns(open.db, sweep.id, 1);
  const plannedRuns = (id: number) => sweepById(open.db, id).planned_runs;
  expect([plannedRuns(sweep.id), plannedRuns(other.id)]).toEqual([24, 20]);
});

it('orphaned cells stay in the database, and are left out of every count and table', () => {
  store(CELL, 1);
  store(SECOND, 1);
  ask([SECOND], 3);
  expect(runsDone(open.db, sweep.id)).toBe(1);
  expect([...runHistory(open.db, sweep.id).ended]).toEqual([runKey(planned(SECOND, 1))]);
  for (const { name, columns, rows } of sweepTables(
    sweepResults(open.db, chooseSweep(open.db, undefined), { suspect: false }),
  )) {
    const at = columns.findIndex((column) => column.name === 'buffer_bytes');
    if (at < 0) continue; // About machines, not about runs.
    expect([name, new Set([...rows()].map((row) => row[at]))]).toEqual([
      name,
      new Set([...rows()].length > 0 ? [1024] : []),
    ]);
  }
  expect(open.db.prepare('SELECT id FROM run').all()).toHaveLength(2);
  // Asked for again, its runs need no repetition.
  ask([CELL, SECOND], 3);
  expect(runsDone(open.db, sweep.id)).toBe(2);
});

it('trials beyond those asked for are not counted', () => {
  ask([CELL, SECOND], 3);
  const failed = { outcome: { state: 'failed', reason: 'x' } } as const;
  for (const trial of [1, 2]) store(CELL, trial);
  store(CELL, 3, failed);
  ask([CELL, SECOND], 1);
  expect(runsDone(open.db, sweep.id)).toBe(1);
  expect(runHistory(open.db, sweep.id).failed.size).toBe(0);
  ask([CELL, SECOND], 4);
  expect(runsDone(open.db, sweep.id)).toBe(3);
  expect(runHistory(open.db, sweep.id).failed.size).toBe(1);
});

it('a run counts as failed until one of its attempts has completed', () => {
  ask([CELL], 9);
  const key = runKey(planned(CELL, 1));
  const outcome = { state: 'suspect', samples: [] } as const;
  store(CELL, 1, { outcome });
  expect(runHistory(open.db, sweep.id)).toEqual({
    ended: new Set([key]),
    failed: new Set([key]),
    attempts: new Map([[key, 1]]),
  });
  const interrupted = { state: 'interrupted', reason: 'interrupted' } as const;
  store(CELL, 1, { attempt: 2, outcome: interrupted });
  expect(runHistory(open.db, sweep.id).attempts).toEqual(new Map([[key, 1]]));
  store(CELL, 1, { attempt: 2 });
  expect(runHistory(open.db, sweep.id)).toMatchObject({
    failed: new Set(),
    attempts: new Map([[key, 2]]),
  });
  expect(runsDone(open.db, sweep.id)).toBe(1);
});

it('a suspect run that was repeated counts once, by the attempt that stands for it', () => {
  const suspect = { ...exampleResult(1).outcome, state: 'suspect' } as never;
  const failed = { state: 'failed', reason: 'x' } as const;
  const interrupted = { state: 'interrupted', reason: 'interrupted' } as const;
  store(CELL, 1, { outcome: suspect });
  store(CELL, 2, { outcome: suspect });
  store(CELL, 2, { attempt: 2, outcome: suspect });
  store(CELL, 3, { outcome: suspect });
  store(CELL, 3, { attempt: 2, outcome: interrupted });
  store(CELL, 4, { outcome: suspect });
  store(CELL, 4, { attempt: 2, outcome: failed });
  store(CELL, 1, { attempt: 2 });
  const [db, id, ask] = [open.db, sweep.id, { suspect: true }];
  const [second, third, first] = [3, 4, 8];
  const runsIn = (rows: Iterable<{ run_id: number }>) => [
    ...new Set([...rows].map((row) => row.run_id)),
  ];
  for (const rows of [
    cellBandwidths(db, id, ask),
    runStateShares(db, id, ask),
    runSyscalls(db, id, ask),
    orderedSamples(db, id, ask),
  ]) {
    expect(runsIn(rows).sort()).toEqual([second, third, first]);
  }
  // Of each run in the figures, and of none twice: calls, states, transitions, sizes, doubts.
  const counted = (rows: readonly { count: number }[]) =>
    rows.reduce((sum, { count }) => sum + count, 0);
  const each = (column: (counts: RunCounts) => readonly { count: number }[], trials: number[]) =>
    trials.reduce((sum, trial) => sum + counted(column(exampleResult(trial).counts!)), 0);
  expect(counted(cellPipeStates(db, id, ask))).toBe(each((c) => c.pipe_states, [1, 2, 3]));
  expect(counted(cellTransitions(db, id, ask))).toBe(each((c) => c.pipe_transitions, [1, 2, 3]));
  expect(counted(cellReadSizes(db, id, ask))).toBe(
    each((c) => c.io_sizes.filter(({ bytes }) => bytes > 0), [1, 2, 3]),
  );
  expect(doubtRows(db, id, { cells: [1], suspect: true }).of).toBe(3);
  // As many as the states of the runs say.
  expect(new Map(cellStateCounts(db, id).map(({ state, count }) => [state, count]))).toEqual(
    new Map([
      ['completed', 1],
      ['suspect', 2],
      ['failed', 1],
    ]),
  );
  expect(stateCounts(db, id)).toEqual(
    new Map([
      ['completed', 1],
      ['suspect', 2],
      ['failed', 1],
    ]),
  );
});

it('suspect runs enter the figures only when they are asked for', () => {
  const { outcome } = exampleResult(1);
  store(CELL, 1);
  store(CELL, 2, { outcome: { ...outcome, state: 'suspect' } as never });
  store(CELL, 3, { outcome: { ...outcome, state: 'tracer-failed', reason: 'x' } as never });
  const runs = (suspect: boolean) =>
    [...cellBandwidths(open.db, sweep.id, { suspect })].map((row) => row.run_id);
  // The first of two iterations is warm-up.
  expect([runs(false), runs(true)]).toEqual([[1], [1, 2]]);
});

it('trials that were made beyond the least number are planned, up to the greatest number', () => {
  for (let trial = 1; trial <= 5; trial++) store(CELL, trial);
  updateSweep(open.db, sweep.id, {
    ...{ cells: [CELL], specFile: '/new.yaml', specText: 'name: new', description: 'new' },
    ...{ plannedRuns: 2, trials: { min: 2, max: 4, relativeCi: 0.1 } },
    ...{ budgetMs: undefined, expectations: [] },
  });
  expect(chooseSweep(open.db, undefined).planned_runs).toBe(4);
});

it('a sweep matches only if it has exactly the wanted cells', () => {
  ask([CELL, SECOND], 3);
  const has = (...cells: Cell[]) => hasCells(open.db, sweep.id, cells.map(cellKey));
  expect([has(SECOND, CELL), has(CELL), has(CELL, SECOND, THIRD), has(CELL, THIRD)]).toEqual([
    ...[true, false, false, false],
  ]);
});
