import { chmodSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Workplace } from './workplace.ts';

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
  place.write('programs/answers.log', '');
});
afterEach(() => {
  const left = place.processes();
  place.remove();
  expect(left).toEqual([]);
});

const begun = () => place.read('programs/answers.log').split('\n').slice(0, -1);
const spec = (sizes: string, trials: number, program = 'answers') =>
  place.spec(
    'changing',
    program,
    `matrix: { buffer_size: [${sizes}], total_size: 4KiB }\ntrials: ${trials}`,
  );
const runs = () =>
  place.query<{ buffer_bytes: number; trial: number; attempt: number; state: string }>(
    'SELECT buffer_bytes, trial, attempt, state FROM run_overview ORDER BY run_id',
  );

/** A program that fails for cells of 1 KiB until the file `mended` is there. */
function failing(): string {
  place.write(
    'programs/failing',
    `#!/bin/sh
[ -f "$(dirname "$0")/mended" ] || case " $* " in *" -b 1024 "*) exit 74 ;; esac
exec "$(dirname "$0")/answers" "$@"
`,
  );
  chmodSync(place.path('programs/failing'), 0o755);
  return 'failing';
}

describe('a spec that asks for other cells or trials', () => {
  it('continues its sweep: only new runs are made, and cells no longer asked for are set aside', async () => {
    expect((await place.run('run', spec('512, 1KiB', 2))).code).toBe(0);
    const before = runs();
    const { code, stdout, stderr } = await place.run('run', spec('1KiB, 2KiB', 2));
    expect(code).toBe(0);
    expect(stderr).toContain(
      'the spec has changed: 1 new cell, 1 kept, 1 no longer asked for (their runs stay stored)\n' +
        '  new: pipe 2proc 2 KiB of 4 KiB\n  no longer asked for: pipe 2proc 512 B of 4 KiB\n' +
        'continuing sweep changing-1: 2 of 4 runs are done\n2 runs of 2 cells',
    );
    expect(stdout).toContain('4 completed; sweep changing-1');
    expect(begun()).toHaveLength(6);
    expect(begun().filter((words) => words.includes('-b 2048'))).toHaveLength(2);
    expect(place.query('SELECT id FROM run')).toHaveLength(6);
    for (const file of ['runs', 'samples', 'summary', 'syscalls_wide']) {
      const sizes = place.csv('results/changing-1', `${file}.csv`).map((row) => row.buffer_bytes);
      expect([file, [...new Set(sizes)].sort()]).toEqual([file, ['1024', '2048']]);
    }

    const back = await place.run('run', spec('512, 1KiB', 2));
    expect(back.stderr).toContain('sweep changing-1 is complete (4 runs)');
    expect(begun()).toHaveLength(6);
    expect(runs()).toEqual(before);
  });

  it('keeps the blocks that are done, and adds more trials after them in the planned order', async () => {
    expect((await place.run('run', spec('512, 1KiB, 2KiB, 4KiB', 3))).code).toBe(0);
    const { code, stderr } = await place.run('run', spec('512, 1KiB, 2KiB, 4KiB', 5));
    expect(code).toBe(0);
    expect(stderr).not.toContain('the spec has changed');
    expect(stderr).toContain('continuing sweep changing-1: 12 of 20 runs are done');
    const plan = JSON.parse((await place.run('plan', '--json', 'changing.yaml')).stdout);
    expect(runs().map((run) => [run.buffer_bytes, run.trial])).toEqual(
      plan.runs.map((run: { cell: number; trial: number }) => [
        plan.cells[run.cell - 1].buffer_bytes,
        run.trial,
      ]),
    );
  });

  it('counts only the trials that are asked for, when they are fewer, and keeps the others', async () => {
    const more = (trials: number) => {
      const name = spec('512, 1KiB', trials, failing());
      return place.write(name, `${place.read(name)}order: sequential\nmax_failures: 2\n`);
    };
    // 512 B three times; then 1 KiB fails twice, and the third is not tried.
    const first = await place.run('run', more(3));
    expect(first.code).toBe(1);
    expect(first.stdout).toContain('3 completed, 2 failed');
    place.write('programs/mended', '');
    expect((await place.run('run', more(3), '--only-failed')).code).toBe(1);
    const { code, stderr } = await place.run('run', more(1));
    expect(stderr).toContain('sweep changing-1 is complete (2 runs)');
    expect(code).toBe(0);
    expect(place.csv('results/changing-1/runs.csv')).toHaveLength(7);
    const status = await place.run('status');
    expect(status.stdout).toMatch(/^changing-1 +ended +2\/2 +0 /m);
  });

  it('starts a new sweep under other conditions, and says why', async () => {
    const name = spec('512', 1);
    expect((await place.run('run', name)).code).toBe(0);
    place.write(name, `${place.read(name)}seed: 2\n`);
    const { code, stderr } = await place.run('run', name);
    expect(code).toBe(0);
    expect(stderr).toContain('seed (2, was 1) differs from sweep changing-1: starting a new one');
    expect(place.query('SELECT id FROM sweep')).toHaveLength(2);
  });
});

describe('runs that failed', () => {
  it('are repeated only with --only-failed, as new attempts, and then the exit code is 0', async () => {
    const name = spec('512, 1KiB', 2, failing());
    expect((await place.run('run', name)).code).toBe(1);
    expect(begun()).toHaveLength(2);
    const again = await place.run('run', name);
    expect({ code: again.code, begun: begun().length }).toEqual({ code: 1, begun: 2 });
    const still = await place.run('run', name, '--only-failed');
    expect(still.code).toBe(1);
    expect(still.stderr).toContain('2 runs of 2 cells');

    place.write('programs/mended', '');
    const { code, stdout } = await place.run('run', name, '--only-failed');
    expect(code).toBe(0);
    // Each run counts once, as it does in the report.
    expect(stdout).toMatch(/^4 completed; sweep/m);
    expect((await place.run('status')).stdout).toMatch(/ +ended +4\/4 +0 /);
    const { sweeps } = JSON.parse((await place.run('status', '--json')).stdout);
    expect(sweeps[0]).toMatchObject({
      ...{ runs_by_state: { completed: 4, failed: 0 }, not_good_runs: 0 },
      hosts: [{ not_good_runs: 0 }],
    });
    expect((await place.run('status', '1')).stdout).toMatch(
      /^not good \(4 attempts; 0 runs without a completed one\):\n *run +cell\/trial +attempt +state +reason\n +\d+ +2\/1 +1 +failed/m,
    );
    expect(begun()).toHaveLength(4);
    const of1KiB = runs().filter((run) => run.buffer_bytes === 1024);
    for (const trial of [1, 2]) {
      expect(of1KiB.filter((run) => run.trial === trial)).toEqual(
        ['failed', 'failed', 'completed'].map((state, at) => ({
          ...{ buffer_bytes: 1024, trial, attempt: at + 1, state },
        })),
      );
    }
    expect(place.query('SELECT state FROM sweep')).toEqual([{ state: 'ended' }]);

    const none = await place.run('run', name, '--only-failed');
    expect(none.code).toBe(0);
    expect(none.stderr).toContain('no run has failed');
    expect((await place.run('run', name)).code).toBe(0);
    expect(begun()).toHaveLength(4);
  });

  it('are not looked for in a sweep that does not exist: --only-failed creates none', async () => {
    const name = spec('512', 1);
    const refused = async (...words: string[]) => {
      const { code, stdout, stderr } = await place.run('run', name, '--only-failed', ...words);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      return stderr;
    };
    expect(await refused()).toContain('there is no database results/ipc-sweep.db');
    expect(existsSync(place.path('results'))).toBe(false);
    expect(await refused('--fresh')).toContain('--only-failed and --fresh exclude each other');

    expect((await place.run('run', place.spec('other', 'answers'))).code).toBe(0);
    expect(await refused()).toContain('results/ipc-sweep.db has no sweep changing whose runs');
    expect((await place.run('run', name)).code).toBe(0);
    const differs = await refused('--set', 'seed=2');
    expect(differs).toContain('sweep changing-2 was made under other conditions');
    expect(differs).toContain('what differs: seed (2, was 1)');
    expect(place.query('SELECT name FROM sweep')).toEqual([
      { name: 'other' },
      { name: 'changing' },
    ]);
  });

  it('end the sweep when there are max_failures of them in a row; `run` goes on', async () => {
    const name = place.spec('hopeless', 'refuses', 'trials: 9\nmax_failures: 3');
    const { code, stdout, stderr } = await place.run('run', name);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'given up: 3 runs in a row did not succeed (max_failures); `ipc-sweep status hopeless-1` lists them',
    );
    expect(stdout).toContain('3 failed; sweep hopeless-1');
    expect(place.query('SELECT state FROM sweep')).toEqual([{ state: 'stopped' }]);
    const again = await place.run('run', name);
    expect(again.stderr).toContain('continuing sweep hopeless-1: 3 of 9 runs are done');
    expect(again.stdout).toContain('6 failed; sweep hopeless-1');
  });

  it('do not count as given up when no run is left after them', async () => {
    const name = place.spec('short', 'refuses', 'trials: 2\nmax_failures: 2');
    const { code, stderr } = await place.run('run', name);
    expect(code).toBe(1);
    expect(stderr).not.toContain('given up');
    expect(place.query('SELECT state FROM sweep')).toEqual([{ state: 'ended' }]);
  });
});

describe('the user’s own script', () => {
  it('is refused outside the folder of the spec, also through a link, and nothing is stored', async () => {
    place.write('outside.d', 'BEGIN { exit(0); }\n');
    mkdirSync(place.path('specs'));
    symlinkSync('../outside.d', place.path('specs/link.d'));
    for (const script of ['../outside.d', 'link.d', 'absent.d']) {
      place.write(
        'specs/scripted.yaml',
        `name: scripted\nbenchmark: { program: ../programs/answers }\ntrace: { tracer: none, scripts: [${script}] }\n`,
      );
      const { code, stdout, stderr } = await place.run('run', 'specs/scripted.yaml');
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(
        script === 'absent.d'
          ? /cannot read the script .*absent\.d/
          : /outside\.d is outside the spec's folder .*\nhint: pass --allow-scripts if you trust it/,
      );
    }
    expect(begun()).toEqual([]);
  });
});
