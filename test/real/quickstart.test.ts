import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, Workplace } from '../cli/workplace.ts';
import { untraceable } from './required.ts';

const QUICKSTART = fileURLToPath(new URL('../../experiments/quickstart.yaml', import.meta.url));
const INSTRUMENTS = ['syscalls', 'pipe-states', 'io-sizes'];

const missing = untraceable();
const skipped = missing !== undefined;

type Row = Record<string, string>;

const place = new Workplace();
const mounts = () =>
  readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .filter((l) => /trac/.test(l));
const mountsBefore = mounts();
afterAll(() => {
  const left = place.processes();
  place.remove();
  expect(left).toEqual([]);
  expect(mounts()).toEqual(mountsBefore);
});

const sum = (rows: readonly Row[], value: (row: Row) => number) =>
  rows.reduce((total, row) => total + value(row), 0);
const count = (row: Row) => Number(row.count);

/** A sweep's tables, by run where they name one. */
function tables(folder: string) {
  const of = (name: string, run?: string) =>
    place.csv(folder, `${name}.csv`).filter((row) => run === undefined || row.run_id === run);
  return { runs: of('runs'), of: (name: string) => of(name) };
}

/** Everything that must hold of one good traced run, from the files alone. */
function expectConserved(run: Row, all: Record<string, Row[]>): void {
  const of = (name: string, operation?: string) =>
    (all[name] ?? []).filter(
      (row) =>
        row.run_id === run.run_id && (operation === undefined || row.operation === operation),
    );
  const buffer = Number(run.buffer_bytes);
  const total = Number(run.total_bytes) * Number(run.iterations);
  const messages = total / buffer;
  const roles = run.mode === '2thread' ? { read: 'both', write: 'both' } : ROLES;
  for (const operation of ['read', 'write'] as const) {
    const sizes = of('io_sizes', operation).filter((row) => Number(row.bytes) > 0);
    const calls = sum(sizes, count);
    const where = { run: run.run_id, operation };
    expect({ ...where, bytes: sum(sizes, (row) => Number(row.bytes) * count(row)) }).toEqual({
      ...where,
      bytes: total,
    });
    // A pipe holds 64 KiB: greater reads come in parts; sockets may split any.
    const whole = run.ipc === 'pipe' && (operation === 'write' || buffer <= 65536);
    if (whole) expect({ ...where, calls }).toEqual({ ...where, calls: messages });
    else expect(calls).toBeGreaterThanOrEqual(messages);
    expect(new Set(sizes.map((row) => row.role))).toEqual(new Set([roles[operation]]));

    if (run.ipc !== 'pipe') {
      expect(of('pipe_states', operation)).toEqual([]);
      continue;
    }
    const operations = sum(of('io_sizes', operation), count);
    const states = sum(of('pipe_states', operation), count);
    expect({ ...where, states }).toEqual({ ...where, states: operations });
    // Each iteration has a pipe of its own, and a transition lies within one pipe.
    const pipes = Number(run.iterations);
    const transitions = sum(of('pipe_transitions', operation), count);
    expect({ ...where, transitions }).toEqual({ ...where, transitions: operations - pipes });
    const made = sum(
      of('syscalls').filter((row) => row.syscall === operation),
      count,
    );
    expect(made).toBeGreaterThanOrEqual(calls);
  }
  expect(of('samples')).toHaveLength(Number(run.iterations));
  for (const name of Object.keys(all)) {
    for (const row of of(name)) {
      expect([row.buffer_bytes, row.total_bytes]).toEqual([run.buffer_bytes, run.total_bytes]);
    }
  }
}
const ROLES = { read: 'receiver', write: 'sender' } as const;

function expectAllConserved(folder: string): Row[] {
  const { runs, of } = tables(folder);
  const names = ['io_sizes', 'pipe_states', 'pipe_transitions', 'syscalls', 'samples'];
  const all = Object.fromEntries(names.map((name) => [name, of(name)]));
  for (const run of runs) {
    if (run.state === 'completed' && run.traced === 'true') expectConserved(run, all);
  }
  return runs;
}

const spec = (name: string, rest: string) =>
  place.write(
    `${name}.yaml`,
    `name: ${name}\ntrace: { tracer: bpftrace, instruments: [${INSTRUMENTS.join(', ')}] }\n${rest}\n`,
  );

describe.skipIf(skipped)(`a traced sweep${skipped ? ` (skipped: ${missing})` : ''}`, () => {
  describe('quickstart', () => {
    let ended: Ended;
    beforeAll(async () => {
      mkdirSync(place.path('experiments'));
      copyFileSync(QUICKSTART, place.path('experiments/quickstart.yaml'));
      ended = await place.run('run', 'experiments/quickstart.yaml');
    });

    it('ends well, with a table and the files it names', () => {
      expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining('traced by ') });
      expect(ended.stdout).toMatch(/^pipe 2proc, total 4 MiB\n *512 B +5 /m);
      expect(ended.stdout).toContain('96 completed; sweep quickstart-1 in results/ipc-sweep.db');
      expect(readdirSync(place.path('results/quickstart-1'))).toEqual(
        expect.arrayContaining(
          ['io_sizes', 'pipe_states', 'pipe_transitions', 'runs', 'samples', 'summary', 'syscalls']
            .concat('syscalls_wide')
            .map((name) => `${name}.csv`),
        ),
      );
    });

    it('counts as many reads and writes as each run made, and one transition fewer than states', () => {
      const runs = expectAllConserved('results/quickstart-1');
      expect(runs).toHaveLength(96);
      for (const run of runs) expect(run).toMatchObject({ state: 'completed', exit_code: '0' });
      const traced = runs.filter((run) => run.traced === 'true');
      expect(traced).toHaveLength(48);
      const calls = new Map<string, number>();
      for (const row of place.csv('results/quickstart-1/io_sizes.csv')) {
        const key = `${row.run_id} ${row.operation}`;
        calls.set(key, (calls.get(key) ?? 0) + Number(row.count));
      }
      for (const run of traced) {
        const messages = Number(run.total_bytes) / Number(run.buffer_bytes);
        expect(calls.get(`${run.run_id} read`)).toBe(messages);
        expect(calls.get(`${run.run_id} write`)).toBe(messages);
      }
      expect(
        place.csv('results/quickstart-1/warnings.csv').filter((r) => r.suspect === 'true'),
      ).toEqual([]);
    });

    it('makes an untraced twin of every run, for which nothing is counted', () => {
      const runs = place.csv('results/quickstart-1/runs.csv');
      const controls = runs.filter((run) => run.traced === 'false').map((run) => run.run_id);
      expect(controls).toHaveLength(48);
      for (const file of ['syscalls', 'io_sizes', 'pipe_states']) {
        const counted = place.csv('results/quickstart-1', `${file}.csv`).map((row) => row.run_id);
        expect(counted.filter((id) => controls.includes(id))).toEqual([]);
      }
      const summary = place.csv('results/quickstart-1/summary.csv');
      expect(new Set(summary.map((row) => row.untraced))).toEqual(new Set(['true']));
      expect(summary.map((row) => Number(row.probe_effect) > 0)).toEqual(Array(8).fill(true));
    });

    it('has a row for each cell in the summaries', () => {
      const summary = place.csv('results/quickstart-1/summary.csv');
      const wide = place.csv('results/quickstart-1/syscalls_wide.csv');
      expect(summary.map((row) => row.n)).toEqual(Array(8).fill('5'));
      expect(wide).toHaveLength(8);
      for (const row of wide) {
        const messages = Number(row.total_bytes) / Number(row.buffer_bytes);
        expect(Number(row.write)).toBeGreaterThanOrEqual(messages);
        expect(Number(row.read)).toBeGreaterThanOrEqual(messages);
        expect(Number(row.write)).toBeLessThan(messages + 50);
      }
    });

    it('leaves no tracer, no benchmark and no mount behind', () => {
      expect(place.processes()).toEqual([]);
      expect(mounts()).toEqual(mountsBefore);
    });

    it('is exported again with the same bytes', async () => {
      expect((await place.run('export', 'quickstart', '--out', 'again')).code).toBe(0);
      const tables = readdirSync(place.path('results/quickstart-1')).filter(
        (name) => name !== '.ipc-sweep',
      );
      for (const file of tables) {
        expect(place.read('again', file)).toBe(place.read('results/quickstart-1', file));
      }
    });
  });

  it('works for sockets, threads and several iterations', async () => {
    const name = spec(
      'channels',
      [
        'benchmark: { bare: true, iterations: 3 }',
        'matrix: { buffer_size: [4KiB, 128KiB], total_size: 256KiB, ipc: [pipe, local, tcp], mode: [2proc, 2thread] }',
        'trials: 1',
      ].join('\n'),
    );
    const { code, stderr } = await place.run('run', name);
    const [sweep] = place.query<{ id: number }>("SELECT id FROM sweep WHERE name = 'channels'");
    const runs = expectAllConserved(`results/channels-${sweep?.id}`);
    expect(runs.map((run) => [run.ipc, run.mode, run.state, run.reason])).toEqual(
      runs.map((run) => [run.ipc, run.mode, 'completed', '']),
    );
    expect({ code, stderr: stderr.includes('bug') }).toEqual({ code: 0, stderr: false });
    expect(runs).toHaveLength(12);
  });

  it('leaves out a benchmark that somebody else runs at the same time, and says so', async () => {
    const name = spec(
      'disturbed',
      'benchmark: { bare: true }\nmatrix: { buffer_size: 4KiB, total_size: 4MiB }\ntrials: 25',
    );
    const [built] = place.query<{ benchmark_path: string }>(
      'SELECT benchmark_path FROM sweep LIMIT 1',
    );
    const started = place.start(['run', name]);
    await started.says('runs of 1 cell,');
    let over = false;
    const foreign = (async () => {
      let ran = 0;
      while (!over) {
        const words = ['-j', '-B', '-b', '1024', '-t', '65536', '2proc'];
        const child = spawn(built!.benchmark_path, words, { stdio: 'ignore', cwd: place.folder });
        await new Promise((resolve) => child.once('exit', resolve));
        await new Promise((resolve) => setTimeout(resolve, 20));
        ran++;
      }
      return ran;
    })();
    const { code } = await started.ended;
    over = true;
    expect(await foreign).toBeGreaterThan(0);
    expect(code).toBe(0);
    const [sweep] = place.query<{ id: number }>("SELECT id FROM sweep WHERE name = 'disturbed'");
    const folder = `results/disturbed-${sweep?.id}`;
    const runs = expectAllConserved(folder);
    expect(runs.map((run) => run.state)).toEqual(Array(25).fill('completed'));
    // The machine under this test may be disturbed, too.
    const warnings = place
      .csv(folder, 'warnings.csv')
      .filter(({ code }) => code !== 'steal' && code !== 'throttled');
    expect(warnings.length).toBeGreaterThan(0);
    for (const warning of warnings) {
      expect(warning).toMatchObject({ code: 'foreign-benchmark', suspect: 'false' });
    }
  });

  it('goes on with a new session when its tracer is killed, and stores nothing wrong', async () => {
    const name = spec(
      'killed',
      'benchmark: { bare: true }\nmatrix: { buffer_size: [4KiB, 64KiB], total_size: 16MiB }\ntrials: 40',
    );
    const started = place.start(['run', name]);
    const tracers = () => place.processes().filter((line) => / ?(\S*\/)?bpftrace /.test(line));
    const stored = () =>
      place.query("SELECT run_id FROM run_overview WHERE sweep = 'killed'").length;
    const victims: string[] = [];
    for (const after of [5, 30]) {
      await place.until(() => stored() >= after);
      const [pid = ''] = (tracers().at(-1) ?? '').split(' ');
      expect(pid).not.toBe('');
      victims.push(pid);
      process.kill(Number(pid), 'SIGKILL');
    }
    const { stdout, stderr } = await started.ended;
    expect(stderr).not.toContain('bug');
    expect(stdout).toContain('completed');
    expect(new Set(victims).size).toBe(2);
    const [sweep] = place.query<{ id: number }>("SELECT id FROM sweep WHERE name = 'killed'");
    const runs = expectAllConserved(`results/killed-${sweep?.id}`);
    const keys = (rows: Row[]) => new Set(rows.map((run) => `${run.cell}/${run.trial}`));
    expect(keys(runs).size).toBe(80);
    for (const run of runs) expect(['completed', 'tracer-failed']).toContain(run.state);
    // Whatever the killed tracer spoiled was tried again.
    expect(keys(runs.filter((run) => run.state === 'completed')).size).toBe(80);
    const failed = runs.filter((run) => run.state === 'tracer-failed');
    for (const run of failed) expect(run.reason).toMatch(/bpftrace ended with/);
    const withoutCounts = new Set(failed.map((run) => run.run_id));
    const counted = place.csv(`results/killed-${sweep?.id}`, 'io_sizes.csv');
    expect(counted.filter((row) => withoutCounts.has(row.run_id ?? ''))).toEqual([]);
  });

  it('is finished and stored when it is interrupted, and nothing stays behind', async () => {
    const name = spec(
      'interrupted',
      'benchmark: { bare: true }\nmatrix: { buffer_size: 4KiB, total_size: 16MiB }\ntrials: 200',
    );
    const started = place.start(['run', name]);
    const stored = () =>
      place.query("SELECT run_id FROM run_overview WHERE sweep = 'interrupted'").length;
    await place.until(() => stored() >= 3);
    started.process.kill('SIGINT');
    expect((await started.ended).code).toBe(130);
    expect(place.processes()).toEqual([]);
    const done = stored();
    expect(done).toBeLessThan(200);
    const { code, stderr } = await place.run('run', name);
    expect(code).toBe(0);
    expect(stderr).toContain(`${done} of 200 runs are done`);
    expect(stored()).toBe(200);
    const [sweep] = place.query<{ id: number }>("SELECT id FROM sweep WHERE name = 'interrupted'");
    expect(expectAllConserved(`results/interrupted-${sweep?.id}`)).toHaveLength(200);
  });
});
