import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Workplace } from './workplace.ts';

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
  // Notes its own name, and does what the file NAME.do says.
  place.write(
    'hook',
    `#!/bin/sh
echo "$1" >>log
if [ -f "$1.do" ]; then . "./$1.do"; fi
`,
  );
  chmodSync(place.path('hook'), 0o755);
});
afterEach(() => {
  const left = place.processes();
  place.remove();
  expect(left).toEqual([]);
});

const HOOKS = ['setup', 'prepare', 'conclude', 'cleanup'];
const spec = (more = '') =>
  place.spec(
    'hooked',
    'answers',
    [
      'matrix: { buffer_size: 512, total_size: 4KiB }\ntrials: 2',
      ...HOOKS.map((name) => `${name}: [./hook, ${name}]`),
      more,
    ].join('\n'),
  );
/** When something was started, in ms; the clock that times it may differ by a little. */
const MS = "unixepoch(started_at, 'subsec') * 1000";
const ROUNDED_MS = 5;
const log = () => place.read('log').trim().split('\n').join(' ');
const calls = () =>
  place.query<{
    hook: string;
    run_id: number | null;
    exit_code: number | null;
    failure: string | null;
  }>(
    'SELECT hook, run_id, exit_code, failure, output_tail, command, wall_ns FROM hook_call ORDER BY id',
  );

describe('commands of the user around the runs', () => {
  it('run before and after, in the folder of the spec, and each is stored with how it ended', async () => {
    place.write('prepare.do', 'echo ready; sleep 0.3');
    const { code, stderr } = await place.run('run', spec());
    expect(code).toBe(0);
    expect(log()).toBe('setup prepare conclude prepare conclude cleanup');
    expect(stderr).toContain('setup: ./hook setup\n');
    expect(stderr).toContain('cleanup: ./hook cleanup\n');
    expect(calls().map(({ hook, run_id: run, exit_code: exit }) => [hook, run, exit])).toEqual([
      ['setup', null, 0],
      ['prepare', 1, 0],
      ['conclude', 1, 0],
      ['prepare', 2, 0],
      ['conclude', 2, 0],
      ['cleanup', null, 0],
    ]);
    expect(calls()[1]).toMatchObject({
      output_tail: 'ready',
      command: JSON.stringify([place.path('hook'), 'prepare']),
    });
    // What comes before and after a run does not belong to its time.
    const times = place.query<Record<'prepared' | 'started' | 'ended' | 'concluded', number>>(
      `SELECT prepare.ms + prepare.wall_ns / 1e6 AS prepared, run.ms AS started,
         run.ms + run.wall_ns / 1e6 AS ended, conclude.ms AS concluded
       FROM (SELECT id, wall_ns, ${MS} AS ms FROM run) AS run
       JOIN (SELECT *, ${MS} AS ms FROM hook_call) AS prepare
         ON prepare.run_id = run.id AND prepare.hook = 'prepare'
       JOIN (SELECT *, ${MS} AS ms FROM hook_call) AS conclude
         ON conclude.run_id = run.id AND conclude.hook = 'conclude'`,
    );
    expect(times).toHaveLength(2);
    for (const { prepared, started, ended, concluded } of times) {
      expect(started).toBeGreaterThanOrEqual(prepared - ROUNDED_MS);
      expect(concluded).toBeGreaterThanOrEqual(ended - ROUNDED_MS);
    }
    expect((calls()[1] as unknown as { wall_ns: number }).wall_ns).toBeGreaterThanOrEqual(3e8);
  });

  it('end the sweep before its first run when setup fails, with its output, after cleanup', async () => {
    place.write('setup.do', 'echo first; echo no such module >&2; exit 5');
    const { code, stderr } = await place.run('run', spec());
    expect(code).toBe(3);
    expect(stderr).toContain(
      'ipc-sweep: the setup has failed: exit code 5: no such module\nfirst\nno such module\nhint: no run was made there',
    );
    expect(log()).toBe('setup cleanup');
    place.write('setup.do', 'echo no such module >&2; exit 5');
    expect((await place.run('run', spec())).stderr).toContain(
      'has failed: exit code 5: no such module\nhint: no run was made there',
    );
    expect(place.query('SELECT id FROM run')).toEqual([]);
    expect(place.query('SELECT state FROM sweep')).toEqual([{ state: 'stopped' }]);
    const status = await place.run('status', 'hooked');
    expect(status.stdout).toContain('setup has failed (2 times): exit code 5: no such module');
    const document = await place.run('status', 'hooked', '--json');
    expect(JSON.parse(document.stdout).sweeps[0].failed_hooks).toEqual([
      { host: 'local', hook: 'setup', failure: 'exit code 5: no such module', calls: 2 },
    ]);
    writeFileSync(place.path('setup.do'), '');
    expect((await place.run('run', 'hooked.yaml')).code).toBe(0);
    expect(place.query('SELECT sweep_id FROM run_overview')).toEqual([
      { sweep_id: 1 },
      { sweep_id: 1 },
    ]);
  });

  it('make a run a failed one when prepare fails, without starting the benchmark', async () => {
    place.write('programs/answers.log', '');
    place.write('prepare.do', 'if [ ! -f once ]; then echo not now >&2; : >once; exit 1; fi');
    const { code } = await place.run('run', spec());
    expect(code).toBe(1);
    const [first, second] = place.query<{ state: string; reason: string; pid: number | null }>(
      'SELECT state, reason, pid FROM run ORDER BY id',
    );
    expect(first).toEqual({ state: 'failed', reason: 'prepare: exit code 1: not now', pid: null });
    expect(second).toMatchObject({ state: 'completed' });
    expect(place.read('programs/answers.log').trim().split('\n')).toHaveLength(1);
    expect(log()).toBe('setup prepare conclude prepare conclude cleanup');
    expect((await place.run('run', 'hooked.yaml', '--only-failed')).code).toBe(0);
  });

  it('make a run suspect when conclude fails, and keep its samples', async () => {
    place.write('conclude.do', 'exit 2');
    const { code } = await place.run('run', spec('retry: { suspect: 0 }'));
    expect(code).toBe(1);
    expect(place.query('SELECT state, reason FROM run')).toEqual(
      Array(2).fill({ state: 'suspect', reason: 'conclude-failed' }),
    );
    expect(place.query('SELECT * FROM sample')).toHaveLength(2);
  });

  it('are ended at their deadline, and killed when they write without end', async () => {
    place.write('setup.do', 'exec sleep 100');
    const slow = spec();
    const text = place
      .read(slow)
      .replace('[./hook, setup]', '{ command: [./hook, setup], timeout: 300ms }');
    place.write(slow, text);
    const late = await place.run('run', slow);
    expect(late.code).toBe(3);
    expect(late.stderr).toContain('the setup has failed: not done after 0.3 s');
    place.write('setup.do', 'exec yes');
    const flood = await place.run('run', slow, '--set', 'setup.timeout=1m');
    expect(flood.code).toBe(3);
    expect(flood.stderr).toContain('more than 1048576 bytes on stdout');
    const missing = await place.run('run', slow, '--setup', './is-not-there "a b"');
    expect(missing.code).toBe(3);
    expect(missing.stderr).toMatch(
      /the setup has failed: it did not start: .*\n.*is-not-there 'a b'/,
    );
  });

  it('clean up when the sweep is interrupted, and report it when the cleanup fails', async () => {
    place.write('programs/answers.log', '');
    place.write('programs/answers.hold-at', '1');
    place.write('cleanup.do', 'echo still busy; exit 9');
    const { process: child, ended, says } = place.start(['run', spec()]);
    await place.until(() => existsSync(place.path('programs/answers.held')));
    child.kill('SIGINT');
    await says('finishing the run in flight');
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(log()).toBe('setup prepare conclude cleanup');
    expect(stderr).toContain('the cleanup failed: exit code 9: still busy');
    expect(
      place.query("SELECT code, message FROM environment_warning WHERE code LIKE 'clean%'"),
    ).toEqual([
      {
        code: 'cleanup-failed',
        message: 'the cleanup of the sweep failed: exit code 9: still busy',
      },
    ]);
  });

  it('are killed by the second Ctrl-C before the first run, and the cleanup is still done', async () => {
    place.write('setup.do', 'sleep 100');
    const { process: child, ended, says } = place.start(['run', spec()]);
    await place.until(() => existsSync(place.path('log')));
    child.kill('SIGINT');
    await says('waiting for the setup to end; a second Ctrl-C kills it');
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toContain('the setup has failed: interrupted');
    expect(stderr).not.toContain('the run in flight');
    expect(log()).toBe('setup cleanup');
  });

  it('end with everything else at the third Ctrl-C, and `run` goes on afterwards', async () => {
    place.write('cleanup.do', 'exec sleep 1000');
    const name = spec();
    const { process: child, ended, says } = place.start(['run', name]);
    await says('cleanup: ./hook cleanup');
    child.kill('SIGINT');
    await says('waiting for the cleanup to end');
    child.kill('SIGINT');
    // What npm passes on of one Ctrl-C comes at once, and does not count.
    child.kill('SIGINT');
    await sleep(1000);
    expect(child.exitCode).toBeNull();
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    await expect.poll(() => place.processes()).toEqual([]);
    place.write('cleanup.do', '');
    expect((await place.run('run', name)).code).toBe(0);
  });

  it('leave no process behind, and belong to the conditions of the sweep', async () => {
    place.write('prepare.do', 'sleep 1000 &');
    const name = spec();
    expect((await place.run('run', name, '--trials=1')).code).toBe(0);
    expect(place.processes()).toEqual([]);
    const { stderr } = await place.run('run', name, '--trials=1', '--cleanup', 'true');
    expect(stderr).toContain(
      'cleanup (["true"], was ["./hook","cleanup"]) differs from sweep hooked-1: starting a new one',
    );
    const plan = JSON.parse((await place.run('plan', '--json', name)).stdout);
    expect(plan.hooks).toEqual(Object.fromEntries(HOOKS.map((hook) => [hook, ['./hook', hook]])));
  });
});
