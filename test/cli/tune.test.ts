import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { fileTree, LAPTOP } from '../host/machine/file-tree.ts';
import { type Ended, MAIN, Workplace } from './workplace.ts';

const CPU = '/sys/devices/system/cpu';
/**
 * Runs a command in a mount name space of its own, with the files of a laptop in the place of this
 * machine's.
 */
const NAMESPACE = ['-m', 'sh', '-c', `mount --bind "$0" ${CPU} && exec "$@"`];

let place: Workplace;
let root: string;
beforeEach((context: TestContext) => {
  place = new Workplace();
  root = fileTree(LAPTOP);
  const probe = spawnSync('unshare', [...NAMESPACE, root + CPU, 'true'], { encoding: 'utf8' });
  if (probe.status === 0) return;
  if (process.env.IPC_SWEEP_REQUIRE_REAL === '1') expect(probe.stderr).toBe('');
  context.skip('needs root and mount name spaces (Linux)');
});
afterEach(async () => {
  try {
    await expect.poll(() => place.processes()).toEqual([]);
  } finally {
    place.remove();
  }
});

const read = (path: string) => readFileSync(`${root}${CPU}/${path}`, 'utf8').trim();
const state = () => [
  ...new Set([0, 1, 2, 3].map((n) => read(`cpufreq/policy${n}/scaling_governor`))),
  read('intel_pstate/no_turbo'),
];
const TUNED = ['performance', '1'];
const UNTUNED = ['powersave', '0'];

/** Starts `ipc-sweep` on the laptop; its pid is the one that is returned. */
function start(...words: string[]) {
  const command = [...NAMESPACE, root + CPU, process.execPath, MAIN, ...words];
  const child = spawn('unshare', command, {
    cwd: place.folder,
    env: { ...process.env, XDG_CACHE_HOME: place.path('cache') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      said[name] += chunk;
    });
  }
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, ...said }));
  });
  return { process: child, ended, said };
}

/** The two processes of the agent, the one that was started first. */
const agents = () => {
  const pids = place
    .processes()
    .filter((line) => /\/agent [0-9a-f]+/.test(line))
    .map((line) => Number(line.split(' ')[0]));
  expect(pids).toHaveLength(2);
  return pids.sort((a, b) => a - b);
};

const letGo = () => rmSync(place.path('programs/answers.hold-at'));

/** A sweep of eight runs, tuned, in the middle of one of its runs. */
async function underWay() {
  // However slow this machine is, the sweep is not over before it is let go.
  place.write('programs/answers.hold-at', '2');
  place.write('programs/answers.log', '');
  const spec = place.spec('tuned', 'answers', 'matrix: { buffer_size: [512, 1KiB] }\ntrials: 4');
  const started = start('run', spec, '--tune');
  const held = place.path('programs/answers.held');
  await place.until(() => existsSync(held) || started.process.exitCode !== null);
  expect(started.said.stderr).not.toContain('ipc-sweep:');
  expect(state()).toEqual(TUNED);
  return started;
}

describe('`run --tune` restores the settings of the machine', () => {
  it('when the sweep has ended, and the environment says what was set', async () => {
    const { ended } = await underWay();
    letGo();
    const { code, stderr } = await ended;
    expect(code, stderr).toBe(0);
    expect(state()).toEqual(UNTUNED);
    const facts = place.query<{ key: string; value: string }>(
      'SELECT key, value FROM environment_fact',
    );
    expect(Object.fromEntries(facts.map(({ key, value }) => [key, value]))).toMatchObject({
      tuned: '1',
      tuned_governor: 'powersave -> performance',
      tuned_turbo: 'on -> off',
      cpu_governor: 'performance',
      turbo: 'off',
    });
    expect(stderr).toContain('throttled: heat has slowed');
    expect(stderr).not.toMatch(/governor-not-performance|turbo-on|tuning-lost|put back/);
    expect(place.query('SELECT DISTINCT cpu0_khz FROM run_condition')).toEqual([
      { cpu0_khz: 2_400_123 },
    ]);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('after %s', async (signal) => {
    const { process: child, ended, said } = await underWay();
    child.kill(signal);
    await place.until(() => said.stderr.includes('finishing the run in flight'));
    letGo();
    expect((await ended).code).toBe(130);
    expect(state()).toEqual(UNTUNED);
  });

  it('after a second Ctrl-C', async () => {
    const { process: child, ended, said } = await underWay();
    child.kill('SIGINT');
    await place.until(() => said.stderr.includes('finishing the run in flight'));
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(state()).toEqual(UNTUNED);
  });

  it('after an error in the middle of the sweep', async () => {
    const { ended } = await underWay();
    rmSync(place.path('results'), { recursive: true });
    letGo();
    const { code, stderr } = await ended;
    expect(stderr).toContain('was deleted during the sweep');
    expect(code).toBe(3);
    expect(state()).toEqual(UNTUNED);
  });

  it('after kill -9 of ipc-sweep', async () => {
    const { process: child, ended } = await underWay();
    child.kill('SIGKILL');
    expect((await ended).signal).toBe('SIGKILL');
    await expect.poll(state).toEqual(UNTUNED);
  });

  it.each([
    ['the agent', (pids: readonly number[]) => pids.slice(1)],
    ['the process that keeps the agent', (pids: readonly number[]) => pids.slice(0, 1)],
    ['both, so that nobody is left to put it back', (pids: readonly number[]) => pids],
  ])('after kill -9 of %s, when ipc-sweep goes on with a new agent', async (_, victims) => {
    const { ended, said } = await underWay();
    for (const pid of victims(agents())) process.kill(pid, 'SIGKILL');
    await place.until(() => said.stderr.includes('local is back'));
    expect(state()).toEqual(TUNED);
    letGo();
    const { code, stderr } = await ended;
    expect(code, stderr).toBe(0);
    expect(state()).toEqual(UNTUNED);
    expect(place.query("SELECT value FROM environment_fact WHERE key = 'tuned_governor'")).toEqual([
      { value: 'powersave -> performance' },
      { value: 'powersave -> performance' },
    ]);
  });

  it('after kill -9 of the agent, when the sweep ends before there is a new one', async () => {
    const { process: child, ended, said } = await underWay();
    child.kill('SIGINT');
    await place.until(() => said.stderr.includes('finishing the run in flight'));
    for (const pid of agents()) process.kill(pid, 'SIGKILL');
    expect((await ended).code).toBe(130);
    expect(state()).toEqual(UNTUNED);
  });
});

describe('`run --tune`', () => {
  it('notes in the environment that somebody else has changed the same setting meanwhile', async () => {
    const { ended } = await underWay();
    writeFileSync(`${root}${CPU}/intel_pstate/no_turbo`, '0\n');
    letGo();
    expect((await ended).stderr).toMatch(/tuning-lost: .*no_turbo was no longer 1/);
    expect(
      place.query("SELECT message FROM environment_warning WHERE code = 'tuning-lost'"),
    ).toHaveLength(1);
  });

  it('is refused without a compiler for the agent, and nothing is changed', async () => {
    const spec = place.spec('unwatched', 'answers');
    const compiler = process.env.CC;
    process.env.CC = '/nonexistent/cc';
    try {
      const ended = await start('run', spec, '--tune').ended;
      expect(ended.code).toBe(3);
      expect(ended.stderr).toMatch(/no C compiler|\/nonexistent\/cc/);
    } finally {
      if (compiler === undefined) delete process.env.CC;
      else process.env.CC = compiler;
    }
    expect(state()).toEqual(UNTUNED);
  });
});

it('`doctor --tune` shows values and hints, and changes nothing', async () => {
  const { code, stdout } = await start('doctor', '--tune').ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^governor {2,}powersave {2,}performance {2,}/m);
  expect(stdout).toMatch(/^turbo {2,}on {2,}off {2,}intel_pstate\/no_turbo$/m);
  expect(stdout).toContain('aslr: kernel.randomize_va_space is');
  expect(state()).toEqual(UNTUNED);
  const { stdout: json } = await start('doctor', '--tune', '--json').ended;
  const [here, ...others] = JSON.parse(json).hosts;
  expect(others).toEqual([]);
  expect(here.settings[1]).toMatchObject({ name: 'turbo', now: 'on' });
  const both = await start('doctor', '--tune', '--db', 'x.db').ended;
  expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('exclude each other')]);
});
