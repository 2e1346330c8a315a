import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { MAIN, Workplace } from './workplace.ts';

let place: Workplace;
afterEach(async () => {
  try {
    await expect.poll(() => place.processes()).toEqual([]);
  } finally {
    place.remove();
  }
});

/** Eight runs, each of a given length. */
function sweep(seconds: number, trials = 4): string {
  place = new Workplace();
  place.write('programs/answers.delay', String(seconds));
  place.write('programs/answers.log', '');
  return place.spec('slow', 'answers', `matrix: { buffer_size: [512, 1KiB] }\ntrials: ${trials}`);
}
const begun = () => place.read('programs/answers.log').split('\n').length - 1;

describe('a second run', () => {
  it('is refused at once with a message that names the first, until the first is killed', async () => {
    const spec = sweep(0);
    // However slow this machine is, the sweep lasts until it is killed.
    place.write('programs/answers.hold-at', '3');
    const first = place.start(['run', spec]);
    await place.until(() => existsSync(place.path('programs/answers.held')));
    const second = await place.run('run', spec);
    expect(second).toMatchObject({ code: 3, stdout: '' });
    expect(second.stderr).toMatch(
      new RegExp(
        `ipc-sweep\\.db is in use: pid ${first.process.pid} on .+, since 2.+\\nhint: wait for it`,
      ),
    );
    expect((await place.run('status')).stdout).toMatch(/^slow-1 +running +\d\/8 /m);

    first.process.kill('SIGKILL');
    await first.ended;
    const status = JSON.parse((await place.run('status', '--json')).stdout);
    expect(status.sweeps[0]).toMatchObject({ state: 'interrupted', planned_runs: 8 });
    expect((await place.run('status', 'slow')).stdout).toContain('sweep slow-1: interrupted,');
    await expect.poll(() => place.processes()).toEqual([]);

    rmSync(place.path('programs/answers.hold-at'));
    expect((await place.run('run', spec)).code).toBe(0);
    expect(place.query('SELECT run_id FROM run_overview')).toHaveLength(8);
    expect(place.query('SELECT state FROM sweep')).toEqual([{ state: 'ended' }]);
  });
});

describe('an export while a sweep runs', () => {
  it('shows one moment of the database: every run has its sample, and the summary counts them all', async () => {
    const spec = sweep(0, 60);
    const started = place.start(['run', spec]);
    await place.until(() => begun() >= 2);
    const sizes: number[] = [];
    while (started.process.exitCode === null && sizes.length < 4) {
      expect((await place.run('export', '--out', 'early')).code).toBe(0);
      const runs = place.csv('early/runs.csv').map((row) => row.run_id);
      const sampled = place.csv('early/samples.csv').map((row) => row.run_id);
      expect(sampled.sort()).toEqual(runs.sort());
      const counted = place.csv('early/summary.csv').map((row) => Number(row.runs_completed));
      expect(counted.reduce((sum, count) => sum + count, 0)).toBe(runs.length);
      sizes.push(runs.length);
    }
    expect(sizes.length).toBeGreaterThan(0);
    expect((await started.ended).code).toBe(0);
  });
});

describe('a full disk', () => {
  it('ends the sweep with exit code 3 and what to mend; what is stored is whole, and `run` goes on', (context) => {
    const spec = sweep(0, 40);
    // A file system of its own, which ends with the shell that made it.
    const script = `mkdir results && mount -t tmpfs -o size=600k none results || exit 99
      "$@"; echo "ended with $?"
      cp results/ipc-sweep.db* . && mount -o remount,size=60m results
      "$@"; echo "ended with $?"`;
    const words = ['-m', 'sh', '-c', script, 'sh', process.execPath, MAIN, 'run', spec];
    const { status, stdout, stderr } = spawnSync('unshare', words, {
      cwd: place.folder,
      env: { ...process.env, XDG_CACHE_HOME: place.path('cache') },
      encoding: 'utf8',
    });
    if (status !== 0) return context.skip('needs root, to make a small file system');
    expect(stdout.match(/ended with \d+/g)).toEqual(['ended with 3', 'ended with 0']);
    expect(stderr).toMatch(
      /cannot use the database results\/ipc-sweep\.db: .*\(SQLITE_\w+\)\nhint: .*free space/,
    );
    expect(stderr).not.toContain('bug');
    const kept = place.query('SELECT run_id FROM run_overview', 'ipc-sweep.db').length;
    expect(kept).toBeGreaterThan(0);
    expect(stderr).toContain(`continuing sweep slow-1: ${kept} of 80 runs are done`);
    expect(stdout).toContain('80 completed; sweep slow-1');
  });
});
