import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { RunResult } from '../../src/execute/outcome.ts';
import type { Cell } from '../../src/experiment/cell.ts';
import { NO_GUARD } from '../../src/host/guard.ts';
import { orderRuns } from '../../src/plan/order.ts';
import { runAll, type SweepSetting } from '../../src/sweep/run-all.ts';
import type { Collected, Tracer } from '../../src/trace/tracer.ts';

const CELL: Cell = {
  ipc: 'pipe',
  mode: '2proc',
  bufferBytes: 4096,
  totalBytes: 4096,
  socketBuffers: false,
};

/** A tracer that loses the runs whose numbers, from 1, are given. */
function losing(lost: (collection: number) => boolean, ends = true): Tracer {
  let collections = 0;
  const collected = (): Collected => ({
    ...{ raw: '', doubts: [], state: 'counted' },
    counts: {
      ...{ syscalls: [], pipeStates: [], pipeTransitions: [], contextSwitches: [] },
      ...{ ioLatencies: [], events: [] },
      ioSizes: [
        { role: 'receiver', operation: 'read', bytes: 4096, count: 1 },
        { role: 'sender', operation: 'write', bytes: 4096, count: 1 },
      ],
    },
  });
  return {
    name: 'bpftrace',
    instruments: ['io-sizes'],
    events: false,
    options: false,
    check: async () => ({ state: 'usable', version: '', reason: '', mend: '' }),
    program: () => ({ source: '', sha256: '' }) as never,
    open: async () => {
      let state: 'attached' | 'ended' = 'attached';
      return {
        get state() {
          return state;
        },
        begin: () => {},
        collect: async () =>
          lost(++collections)
            ? { state: 'failed', reason: 'lost', raw: '', doubts: [] }
            : collected(),
        close: async () => {
          state = 'ended';
          return ends;
        },
      };
    },
  };
}

const NEVER = {
  ...{ suspect: 0, 'tracer-failed': 0, failed: 0, signalled: 0 },
  ...{ 'timed-out': 0, 'output-unreadable': 0 },
} as const;

const ORDER = { trials: 4, warmup: 0, order: 'sequential', seed: 1, traced: true } as const;

async function sweep(
  lost: (collection: number) => boolean,
  change: Partial<SweepSetting> = {},
  runs = orderRuns([CELL], { ...ORDER, controls: false }),
) {
  const results: RunResult[] = [];
  const path = fileURLToPath(new URL('../fixtures/programs/answers', import.meta.url));
  const end = await runAll(runs, {
    program: { path, execname: 'answers', sha256: '', bundled: false },
    options: { bare: true, iterations: 1, rusage: false },
    tracer: losing(lost),
    request: { execname: 'answers', instruments: ['io-sizes'], events: false, options: {} },
    scripts: [],
    cacheDir: '',
    attachPerRun: false,
    deadlineMs: () => 20_000,
    guard: NO_GUARD,
    attemptsBefore: () => 0,
    retries: { ...NEVER, suspect: 1, 'tracer-failed': 1 },
    maxFailures: 2,
    abort: new AbortController().signal,
    stopping: () => false,
    onStart: () => {},
    onResult: (result) => results.push(result),
    ...change,
  });
  return {
    end,
    done: results.map(
      ({ planned, attempt, outcome }) => `${planned.trial}.${attempt} ${outcome.state}`,
    ),
  };
}

it('a run whose counts are lost is tried once more, and the sweep goes on', async () => {
  expect(await sweep((collection) => collection === 1 || collection === 4)).toEqual({
    end: 'done',
    done: ['1.1 tracer-failed', '1.2 completed', '2.1 completed', '3.1 tracer-failed'].concat([
      '3.2 completed',
      '4.1 completed',
    ]),
  });
});

it('a sweep is given up after that many runs in a row, however often each was tried', async () => {
  expect(await sweep(() => true)).toEqual({
    end: 'hopeless',
    done: ['1.1', '1.2', '2.1', '2.2'].map((run) => `${run} tracer-failed`),
  });
});

it('a run is tried again as often as the way it has ended allows, and no longer', async () => {
  const retries = { ...NEVER, 'tracer-failed': 3 };
  expect((await sweep((collection) => collection <= 2, { retries })).done.slice(0, 4)).toEqual([
    ...['1.1 tracer-failed', '1.2 tracer-failed', '1.3 completed', '2.1 completed'],
  ]);
  expect((await sweep((collection) => collection === 1, { retries: NEVER })).done).toEqual([
    ...['1.1 tracer-failed', '2.1 completed', '3.1 completed', '4.1 completed'],
  ]);
});

it('attempts are numbered on from those that are stored', async () => {
  const { end, done } = await sweep(() => false, { attemptsBefore: ({ trial }) => trial });
  expect({ end, done }).toEqual({
    end: 'done',
    done: ['1.2', '2.3', '3.4', '4.5'].map((run) => `${run} completed`),
  });
});

it('nothing is started when the user has asked to stop', async () => {
  expect(await sweep(() => false, { stopping: () => true })).toEqual({ end: 'stopped', done: [] });
});

it('an untraced run is not made while a tracer does not end', async () => {
  const results: RunResult[] = [];
  const change = {
    tracer: losing(() => false, false),
    onResult: (result: RunResult) => results.push(result),
  };
  const sweeping = sweep(() => false, change, orderRuns([CELL], { ...ORDER, controls: true }));
  await expect(sweeping).rejects.toThrow('bpftrace does not end: an untraced run would be traced');
  expect(results.map(({ planned }) => planned.traced)).not.toContain(false);
});
