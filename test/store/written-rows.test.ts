import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countsWriter } from '../../src/store/counts-writer.ts';
import { openForWriting, type WritableDb } from '../../src/store/open.ts';
import { createSweep, updateSweep } from '../../src/store/sweep-writer.ts';
import type { ScriptResult } from '../../src/trace/user-scripts/user-script.ts';
import { CELL, exampleResult, exampleSweep, NEW_SWEEP } from './example-sweep.ts';

let folder: string;
let database: WritableDb;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-written-rows-test-'));
  database = openForWriting(join(folder, 'sweep.db'));
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

const rows = (sql: string) => database.db.prepare(sql).raw().all();

describe('the row of a run', () => {
  it('has what the kernel said of its processes, and nothing where it said nothing', () => {
    const { store } = exampleSweep(database.db);
    const { planned } = exampleResult(1);
    store(exampleResult(1, { planned: { ...planned, ordinal: 9, warmup: true } }));
    store(exampleResult(2, { use: undefined, startedAt: undefined, exitCode: null, pid: null }));
    expect(
      rows(`SELECT user_ns, system_ns, max_rss_bytes, voluntary_switches, involuntary_switches,
              exit_code, pid, started_at FROM run ORDER BY id`),
    ).toEqual([
      [1_000_000, 2_000_000, 1_228_800, 3, 1, 0, 1001, '2026-01-02T03:04:05.001Z'],
      [null, null, null, null, null, null, null, ''],
    ]);
    expect(rows('SELECT ordinal, trial, attempt, warmup, traced, wall_ns FROM run')).toEqual([
      [9, 1, 1, 1, 1, 5_000_001],
      [2, 2, 1, 0, 1, 5_000_002],
    ]);
  });

  it('says why the run is not good: a reason, or the doubts that make it suspect', () => {
    const { store } = exampleSweep(database.db);
    const doubt = (code: string, suspect: boolean) => ({
      ...exampleResult(1).doubts[0]!,
      ...{ code: code as 'raw-cut', suspect },
    });
    const doubts = [doubt('drops', true), doubt('raw-cut', false), doubt('cut-calls', true)];
    store(exampleResult(1, { outcome: { state: 'suspect', samples: [] }, doubts }));
    store(exampleResult(2, { outcome: { state: 'failed', reason: 'exit code 71' }, doubts }));
    store(exampleResult(3, { outcome: { state: 'completed', samples: [] }, doubts }));
    expect(rows('SELECT state, reason FROM run ORDER BY id')).toEqual([
      ['suspect', 'drops, cut-calls'],
      ['failed', 'exit code 71'],
      ['completed', null],
    ]);
    expect(rows('SELECT code, suspect FROM warning WHERE run_id = 1 ORDER BY code')).toEqual([
      ['cut-calls', 1],
      ['drops', 1],
      ['raw-cut', 0],
    ]);
  });

  it('has samples with all that the benchmark measured', () => {
    const { store } = exampleSweep(database.db);
    const sample = {
      ...{ iteration: 1, elapsedNs: 1000, bandwidthBytesPerS: 5.5, systemTimeNs: 2 },
      ...{ userTimeNs: 3, messagesSent: 4, messagesReceived: 5 },
      ...{ voluntarySwitches: 6, involuntarySwitches: 7, counters: new Map([['CYCLES', 8]]) },
    };
    store(exampleResult(1, { outcome: { state: 'completed', samples: [sample] } }));
    expect(
      rows(`SELECT iteration, warmup, elapsed_ns, bandwidth_bytes_per_s, stime_ns, utime_ns, msgsnd,
              msgrcv, nvcsw, nivcsw FROM sample`),
    ).toEqual([[1, 0, 1000, 5.5, 2, 3, 4, 5, 6, 7]]);
    expect(rows('SELECT iteration, counter, value FROM sample_counter')).toEqual([
      [1, 'CYCLES', 8],
    ]);
  });

  it("has the calls of the user's own commands around it, on the host of its environment", () => {
    const { store } = exampleSweep(database.db);
    const call = { words: ['/p', 'a b'], startedAt: new Date(0), interrupted: false } as const;
    store(
      exampleResult(1, {
        hooks: [
          { ...call, hook: 'prepare', wallNs: 5, exitCode: 0, failure: undefined, outputTail: 'x' },
          { ...call, hook: 'conclude', wallNs: 6, exitCode: 3, failure: 'why', outputTail: '' },
        ],
      }),
    );
    expect(
      rows(`SELECT run_id, host, hook, command, wall_ns, exit_code, failure, output_tail
            FROM hook_call WHERE run_id NOT NULL ORDER BY id`),
    ).toEqual([
      [1, 'local', 'prepare', '["/p","a b"]', 5, 0, null, 'x'],
      [1, 'local', 'conclude', '["/p","a b"]', 6, 3, 'why', ''],
    ]);
  });
});

describe('what a tracer and scripts have printed about a run', () => {
  const script = (value: number): ScriptResult => ({
    ...{ script: 'a.bt', raw: 'text', doubts: [] },
    output: {
      aggregates: [
        {
          ...{ name: '@', keys: ['one', 'two'], function: 'avg', printing: 1 },
          ...{ bucketFrom: null, bucketTo: null, value },
        },
      ],
      events: ['first', 'second'].map((text) => ({ probe: 'p', cpu: 0, text })),
      ...{ eventsLeftOut: 0, doubts: [], unread: [] },
    },
  });
  const result = (trial: number) =>
    exampleResult(trial, {
      counts: {
        ...exampleResult(trial).counts!,
        events: [
          { role: 'sender', operation: 'write', atNs: 10, state: 1 },
          { role: 'receiver', operation: 'read', atNs: 20, state: 4 },
        ],
      },
      scripts: [script(trial + 0.5)],
    });

  it('is numbered from 1, and a value that is not whole stays what it is', () => {
    exampleSweep(database.db).store(result(1));
    expect(rows('SELECT * FROM pipe_event')).toEqual([
      [1, 1, 10, 'sender', 'write', 1],
      [1, 2, 20, 'receiver', 'read', 4],
    ]);
    expect(rows('SELECT * FROM event')).toEqual([
      [1, 'a.bt', 1, 'p', 0, 'first'],
      [1, 'a.bt', 2, 'p', 0, 'second'],
    ]);
    expect(rows('SELECT position, key FROM aggregation_key')).toEqual([
      [1, 'one'],
      [2, 'two'],
    ]);
    expect(rows('SELECT value, typeof(value) FROM aggregation')).toEqual([[1.5, 'real']]);
  });

  it('can be erased for one run, to be read again from the lines that are kept', () => {
    const { store } = exampleSweep(database.db);
    for (const trial of [1, 2]) store(result(trial));
    const writer = countsWriter(database.db);
    writer.erase(1);
    const derived = ['syscall_count', 'pipe_state', 'pipe_transition', 'io_size', 'pipe_event'];
    for (const table of [...derived, 'aggregation', 'event']) {
      expect([table, rows(`SELECT DISTINCT run_id FROM ${table}`)]).toEqual([table, [[2]]]);
    }
    expect(rows('SELECT DISTINCT run_id FROM raw_trace ORDER BY run_id')).toEqual([[1], [2]]);
    writer.writeCounts(1, result(1).counts!);
    writer.writeScript(1, script(1.5));
    expect(rows('SELECT count(*) FROM pipe_event WHERE run_id = 1')).toEqual([[2]]);
    expect(rows('SELECT value FROM aggregation WHERE run_id = 1')).toEqual([[1.5]]);
  });
});

describe('the rows of a sweep', () => {
  it('hold its limits, its scripts and the names of the states of a pipe', () => {
    createSweep(database.db, {
      ...NEW_SWEEP,
      ...{ trials: { min: 5, max: 9, relativeCi: 0.02 }, budgetMs: 7000 },
      ...{ controls: true, bare: false, rusage: false, instruments: ['a', 'b'] },
      pipeStates: { platform: 'linux', version: 4, bits: [{ bit: 2, name: 'FULL' }] },
      scripts: [
        {
          ...{ name: 'a.bt', path: '/a.bt', tracer: 'bpftrace', json: true, text: 'BEGIN {}' },
          ...{ attached: 'per-run', attachedBecause: 'line 1' },
        },
      ],
    });
    createSweep(database.db, NEW_SWEEP);
    expect(
      rows(`SELECT trials_min, trials_max, relative_ci, budget_ms, controls, bare, rusage,
              instruments FROM sweep ORDER BY id`),
    ).toEqual([
      [5, 9, 0.02, 7000, 1, 0, 0, 'a,b'],
      [10, 10, null, null, 0, 1, 1, 'syscalls,pipe-states,io-sizes'],
    ]);
    expect(rows('SELECT * FROM sweep_script')).toEqual([
      [1, 'a.bt', '/a.bt', 'bpftrace', 1, 'BEGIN {}', 'per-run', 'line 1'],
    ]);
    expect(rows('SELECT * FROM pipe_state_bit WHERE sweep_id = 1')).toEqual([
      [1, 'linux', 4, 2, 'FULL'],
    ]);
  });

  it('hold the limits and expectations of the spec as it was last', () => {
    const id = createSweep(database.db, NEW_SWEEP);
    const expectations = () => rows('SELECT sweep_id, position, text FROM expectation');
    expect(expectations()).toEqual([
      [1, 1, 'bandwidth.cv < 100%'],
      [1, 2, 'runs.completed == 7'],
    ]);
    updateSweep(database.db, id, {
      ...{ cells: [CELL], specFile: '/new.yaml', specText: 'name: new', description: 'words' },
      ...{ plannedRuns: 3, trials: { min: 3, max: 4, relativeCi: 0.5 }, budgetMs: 60_000 },
      expectations: ['runs.failed == 0'],
    });
    expect(expectations()).toEqual([[1, 1, 'runs.failed == 0']]);
    expect(
      rows(`SELECT spec_file, spec_text, description, planned_runs, trials_min, trials_max,
              relative_ci, budget_ms FROM sweep`),
    ).toEqual([['/new.yaml', 'name: new', 'words', 3, 3, 4, 0.5, 60_000]]);
  });
});
