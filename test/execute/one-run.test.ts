import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { executeRun, type RunSetting } from '../../src/execute/one-run.ts';
import type { Host } from '../../src/host/host.ts';
import { NO_ROWS } from '../../src/instruments/instruments.ts';
import type { PlannedRun } from '../../src/plan/order.ts';
import type { TraceSession } from '../../src/trace/tracer.ts';
import { type LocalHost, localHost } from '../host/local-host.ts';

const ANSWERS = fileURLToPath(new URL('../fixtures/programs/answers', import.meta.url));
const PLANNED: PlannedRun = {
  cell: { ipc: 'pipe', mode: '2proc', bufferBytes: 512, totalBytes: 4096, socketBuffers: false },
  ...{ ordinal: 1, block: 1, cellIndex: 0, trial: 1, warmup: false, traced: false },
};
const stat = (steal: number) =>
  `cpu  1 2 3 4 5 6 7 0 0 0\ncpu0 1 2 3 4 5 6 7 ${steal} 0 0\nctxt ${steal * 100}`;

let here: LocalHost;
beforeAll(async () => {
  here = await localHost();
});
afterAll(() => here.close());

/** A benchmark that does something before it answers. */
function setting(before: string, host: Host = here.host): RunSetting {
  const path = join(here.folder, 'benchmark');
  writeFileSync(path, `#!/bin/sh\n${before}\nexec ${ANSWERS} "$@"\n`);
  chmodSync(path, 0o755);
  return {
    host,
    program: {
      path,
      execname: 'benchmark',
      sha256: '',
      bundled: false,
      checkUnchanged: async () => {},
    },
    options: { bare: true, iterations: 1, rusage: false },
    ...{ instruments: [], events: false, scripts: [], deadlineMs: 300_000 },
    abort: new AbortController().signal,
    privilege: { state: 'own' },
    copyBytesPerS: undefined,
    allowance: { processor0: true, throttleFiles: [] },
  };
}

/** This machine, but for what moved on it during a run. */
function moved(steal: number): Host {
  const { host } = here;
  return {
    name: host.name,
    machine: { ...host.machine, platform: 'linux' },
    run: async (command) => ({
      ...(await host.run({ ...command, watch: [] })),
      before: [stat(3)],
      after: [stat(3 + steal)],
    }),
  } as Partial<Host> as Host;
}

it('the standard error of a good run is noted, and the run is not said to be on processor 0', async () => {
  const said = 'ipc-benchmark: warning: not bound to CPU 0: Invalid argument';
  const run = await executeRun(PLANNED, 1, undefined, setting(`echo "${said}" >&2`, moved(1000)));
  expect(run.outcome.state).toBe('completed');
  expect(run.doubts).toEqual([{ code: 'benchmark-stderr', message: said, suspect: false }]);
  expect(run.conditions).toMatchObject({ stealNs: null, contextSwitches: 100_000 });
});

it('a run is judged by what happened on the machine meanwhile, and stays completed', async () => {
  const stolen = await executeRun(PLANNED, 1, undefined, setting(':', moved(1000)));
  expect(stolen.conditions).toMatchObject({ stealNs: 10_000_000_000, contextSwitches: 100_000 });
  expect(stolen.doubts.map(({ code }) => code)).toEqual(['steal']);
  expect(stolen.outcome.state).toBe('completed');

  const calm = await executeRun(PLANNED, 2, undefined, setting(':', moved(0)));
  expect(calm.conditions).toMatchObject({ stealNs: 0, contextSwitches: 0 });
  expect(calm.doubts).toEqual([]);
});

it('the result of a run holds what the kernel says of its processes', async () => {
  const { use, wallNs } = await executeRun(PLANNED, 1, undefined, setting(':'));
  expect(use?.maxRssBytes).toBeGreaterThan(100_000);
  expect(use?.userNs).toBeLessThanOrEqual(wallNs * 8);
});

it('a run that leaves a process behind is suspect, and the process is killed', async () => {
  const run = await executeRun(PLANNED, 1, undefined, setting('sleep 600 >/dev/null 2>&1 &'));
  expect(run.outcome.state).toBe('suspect');
  expect(run.doubts.map(({ code }) => code)).toEqual(['left-behind']);
});

it('a run beside another benchmark stays good when there is no script to confuse', async () => {
  const note = { code: 'foreign-benchmark', message: 'another one (pid 1)', suspect: false };
  const nothing = {
    ...NO_ROWS,
    events: [],
    io_sizes: [
      { role: 'sender', operation: 'write', bytes: 512, count: 8 },
      { role: 'receiver', operation: 'read', bytes: 512, count: 8 },
    ],
  } as const;
  const session: TraceSession = {
    state: 'attached',
    begin() {},
    collect: async () => ({ state: 'counted', counts: nothing, raw: '', doubts: [note] }),
    close: async () => true,
  };
  const run = await executeRun({ ...PLANNED, traced: true }, 1, session, setting(':'));
  expect(run.doubts).toEqual([note]);
  expect(run.outcome.state).toBe('completed');
});

it('a program for another machine causes an error that says so, and no shell runs it', async () => {
  const path = join(here.folder, 'foreign');
  const made = join(here.folder, 'made-by-a-shell');
  writeFileSync(path, `touch '${made}'\n`);
  chmodSync(path, 0o755);
  const program = {
    path,
    execname: 'foreign',
    sha256: '',
    bundled: false,
    checkUnchanged: async () => {},
  };
  await expect(
    executeRun(PLANNED, 1, undefined, { ...setting(':'), program }),
  ).rejects.toMatchObject({ exitCode: 3, message: expect.stringMatching(/exec format error/i) });
  expect(existsSync(made)).toBe(false);
});

it('a run whose counts were lost with the agent does not count and is made again', async () => {
  let lost = false;
  const host = {
    ...{ name: 'board', machine: here.host.machine },
    run: (command) => here.host.run(command),
    get lost() {
      return lost;
    },
  } as Partial<Host> as Host;
  const session = {
    ...{ state: 'attached', begin: () => {}, close: async () => true },
    collect: async () => {
      lost = true;
      return { state: 'failed', reason: 'bpftrace ended', raw: '', doubts: [] };
    },
  } as TraceSession;
  const run = executeRun({ ...PLANNED, traced: true }, 1, session, setting(':', host));
  await expect(run).rejects.toThrow(/board is lost/);
});
