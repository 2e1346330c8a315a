import { chmodSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workplace } from './workplace.ts';

const place = new Workplace();
afterAll(() => {
  const left = place.processes();
  place.remove();
  expect(left).toEqual([]);
});

/** Everything that the good sweep left in the database. */
const goodRows = () => [
  ...place.query('SELECT * FROM run_overview WHERE sweep_id = 1 ORDER BY run_id'),
  ...place.query('SELECT * FROM sample WHERE run_id <= 4 ORDER BY run_id, iteration'),
];

describe('a misbehaving benchmark', () => {
  let good: unknown[];
  beforeAll(async () => {
    place.spec('good', 'answers');
    expect((await place.run('run', 'good.yaml')).code).toBe(0);
    good = goodRows();
    expect(good).toHaveLength(8);
  });

  const TWO_RUNS = 'matrix: { buffer_size: 512, total_size: 1KiB }\ntrials: 2';

  it.each([
    ['prints-nothing', 'output-unreadable', 'the benchmark printed nothing', 0],
    ['prints-garbage', 'output-unreadable', 'not JSON: ', 0],
    ['refuses', 'failed', 'exit code 64: ipc-benchmark: FAIL: data size (40000) is not', 64],
    ['stops-half-way', 'failed', 'exit code 71: ipc-benchmark: sysctlbyname: hw.cpufreq', 71],
    ['dies-by-signal', 'signalled', 'ended by SIGSEGV', null],
    ['hangs', 'timed-out', 'not done after 1 s', null, 'timeout: 1s'],
    ['ignores-term', 'timed-out', 'not done after 0.3 s', null, 'timeout: 300ms'],
    ['floods', 'output-unreadable', 'more than 8388608 bytes on stdout', null],
    ['floods-for-ever', 'output-unreadable', 'more than 8388608 bytes on stdout', null],
    ['floods-stderr', 'output-unreadable', 'more than 1048576 bytes on stderr', null],
  ])(
    'that %s is stored as %s, and the exit code is 1',
    async (program, state, reason, exitCode, more = '') => {
      const spec = place.spec(program, program, `${TWO_RUNS}\n${more}`);
      const { code, stdout, stderr } = await place.run('run', spec);
      expect({ code, bug: stderr.includes('bug') }).toEqual({ code: 1, bug: false });
      expect(stdout).toContain(`2 ${state}; sweep ${program}-`);
      expect(stderr).toContain(`${state} pipe 2proc 512 B of 1 KiB, trial 1: ${reason}`);
      const rows = place.query<{
        run_id: number;
        state: string;
        reason: string;
        exit_code: number;
      }>(`SELECT * FROM run_overview WHERE sweep = '${program}'`);
      expect(rows).toHaveLength(2);
      for (const row of rows) {
        expect(row.state).toBe(state);
        expect(row.reason).toContain(reason);
        // A flood is cut off by a signal or by the closed pipe, whichever is first.
        if (!program.startsWith('floods')) expect(row.exit_code).toBe(exitCode);
      }
      expect(place.query(`SELECT * FROM sample WHERE run_id = ${rows[0]?.run_id}`)).toEqual([]);
      const sweep = place.query<{ id: number }>(
        `SELECT id FROM sweep WHERE name = '${program}'`,
      )[0];
      const exported = place.csv(`results/${program}-${sweep?.id}`, 'runs.csv');
      expect(exported.map((row) => row.state)).toEqual([state, state]);
      expect(exported[0]?.reason).toContain(reason);
      expect(goodRows()).toEqual(good);
      await expect.poll(() => place.processes()).toEqual([]);
    },
  );

  it('does not get its control characters onto the terminal', async () => {
    const spec = place.spec('colourful', 'colourful', TWO_RUNS);
    const { stderr } = await place.run('run', spec);
    const { stdout } = await place.run('status', 'colourful');
    for (const text of [stderr, stdout]) {
      expect(text).toMatch(/exit code 5: +\[31mred/);
      expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
    }
    expect(place.query("SELECT reason FROM run_overview WHERE sweep = 'colourful'")[0]).toEqual({
      reason: 'exit code 5: \x1b[31mred\x1b[0m',
    });
  });

  it('keeps the end of what a benchmark said on stderr', () => {
    const [row] = place.query(
      "SELECT stderr_tail FROM run WHERE reason LIKE 'exit code 64%' LIMIT 1",
    );
    expect(row).toEqual({
      stderr_tail:
        'ipc-benchmark: FAIL: data size (40000) is not a multiple of buffersize (16384)\n',
    });
  });

  it('that leaves children behind is in doubt, because they had to be killed', async () => {
    const spec = place.spec('leaves-orphan', 'leaves-orphan', `${TWO_RUNS}\nretry: { suspect: 0 }`);
    const { code, stderr } = await place.run('run', spec);
    expect(code).toBe(1);
    expect(stderr).toMatch(/suspect .*trial 1: 3 processes of the benchmark went on for 2 s/);
    expect(
      place.query(
        `SELECT state, code FROM run_overview JOIN warning USING (run_id)
         WHERE sweep = 'leaves-orphan'`,
      ),
    ).toEqual(Array(2).fill({ state: 'suspect', code: 'left-behind' }));
    await expect.poll(() => place.processes(), { timeout: 20_000 }).toEqual([]);
  });

  it('that fails in some cells only does not spoil the others', async () => {
    place.write(
      'programs/sometimes',
      '#!/bin/sh\ncase " $* " in *" -b 1024 "*) exit 74 ;; esac\nexec "$(dirname "$0")/answers" "$@"\n',
    );
    chmodSync(place.path('programs/sometimes'), 0o755);
    const { code, stdout } = await place.run('run', place.spec('sometimes', 'sometimes'));
    expect(code).toBe(1);
    expect(stdout).toContain('2 completed, 2 failed');
    expect(stdout).toMatch(/1 KiB +4 KiB +0 \(2 not good\) +- +-$/m);
    const status = await place.run('status', 'sometimes');
    expect(status.code).toBe(0);
    expect(status.stdout).toMatch(/not good \(2\):\n.*\n +\d+ +2\/1 +failed +exit code 74/);
  });

  it('that failed is not run again by a second `run`, which ends with the same exit code', async () => {
    const before = place.query("SELECT * FROM run_overview WHERE sweep = 'refuses'");
    const { code, stderr } = await place.run('run', 'refuses.yaml');
    expect(code).toBe(1);
    expect(stderr).toContain('is complete (2 runs)');
    expect(place.query("SELECT * FROM run_overview WHERE sweep = 'refuses'")).toEqual(before);
  });

  it.each([
    ['absent', 'does not exist'],
    ['not-executable', 'is not executable'],
    ['.', 'is not a file'],
  ])('that is %s is refused with exit code 3 before anything is stored', async (program, why) => {
    const sweeps = place.query('SELECT id FROM sweep');
    const spec = place.spec('refused', program);
    const { code, stdout, stderr } = await place.run('run', spec);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^ipc-sweep: the benchmark .*\nhint: set benchmark.program to /);
    expect(stderr).toContain(why);
    expect(place.query('SELECT id FROM sweep')).toEqual(sweeps);
    expect(goodRows()).toEqual(good);
  });

  it.each([
    [
      'cannot be started',
      'no-interpreter',
      ':',
      0,
      '.*/no-interpreter did not start: No such file',
    ],
    ['is removed meanwhile', 'removed', 'rm "$0"', 3, '.*/removed was removed during the sweep'],
    ['is built anew', 'rebuilt', 'echo "#" >>"$0"', 3, '.*/rebuilt was changed during the sweep'],
  ])(
    'that %s ends the sweep at once with exit code 3, and no run is stored as failed',
    async (...of) => {
      const [, program, change, made, said] = of;
      if (made > 0) {
        const script = `#!/bin/sh
echo >>"$0.log"
[ "$(wc -l <"$0.log")" -eq ${made + 1} ] && ${change}
exec "$(dirname "$0")/answers" "$@"
`;
        place.write(`programs/${program}`, script);
        chmodSync(place.path('programs', program), 0o755);
      }
      const spec = place.spec(program, program, TWO_RUNS.replace('trials: 2', 'trials: 8'));
      const { code, stderr } = await place.run('run', spec);
      expect(stderr).toMatch(new RegExp(`ipc-sweep: the benchmark ${said}.*\\nhint: `));
      expect(code).toBe(3);
      const states = place.query(`SELECT state FROM run_overview WHERE sweep = '${program}'`);
      expect(states).toEqual(Array(made).fill({ state: 'completed' }));
      expect(place.query(`SELECT state FROM sweep WHERE name = '${program}'`)).toEqual([
        { state: 'stopped' },
      ]);
    },
  );

  it('is tried again as often as `retry` allows, and each attempt is a row', async () => {
    const more = `${TWO_RUNS}\nretry: { signalled: 2 }`;
    expect((await place.run('run', place.spec('retried', 'dies-by-signal', more))).code).toBe(1);
    const rows = place.query(
      "SELECT trial, attempt, state FROM run_overview WHERE sweep = 'retried' ORDER BY run_id",
    );
    expect(rows).toEqual(
      [1, 2].flatMap((trial) =>
        [1, 2, 3].map((attempt) => ({ trial, attempt, state: 'signalled' })),
      ),
    );
  });

  it('that tells nothing about the machine is used all the same, with a warning that is printed and stored', async () => {
    const spec = place.spec('silent', 'silent', TWO_RUNS);
    place.write(
      'programs/silent',
      '#!/bin/sh\ncase " $* " in *" describe "*) echo "no sysctl" >&2; exit 70 ;; esac\nexec "$(dirname "$0")/answers" "$@"\n',
    );
    chmodSync(place.path('programs/silent'), 0o755);
    const { code, stderr } = await place.run('run', spec);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^describe-failed: .*exit code 70: no sysctl$/m);
    expect(
      place.query(
        "SELECT code FROM environment_warning WHERE message LIKE '%exit code 70: no sysctl'",
      ),
    ).toEqual([{ code: 'describe-failed' }]);
  });

  it('that lacks a channel is reported before the first run, and the rows hold its own error', async () => {
    const spec = place.spec(
      'older',
      'older',
      'matrix: { ipc: [pipe, local], buffer_size: 512, total_size: 1KiB }\ntrials: 1',
    );
    place.write(
      'programs/older',
      '#!/bin/sh\ncase " $* " in *" -i local "*) echo "usage: older [-i pipe] mode" >&2; exit 64 ;; esac\nexec "$(dirname "$0")/answers" "$@"\n',
    );
    chmodSync(place.path('programs/older'), 0o755);
    const { code, stderr } = await place.run('run', spec);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^channel-refused: the benchmark refuses -i local \(exit code 64: usage: older \[-i pipe\] mode\): all runs of these cells will fail; /m,
    );
    expect(
      place.query(
        "SELECT ipc, state, reason, exit_code FROM run_overview WHERE sweep = 'older' ORDER BY ipc",
      ),
    ).toEqual([
      {
        ipc: 'local',
        state: 'failed',
        reason: expect.stringContaining('usage: older'),
        exit_code: 64,
      },
      { ipc: 'pipe', state: 'completed', reason: null, exit_code: 0 },
    ]);
  });

  it('that cannot be built without a compiler is planned all the same, with a note that says so', async () => {
    place.write('bundled.yaml', 'name: bundled\ntrace: { tracer: none }\n');
    const { code, stdout } = await place.start(['plan', 'bundled.yaml'], {
      CC: '/nonexistent/cc',
    }).ended;
    expect({ code, planned: stdout.includes('ipc-benchmark -j') }).toEqual({
      code: 0,
      planned: true,
    });
    expect(stdout).toMatch(/^run would refuse it here: no C compiler: .*\nhint: install one/m);
  });

  it('that cannot be built without a compiler ends with exit code 3, and the package to install is named', async () => {
    place.write('bundled.yaml', 'name: bundled\ntrace: { tracer: none }\n');
    const started = place.start(['run', 'bundled.yaml'], { CC: '/nonexistent/cc' });
    const { code, stderr } = await started.ended;
    expect(code).toBe(3);
    expect(stderr).toMatch(/no C compiler: .*\/nonexistent\/cc/);
    expect(stderr).toContain('apt-get install gcc');
  });

  it('that cannot be built into a read-only cache ends with exit code 3', async () => {
    place.write('bundled.yaml', 'name: bundled\ntrace: { tracer: none }\n');
    const started = place.start(['run', 'bundled.yaml'], { XDG_CACHE_HOME: '/dev/null' });
    const { code, stderr } = await started.ended;
    expect(code).toBe(3);
    expect(stderr).toContain('set XDG_CACHE_HOME');
  });
});

it('an agent that is killed before the first run is reported as lost, not as a bug', async () => {
  const compiler = process.env.CC || 'cc';
  const script = `#!/bin/sh\n[ "$1" = --version ] && kill -9 $PPID\nexec ${compiler} "$@"\n`;
  chmodSync(place.path(place.write('kills-cc', script)), 0o755);
  const CC = place.path('kills-cc');
  for (const words of [['run', 'good.yaml', '--results', 'lost'], ['doctor']]) {
    const { code, stderr } = await place.start(words, { CC }).ended;
    expect(stderr).toMatch(/^ipc-sweep: local is lost: its agent ended .*\nhint: try again/m);
    expect(code).toBe(3);
  }
  expect(place.processes()).toEqual([]);
});
