import { spawn, spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bpftrace } from '../../src/trace/bpftrace/bpftrace.ts';
import { type Ended, Workplace } from '../cli/workplace.ts';
import { hindrance } from './traced-runs.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const AS_NOBODY = fileURLToPath(new URL('./as-nobody.sh', import.meta.url));
const KIB = 1024;

/** A place that belongs to nobody, in which the project and Node can be reached. */
class NobodysPlace extends Workplace {
  readonly #nobody: { readonly uid: number; readonly gid: number };

  constructor() {
    super();
    const idOf = (option: string) => Number(spawnSync('id', [option, 'nobody']).stdout);
    this.#nobody = { uid: idOf('-u'), gid: idOf('-g') };
    for (const part of ['bundle', 'node_modules']) {
      mkdirSync(this.path('project', part), { recursive: true });
    }
    writeFileSync(this.path('project', 'package.json'), '');
    writeFileSync(this.path('node'), '');
    chownSync(this.folder, this.#nobody.uid, this.#nobody.gid);
  }

  get owner(): number {
    return this.#nobody.uid;
  }

  /** The rule that lets `nobody` start the agent by sudo, and nothing else. */
  get rule(): string {
    return `nobody ALL=(root) NOPASSWD: ${this.path('cache/ipc-sweep')}/agent-*/agent *`;
  }

  /** Runs a command as nobody; its process is the command's own. */
  asNobody(rule: string, command: readonly string[]) {
    const own = ['--mount', '--propagation', 'private', 'sh', AS_NOBODY];
    const child = spawn(
      'unshare',
      [...own, rule, PROJECT, realpathSync(process.execPath), ...command],
      {
        cwd: this.folder,
        env: {
          PATH: process.env.PATH ?? '',
          HOME: this.folder,
          TMPDIR: this.folder,
          XDG_CACHE_HOME: this.path('cache'),
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        said[name] += chunk;
      });
    }
    const ended = new Promise<Ended>((resolve) =>
      child.once('close', (code, signal) => resolve({ code, signal, ...said })),
    );
    return { child, ended };
  }

  sweep(rule: string, ...words: string[]) {
    return this.asNobody(rule, [this.path('node'), 'project/bundle/main.js', ...words]);
  }

  /** Everything below that does not belong to nobody. */
  foreign(...names: string[]): string[] {
    return names
      .flatMap((name) => [
        name,
        ...readdirSync(this.path(name), { recursive: true, encoding: 'utf8' }).map((below) =>
          join(name, below),
        ),
      ])
      .filter((name) => lstatSync(this.path(name)).uid !== this.owner);
  }

  programs(): string[] {
    return this.processes().map((line) => line.split(/\s/)[1]!.replace(/^.*\//, ''));
  }
}

async function whyNot(): Promise<string> {
  if (process.getuid?.() !== 0) return 'these tests need root, to become nobody';
  if (!existsSync('/etc/sudoers.d')) return 'sudo is not installed, or has no /etc/sudoers.d';
  const without = await hindrance(bpftrace);
  if (without !== '') return without;
  const place = new NobodysPlace();
  try {
    const version = await place.sweep('', '--version').ended;
    if (version.code !== 0) return `nobody cannot run ipc-sweep: ${version.stderr}`;
    const any = 'nobody ALL=(root) NOPASSWD: ALL';
    const sudo = await place.asNobody(any, ['sudo', '-n', '--', 'true']).ended;
    return sudo.code === 0 ? '' : `sudo does not work here: ${sudo.stderr}`;
  } finally {
    place.remove();
  }
}

const hindered = await whyNot();

it.runIf(process.env.IPC_SWEEP_REQUIRE_REAL === '1')(
  'a usable sudo is found on this machine',
  () => {
    expect(hindered).toBe('');
  },
);

describe.skipIf(hindered)(`trace.sudo ${hindered}`, () => {
  let place: NobodysPlace;

  const spec = (trace: string, { total = '1MiB', trials = 3, program = 'bundled' } = {}) =>
    place.write(
      'sweep.yaml',
      [
        'name: sweep',
        `benchmark: { bare: true, program: ${program} }`,
        `matrix: { buffer_size: [4KiB, 16KiB], total_size: ${total} }`,
        `trace: { sudo: true, ${trace} }`,
        `trials: ${trials}`,
        '',
      ].join('\n'),
    );

  beforeEach(() => {
    place = new NobodysPlace();
  });
  afterEach(() => {
    for (const line of place.processes()) {
      try {
        process.kill(Number(line.split(' ')[0]), 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
    place.remove();
  });

  it('traces every call, and everything that is written belongs to the user who ran it', async () => {
    const { code, stderr } = await place.sweep(place.rule, 'run', spec('tracer: bpftrace')).ended;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toContain('traced by bpftrace');
    const runs = place.csv('results/sweep-1/runs.csv');
    expect(runs.map(({ state }) => state)).toEqual(Array(6).fill('completed'));
    for (const { run_id } of runs) {
      for (const operation of ['read', 'write']) {
        const bytes = place
          .csv('results/sweep-1/io_sizes.csv')
          .filter((row) => row.run_id === run_id && row.operation === operation)
          .reduce((sum, row) => sum + Number(row.bytes) * Number(row.count), 0);
        expect(bytes).toBe(KIB * KIB);
      }
    }
    expect(place.foreign('results', 'cache')).toEqual([]);
    expect(place.processes()).toEqual([]);
  });

  it('starts scripts through sudo, too, for each run, and a sweep of root continues it', async () => {
    place.write(
      'calls.bt',
      'tracepoint:raw_syscalls:sys_enter /comm == "ipc-benchmark"/ { @calls[comm] = count(); }\n',
    );
    const trace = 'attach: per-run, scripts: [calls.bt]';
    const first = await place.sweep(place.rule, 'run', spec(trace, { trials: 1 })).ended;
    expect(first).toMatchObject({ code: 0 });
    const file = spec(trace, { trials: 2 });
    place.write(file, place.read(file).replace('sudo: true', 'sudo: false'));
    // Root needs no sudo, and makes the same runs under the same conditions.
    const second = await place.run('run', file);
    expect(second).toMatchObject({ code: 0, stderr: expect.stringContaining('continuing sweep') });
    expect(place.csv('results/sweep-1/runs.csv').map(({ state }) => state)).toEqual(
      Array(4).fill('completed'),
    );
    const counted = place.csv('results/sweep-1/aggregations.csv');
    expect(new Set(counted.map(({ run_id }) => run_id)).size).toBe(4);
  });

  it('leaves no tracer after kill -9', async () => {
    const file = spec('tracer: bpftrace', { total: '64MiB', trials: 1000 });
    const { child, ended } = place.sweep(place.rule, 'run', file);
    await expect
      .poll(() => place.programs())
      .toEqual(expect.arrayContaining(['sudo', 'agent', 'bpftrace', 'ipc-benchmark']));
    child.kill('SIGKILL');
    await ended;
    await expect.poll(() => place.programs()).toEqual([]);
  });

  it('attaches a new tracer when the first one is killed', async () => {
    const file = spec('tracer: bpftrace', { total: '16MiB', trials: 20 });
    const { ended } = place.sweep(place.rule, 'run', file);
    await expect
      .poll(() => place.programs())
      .toEqual(expect.arrayContaining(['bpftrace', 'ipc-benchmark']));
    const line = place.processes().find((words) => /^\d+ bpftrace/.test(words))!;
    process.kill(Number(line.split(' ')[0]), 'SIGKILL');
    // A busy machine may leave runs in doubt: all are made, though.
    expect((await ended).code).toBeLessThanOrEqual(1);
    const runs = place.csv('results/sweep-1/runs.csv');
    expect(new Set(runs.map(({ trial }) => trial)).size).toBe(20);
    expect(runs.at(-1)?.state).toBe('completed');
    expect(place.processes()).toEqual([]);
  });

  it.each([
    ['no rule', ''],
    ['a rule for the tracer alone', 'nobody ALL=(root) NOPASSWD: /usr/bin/bpftrace'],
  ])('says with %s that sudo asks for a password, and runs nothing', async (_, rule) => {
    for (const tracer of ['auto', 'bpftrace']) {
      const ended = await place.sweep(rule, 'run', spec(`tracer: ${tracer}`)).ended;
      expect(ended.code).toBe(3);
      expect(ended.stderr).toContain('runs cannot be traced: sudo asks for a password');
      expect(ended.stderr).toMatch(
        /hint: run `sudo -v` first, or add a rule that permits .*\/agent /,
      );
    }
    expect(existsSync(place.path('results'))).toBe(false);
  });

  it('lets doctor --sudo examine what can be started through sudo', async () => {
    const with_ = await place.sweep(place.rule, 'doctor', '--sudo').ended;
    expect(with_.code).toBe(0);
    expect(with_.stdout).toMatch(/ok {2}bpftrace .*\n.*\n +pipe self-test: passed/);
    const without = await place.sweep('', 'doctor', '--sudo').ended;
    expect(without.code).toBe(3);
    expect(without.stdout).toMatch(/no {2}bpftrace .*: sudo asks for a password/);
  });
});
