import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { type Ended, MAIN, Workplace } from './workplace.ts';

let place: Workplace;

/** Eight runs, and a log of the runs that were begun. */
function slowSweep(): string {
  place = new Workplace();
  place.write('programs/answers.log', '');
  return place.spec('slow', 'answers', 'matrix: { buffer_size: [512, 1KiB] }\ntrials: 4');
}

/**
 * The same sweep, whose n-th run sends a signal to the ipc-sweep that it belongs to: the parent of
 * the two processes of the agent that has started it. That run ends when it is let go.
 */
function signallingSweep(nth: number, signal: string): string {
  const spec = slowSweep();
  place.write(
    'programs/signals',
    `#!/bin/sh
answers="$(dirname "$0")/answers"
parent() { ps -o ppid= -p "$1"; }
case " $* " in *' describe '*) ;; *)
  if [ "$(wc -l <"$answers.log")" -eq ${nth - 1} ]; then
    kill -${signal.slice(3)} $(parent $(parent $PPID))
    while [ ! -e "$0.let-go" ]; do sleep 0.05; done
  fi ;;
esac
exec "$answers" "$@"
`,
  );
  chmodSync(place.path('programs/signals'), 0o755);
  return place.write(spec, place.read(spec).replace('programs/answers', 'programs/signals'));
}

const letSignalling = () => place.write('programs/signals.let-go', '');

/** Runs it, and lets the run that sends the signal go when ipc-sweep has heard it. */
async function interrupted(spec: string): Promise<Ended> {
  const started = place.start(['run', spec]);
  await started.says('finishing the run in flight');
  letSignalling();
  return started.ended;
}

/** Lets no run end from this one on. */
function holdAt(run: number): void {
  rmSync(place.path('programs/answers.held'), { force: true });
  place.write('programs/answers.hold-at', String(run));
}
/** Whether such a run is in flight. */
const isHeld = () => existsSync(place.path('programs/answers.held'));
const letGo = () => rmSync(place.path('programs/answers.hold-at'));

const begun = () => place.read('programs/answers.log').split('\n').length - 1;
const states = () =>
  place.query<{ state: string }>('SELECT state FROM run ORDER BY id').map(({ state }) => state);
const runsOf = () =>
  place.query('SELECT cell, trial, attempt, state FROM run_overview ORDER BY cell, trial');
const ALL_RUNS = [1, 2].flatMap((cell) =>
  [1, 2, 3, 4].map((trial) => ({ cell, trial, attempt: 1, state: 'completed' })),
);

afterEach(async () => {
  try {
    await expect.poll(() => place.processes()).toEqual([]);
  } finally {
    place.remove();
  }
});

describe('one interruption', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'by %s finishes and stores the run in flight, exports, and exits with 130',
    async (signal) => {
      const spec = signallingSweep(2, signal);
      const { code, stdout, stderr } = await interrupted(spec);
      expect(code).toBe(130);
      expect(stderr).toMatch(
        /finishing the run in flight \(at most [\d.]+ s more, until its deadline\); a second Ctrl-C kills it/,
      );
      expect(states()).toEqual(['completed', 'completed']);
      expect(begun()).toBe(2);
      expect(stdout).toContain('2 completed; sweep slow-1');
      expect(place.csv('results/slow-1/runs.csv')).toHaveLength(2);
      expect(place.query('SELECT state, ended_at IS NULL AS open FROM sweep')).toEqual([
        { state: 'interrupted', open: 0 },
      ]);
    },
  );

  it('leaves a sweep that `run` continues to exactly the planned runs, and says so', async () => {
    const spec = signallingSweep(3, 'SIGINT');
    expect((await interrupted(spec)).code).toBe(130);
    const before = place.query('SELECT * FROM run_overview ORDER BY run_id');
    expect(before).toHaveLength(3);

    const { code, stdout, stderr } = await place.run('run', spec);
    expect(code).toBe(0);
    expect(stderr).toContain('continuing sweep slow-1: 3 of 8 runs are done');
    expect(stderr).toContain('5 runs of 2 cells');
    expect(stdout).toContain('8 completed; sweep slow-1');
    expect(runsOf()).toEqual(ALL_RUNS);
    expect(place.query('SELECT * FROM run_overview ORDER BY run_id LIMIT 3')).toEqual(before);
    expect(begun()).toBe(8);
    expect(place.query('SELECT state FROM sweep')).toEqual([{ state: 'ended' }]);

    const again = await place.run('run', spec);
    expect(again.code).toBe(0);
    expect(again.stderr).toBe('sweep slow-1 is complete (8 runs); --fresh starts a new one\n');
    expect(begun()).toBe(8);

    const fresh = await place.run('run', spec, '--fresh');
    expect(fresh.code).toBe(0);
    expect(fresh.stdout).toContain('8 completed; sweep slow-2');
    expect(begun()).toBe(16);
    expect(place.query('SELECT id FROM sweep')).toHaveLength(2);
  });
});

describe('a hang-up of a command under nohup', () => {
  it.each([
    ['typed at a shell', `nohup "$0" "$@"; exit $?`],
    // dash notes nothing in _, but ignores the signal itself.
    ['of the script', `nohup sh -c '"$0" "$@"; exit $?' "$0" "$@"; exit $?`],
  ])('changes nothing: %s', async (_, script) => {
    const spec = signallingSweep(2, 'SIGHUP');
    letSignalling();
    const { status, stdout, stderr } = spawnSync(
      'bash',
      ['-c', script, process.execPath, MAIN, 'run', spec],
      {
        ...{ cwd: place.folder, encoding: 'utf8' },
        env: { ...process.env, XDG_CACHE_HOME: place.path('cache') },
      },
    );
    expect({ status, finishing: stderr.includes('finishing') }).toEqual({
      ...{ status: 0, finishing: false },
    });
    expect(stdout).toContain('8 completed; sweep slow-1');
    expect(begun()).toBe(8);
  });
});

/** Whether ipc-sweep has dealt with every signal that was sent to it, and waits again. */
function waitsWithoutSignals(): boolean {
  const [line = ''] = place.processes().filter((words) => words.includes(` ${process.execPath} `));
  const status = readFileSync(`/proc/${line.split(' ')[0]}/status`, 'utf8');
  return /^State:\tS/m.test(status) && !/^(SigPnd|ShdPnd):\t0*[1-9a-f]/m.test(status);
}

describe('a terminal that goes away', () => {
  it('ends the sweep as SIGHUP does, and every finished run is stored and exported', async (context) => {
    if (spawnSync('script', ['--version']).status !== 0) {
      if (process.env.IPC_SWEEP_REQUIRE_REAL === '1') throw new Error('script is missing');
      return context.skip('needs script of util-linux, for a terminal');
    }
    const spec = slowSweep();
    // However slow this machine is, the sweep is not over when the terminal goes.
    holdAt(3);
    // A shell that hands the signal on, as an interactive one does, and sees how its job ends.
    const command = `trap 'kill -HUP $!; : >hung-up' HUP
'${process.execPath}' '${MAIN}' run ${spec} & wait $!
wait $!
echo $? >ended-with`;
    const terminal = spawn('script', ['-q', '-c', command, '/dev/null'], {
      cwd: place.folder,
      env: { ...process.env, XDG_CACHE_HOME: place.path('cache'), SHELL: '/bin/sh' },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await place.until(isHeld);
    terminal.kill('SIGKILL');
    await place.until(() => existsSync(place.path('hung-up')) && waitsWithoutSignals());
    letGo();
    await expect.poll(() => place.processes()).toEqual([]);
    // 128 and the number of SIGHUP.
    expect(place.read('ended-with')).toBe('129\n');
    expect(place.query('SELECT state, ended_at IS NULL AS open FROM sweep')).toEqual([
      { state: 'interrupted', open: 0 },
    ]);
    expect(new Set(states())).toEqual(new Set(['completed']));
    expect(place.csv('results/slow-1/runs.csv')).toHaveLength(3);
    expect(begun()).toBe(3);
  });
});

describe('a second interruption', () => {
  it('kills the run in flight, which is done again by the next `run`', async () => {
    const spec = slowSweep();
    holdAt(1);
    const started = place.start(['run', spec]);
    await place.until(isHeld);
    started.process.kill('SIGINT');
    await started.says('finishing the run in flight');
    started.process.kill('SIGINT');
    const { code } = await started.ended;
    expect(code).toBe(130);
    letGo();
    expect(states()).toEqual(['interrupted']);
    await expect.poll(() => place.processes()).toEqual([]);

    const { code: next, stderr } = await place.run('run', spec);
    expect(next).toBe(0);
    expect(stderr).toContain('continuing sweep slow-1: 0 of 8 runs are done');
    expect(runsOf()).toEqual(ALL_RUNS);
  });
});

describe('a sweep that is killed', () => {
  it('loses at most the run in flight, and repeats no finished run', async () => {
    const spec = slowSweep();
    let kills = 0;
    for (const after of [1, 3, 5]) {
      // Run number so-and-so does not end; whatever is stored by then is of the runs before it.
      holdAt(after + kills);
      const started = place.start(['run', spec]);
      await place.until(isHeld);
      started.process.kill('SIGKILL');
      expect((await started.ended).signal).toBe('SIGKILL');
      kills++;
    }
    letGo();
    const { code } = await place.run('run', spec);
    expect(code).toBe(0);
    expect(runsOf()).toEqual(ALL_RUNS);
    expect(begun()).toBeLessThanOrEqual(8 + kills);
    expect(
      place.query('SELECT run_id FROM run_overview LEFT JOIN sample USING (run_id)'),
    ).toHaveLength(8);
  });
});

describe('while a sweep runs', () => {
  it('status and export show the runs that are stored so far', async () => {
    const spec = slowSweep();
    // However slow this machine is, the sweep lasts longer than the commands that look at it.
    holdAt(3);
    const started = place.start(['run', spec]);
    await place.until(isHeld);
    const status = await place.run('status', '--json');
    expect(status.code).toBe(0);
    const [sweep] = JSON.parse(status.stdout).sweeps;
    expect(sweep).toMatchObject({
      name: 'slow',
      state: 'running',
      planned_runs: 8,
      ended_at: null,
    });
    expect(sweep.done_runs).toBeGreaterThanOrEqual(1);
    expect(sweep.done_runs).toBeLessThan(8);
    const exported = await place.run('export', '--out', 'early');
    letGo();
    expect(exported.code).toBe(0);
    const runs = place.csv('early/runs.csv').map((row) => row.run_id);
    expect(runs.length).toBeGreaterThanOrEqual(1);
    expect(place.csv('early/samples.csv').map((row) => row.run_id)).toEqual(runs);
    expect((await started.ended).code).toBe(0);
  });
});

describe('a changed spec', () => {
  it.each([
    ['seed: 9', 'another seed'],
    ['benchmark', 'another benchmark'],
  ])('starts another sweep: %s', async (change) => {
    const spec = slowSweep();
    expect((await place.run('run', spec)).code).toBe(0);
    if (change === 'benchmark') {
      copyFileSync(place.path('programs/answers'), place.path('programs/other'));
      place.write('programs/answers', `${place.read('programs/other')}# rebuilt\n`);
    } else {
      place.write(spec, `${place.read(spec)}${change}\n`);
    }
    const { code, stderr } = await place.run('run', spec);
    expect(code).toBe(0);
    expect(stderr).not.toContain('continuing');
    expect(place.query('SELECT id FROM sweep')).toHaveLength(2);
  });

  it('continues the sweep when only its description, layout or comments change', async () => {
    const spec = slowSweep();
    expect((await place.run('run', spec)).code).toBe(0);
    place.write(spec, `# a comment\ndescription: words\n${place.read(spec)}`);
    const { stderr } = await place.run('run', spec);
    expect(stderr).toContain('slow-1 is complete');
  });
});
