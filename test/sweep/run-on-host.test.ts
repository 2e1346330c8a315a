import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunResult } from '../../src/execute/outcome.ts';
import type { Cell } from '../../src/experiment/cell.ts';
import type { Host } from '../../src/host/host.ts';
import { HostLost } from '../../src/host/host-lost.ts';
import type { Allowance } from '../../src/host/machine/allowance.ts';
import { NO_ROWS } from '../../src/instruments/instruments.ts';
import { orderRuns } from '../../src/plan/order.ts';
import type { PreparedHost } from '../../src/sweep/prepare-host.ts';
import { type OnHostSetting, runOnHost } from '../../src/sweep/run-on-host.ts';
import type { Collected, Tracer } from '../../src/trace/tracer.ts';
import { type LocalHost, localHost } from '../host/local-host.ts';

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
      ...NO_ROWS,
      events: [],
      io_sizes: [
        { role: 'receiver', operation: 'read', bytes: 4096, count: 1 },
        { role: 'sender', operation: 'write', bytes: 4096, count: 1 },
      ],
    },
  });
  return {
    name: 'bpftrace',
    needsRoot: false,
    scripts: undefined,
    instrumentsOn: () => ['io-sizes'],
    costOn: () => ({
      ...{ attachSeconds: 0, detachSeconds: 0, runSeconds: 0 },
      ...{ messageSeconds: 0, scriptSeconds: 0 },
    }),
    eventsOn: () => false,
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

const IDLE = { warn: () => {}, leave: async () => {} };

let here: LocalHost;
beforeAll(async () => {
  here = await localHost();
});
afterAll(() => here.close());

/** This machine, ready for a benchmark that answers at once. */
function prepared(tracer: Tracer, host: Host = here.host): PreparedHost {
  const path = fileURLToPath(new URL('../fixtures/programs/answers', import.meta.url));
  return {
    host,
    programs: new Map([
      [
        '',
        { path, execname: 'answers', sha256: '', bundled: false, checkUnchanged: async () => {} },
      ],
    ]),
    chosen: { tracer, version: '1' },
    privilege: { state: 'own' },
    request: { execnames: ['answers'], instruments: ['io-sizes'], events: false, options: {} },
    copyBytesPerS: undefined,
    allowance: { processor0: true, throttleFiles: [] } as Partial<Allowance> as Allowance,
    ...{ wanted: undefined, missing: [], traced: true, notes: [] },
    ...{
      scripts: [],
      placed: [],
      traceProgram: undefined,
      counterNames: new Map(),
      close: async () => {},
    },
  };
}

async function sweep(
  lost: (collection: number) => boolean,
  change: Partial<OnHostSetting> & { readonly tracer?: Tracer; readonly first?: PreparedHost } = {},
  runs = orderRuns([CELL], { ...ORDER, controls: false }),
) {
  const results: RunResult[] = [];
  const { tracer = losing(lost), first = prepared(tracer), ...more } = change;
  const end = await runOnHost(runs, first, {
    options: { bare: true, iterations: 1, rusage: false },
    ...{ events: false, attachPerRun: false },
    deadlineMs: () => 60_000,
    attemptsBefore: () => 0,
    retries: { ...NEVER, suspect: 1, 'tracer-failed': 1 },
    maxFailures: 2,
    abort: new AbortController().signal,
    stopping: () => false,
    neighboursOn: () => undefined,
    arrive: async () => ({ store: (result) => results.push(result), ...IDLE }),
    reconnect: async () => prepared(tracer),
    patienceMs: 60_000,
    ...{ onGone: () => {}, onBack: () => {}, onStart: () => {} },
    ...more,
  });
  return {
    end: end.state,
    reason: end.state === 'away' ? end.reason : undefined,
    results,
    done: results.map(
      ({ planned, attempt, outcome }) => `${planned.trial}.${attempt} ${outcome.state}`,
    ),
  };
}

const consecutive = (first: number, length: number) =>
  Array.from({ length }, (_, at) => first + at);

/** A host whose link breaks at the given runs, counted over all of its visits. */
function breaking(at: ReadonlySet<number>, count = { runs: 0 }): Host {
  return {
    name: here.host.name,
    machine: here.host.machine,
    lost: false,
    stat: (path) => here.host.stat(path),
    run: (command) => {
      if (at.has(++count.runs)) return Promise.reject(new HostLost('board', 'it broke'));
      return here.host.run(command);
    },
  } as Partial<Host> as Host;
}

it('a run during which the link breaks is made again, under the same number', async () => {
  const count = { runs: 0 };
  const tracer = losing(() => false);
  const host = () => prepared(tracer, breaking(new Set([1, 3, 4]), count));
  const events: string[] = [];
  const { end, done } = await sweep(() => false, {
    first: host(),
    reconnect: async () => host(),
    onGone: (reason) => events.push(reason),
    onBack: () => events.push('back'),
  });
  expect({ end, done }).toEqual({
    end: 'done',
    done: ['1.1', '2.1', '3.1', '4.1'].map((run) => `${run} completed`),
  });
  expect(events).toEqual(['it broke', 'back', 'it broke', 'back', 'it broke', 'back']);
});

it('a host that stays away is set aside when the time to wait for it is over', async () => {
  const first = prepared(
    losing(() => false),
    breaking(new Set([2])),
  );
  const { end, done } = await sweep(() => false, {
    first,
    reconnect: async () => {
      throw new HostLost('board', 'still away');
    },
    patienceMs: 400,
  });
  expect({ end, done }).toEqual({ end: 'away', done: ['1.1 completed'] });
});

it('a host that goes again and again during the same run is set aside, and the run is named', async () => {
  const tracer = losing(() => false);
  const count = { runs: 0 };
  const host = () => prepared(tracer, breaking(new Set([1, 2, ...consecutive(4, 10)]), count));
  const gone: string[] = [];
  const { end, reason, done } = await sweep(() => false, {
    first: host(),
    reconnect: async () => host(),
    onGone: (why) => gone.push(why),
    patienceMs: 1,
  });
  expect({ end, done, times: count.runs }).toEqual({
    ...{ end: 'away', done: ['1.1 completed'], times: 13 },
  });
  expect(reason).toBe(
    'it went 10 times during the same run (pipe 2proc 4 KiB of 4 KiB, trial 2): it broke',
  );
  expect(gone).toHaveLength(11);
});

it('a host that is lost while its sweep begins there is tried again', async () => {
  let arrivals = 0;
  const results: RunResult[] = [];
  const { end } = await sweep(() => false, {
    arrive: async () => {
      if (++arrivals === 1) throw new HostLost('board', 'too early');
      return { store: (result) => results.push(result), ...IDLE };
    },
  });
  expect([end, arrivals, results.length]).toEqual(['done', 2, 4]);
});

it('a run whose counts are lost is tried once more, and the sweep goes on', async () => {
  expect(await sweep((collection) => collection === 1 || collection === 4)).toMatchObject({
    end: 'done',
    done: ['1.1 tracer-failed', '1.2 completed', '2.1 completed', '3.1 tracer-failed'].concat([
      '3.2 completed',
      '4.1 completed',
    ]),
  });
});

it('a sweep is given up after so many failed runs in a row, however often each was repeated', async () => {
  expect(await sweep(() => true)).toMatchObject({
    end: 'hopeless',
    done: ['1.1', '1.2', '2.1', '2.2'].map((run) => `${run} tracer-failed`),
  });
});

it('a run is repeated as often as `retry` allows for how it has ended', async () => {
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
  expect(await sweep(() => false, { stopping: () => true })).toMatchObject({
    end: 'stopped',
    done: [],
  });
});

it('a sweep ends with an error before an untraced run if the tracer does not end', async () => {
  const results: RunResult[] = [];
  const change = {
    tracer: losing(() => false, false),
    arrive: async () => ({
      store: (result: RunResult) => results.push(result),
      ...IDLE,
    }),
  };
  const sweeping = sweep(() => false, change, orderRuns([CELL], { ...ORDER, controls: true }));
  await expect(sweeping).rejects.toThrow('bpftrace does not end: an untraced run would be traced');
  expect(results.map(({ planned }) => planned.traced)).not.toContain(false);
});

it.skipIf(process.platform !== 'linux')(
  'one warning says that pipe states could not be checked on this kernel, and they are traced anyway',
  async () => {
    const doubts: string[] = [];
    const whole = prepared(losing(() => false));
    const first: PreparedHost = {
      ...whole,
      request: { ...whole.request, instruments: ['io-sizes', 'pipe-states'] },
      // Where nothing can be built.
      host: { ...breaking(new Set()), machine: { ...here.host.machine, cacheDir: '/dev/null/x' } },
    };
    const { done } = await sweep(() => false, {
      first,
      arrive: async () => ({
        ...IDLE,
        store: () => {},
        warn: ({ code, message }) => doubts.push(`${code}: ${message}`),
      }),
    });
    expect(done).toEqual([]);
    expect(doubts).toEqual([expect.stringMatching(/^self-test-not-run: .*cannot keep the built/)]);
  },
);

/** A host on which every run is ended by SIGTERM. */
function terminating(): Host {
  return {
    ...breaking(new Set()),
    run: async (command) => ({
      ...(await here.host.run(command)),
      end: { kind: 'signalled', signal: 'SIGTERM' },
    }),
  };
}

it('a run that was ended by the end of the sweep is made again, and has not failed', async () => {
  let stopping = false;
  const first = prepared(
    losing(() => false),
    terminating(),
  );
  const { end, done } = await sweep(() => false, {
    first,
    stopping: () => stopping,
    // The signal arrives here later than at the benchmark.
    onStart: () => void setTimeout(() => (stopping = true), 50),
  });
  expect({ end, done }).toEqual({ end: 'stopped', done: ['1.1 interrupted'] });
});

it('a run that somebody else has ended has failed', async () => {
  const first = prepared(
    losing(() => false),
    terminating(),
  );
  const { end, done } = await sweep(() => false, { first });
  expect({ end, done }).toEqual({ end: 'hopeless', done: ['1.1 signalled', '2.1 signalled'] });
});
