import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Workplace } from './workplace.ts';

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
});
afterEach(() => {
  const left = place.processes();
  place.remove();
  expect(left).toEqual([]);
});

const spec = () =>
  place.spec(
    'changed',
    'answers',
    'matrix: { buffer_size: [512, 1KiB], total_size: 4KiB }\ntrials: 4',
  );
const runs = () =>
  place.query<{ buffer_bytes: number; n: number }>(
    'SELECT buffer_bytes, count(*) AS n FROM run_overview GROUP BY buffer_bytes ORDER BY 1',
  );

describe('options that change a spec', () => {
  it('make a quick look or a part first, and `run` without them makes the rest of the same sweep', async () => {
    const quick = await place.run('run', spec(), '--quick', '--only', 'buffer_size == 1KiB');
    expect(quick.code).toBe(0);
    expect(quick.stdout).toContain('3 completed; sweep changed-1');
    expect(runs()).toEqual([{ buffer_bytes: 1024, n: 3 }]);
    const status = await place.run('status', 'changed');
    expect(status.stdout).toContain('sweep changed-1: ended, 3 of 3 runs');
    expect(status.stdout).toContain("options: --quick --only 'buffer_size == 1KiB'\n");
    const { sweeps } = JSON.parse((await place.run('status', 'changed', '--json')).stdout);
    expect(sweeps[0].settings.options).toEqual([
      { option: '--quick', value: '' },
      { option: '--only', value: 'buffer_size == 1KiB' },
    ]);

    const { code, stderr } = await place.run('run', 'changed.yaml');
    expect(code).toBe(0);
    expect(stderr).toContain(
      "options: none (the last time: --quick --only 'buffer_size == 1KiB')\n" +
        'the spec has changed: 1 new cell, 1 kept, 0 no longer asked for',
    );
    expect(stderr).toContain('continuing sweep changed-1: 3 of 8 runs are done');
    expect(runs()).toEqual([
      { buffer_bytes: 512, n: 4 },
      { buffer_bytes: 1024, n: 4 },
    ]);
    expect((await place.run('status', 'changed')).stdout).not.toContain('options:');

    const more = await place.run('run', 'changed.yaml', '--trials', '5');
    expect(more.code).toBe(0);
    expect(more.stderr).toContain('continuing sweep changed-1: 8 of 10 runs are done\n2 runs');
    expect(place.query('SELECT id FROM sweep')).toHaveLength(1);
  });

  it('begin a new sweep where they change a condition, and run names the condition', async () => {
    expect((await place.run('run', spec(), '--trials', '1')).code).toBe(0);
    const { code, stderr } = await place.run(
      ...[
        'run',
        'changed.yaml',
        '--trials=1',
        '--set',
        'warmup=1',
        '--set',
        'benchmark.rusage=true',
      ],
    );
    expect(code).toBe(0);
    expect(stderr).toContain(
      'benchmark.rusage (true, was false) and warmup (1, was 0) differ from sweep changed-1: starting a new one\n',
    );
    const stored = place.query<{ spec_text: string }>('SELECT spec_text FROM sweep WHERE id = 2');
    expect(parse(stored[0]!.spec_text)).toEqual({
      name: 'changed',
      benchmark: { program: 'programs/answers', bare: true, rusage: true },
      trace: { tracer: 'none' },
      matrix: { buffer_size: [512, '1KiB'], total_size: '4KiB' },
      ...{ trials: 1, warmup: 1 },
    });
    expect((await place.run('report', 'changed-2', '--out', 'report.html')).code).toBe(0);
    expect(place.read('report.html')).toContain('--set warmup=1 --set benchmark.rusage=true');
    // The stored spec stands for the command line: it goes on with the same sweep.
    place.write('stored.yaml', stored[0]!.spec_text);
    const again = await place.run('run', 'stored.yaml');
    expect(again.stderr).toContain('sweep changed-2 is complete');
  });

  it('mean the same to plan and validate, which name the option that is wrong', async () => {
    const plan = await place.run(
      'plan',
      '--json',
      spec(),
      '--trials=2',
      '--only=buffer_size > 512',
    );
    const { runs: planned, left_out: leftOut, options } = JSON.parse(plan.stdout);
    expect([planned.length, leftOut.length, leftOut[0].cause]).toEqual([2, 1, 'only']);
    expect(options[0]).toEqual({ option: '--trials', value: '2' });
    for (const words of [['validate'], ['plan'], ['run']]) {
      const { code, stderr } = await place.run(
        ...[...words, 'changed.yaml', '--trials', '0', '--only', 'bufer_size == 1', '--set=sed=2'],
      );
      expect(code).toBe(2);
      expect(stderr).toContain('--trials:1:1: trials: expected at least 1 trial, got 0');
      expect(stderr).toContain(
        'did you mean buffer_size?), got bufer_size == 1\n  bufer_size == 1',
      );
      expect(stderr).toContain('--set:1:1: sed: unknown key "sed"; did you mean seed?');
    }
    const both = await place.run('run', 'changed.yaml', '--quick', '--trials', '2');
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('exclude each other') });
  });

  it('are turned by --print-spec into the spec that they stand for, with nothing else on stdout', async () => {
    const { code, stdout, stderr } = await place.run('run', spec(), '--quick', '--print-spec');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      place
        .read('changed.yaml')
        .replace('trials: 4', 'trials: 3')
        .replace('[512, 1KiB]', '[ 512, 1KiB ]'),
    );
  });
});

describe('run without a spec', () => {
  const words = ['--buffer', '512,1KiB', '--total=4KiB', '--tracer', 'none', '--trials', '2'];
  const program = ['--set', 'benchmark={ program: programs/answers, bare: true }'];

  it('answers one question, prints the spec that it stands for, and continues the sweep the next time', async () => {
    const { code, stderr } = await place.run('run', ...words, ...program);
    expect(code).toBe(0);
    const shown = /the options stand for this spec.*:\n((?: {2}.*\n)+)/.exec(stderr)?.[1] ?? '';
    const printed = await place.run('plan', ...words, ...program, '--print-spec');
    expect(printed.stdout).toBe(shown.replace(/^ {2}/gm, ''));
    expect(parse(printed.stdout)).toEqual({
      name: 'total-4KiB_buffer-512-1KiB',
      matrix: { total_size: '4KiB', buffer_size: [512, '1KiB'] },
      trace: { tracer: 'none' },
      benchmark: { program: 'programs/answers', bare: true },
      trials: 2,
    });
    expect(place.query('SELECT name, spec_file FROM sweep')).toEqual([
      { name: 'total-4KiB_buffer-512-1KiB', spec_file: 'the command line' },
    ]);
    expect((await place.run('run', ...words, ...program)).stderr).toContain('is complete (4 runs)');
    // Its spec is one: saved, it goes on with the sweep.
    place.write('saved.yaml', printed.stdout);
    expect((await place.run('run', 'saved.yaml', '--trials=3')).stderr).toContain(
      'continuing sweep total-4KiB_buffer-512-1KiB-1: 4 of 6 runs are done',
    );
  });

  it('leaves out the sleeps of the benchmark, unless they are asked for', async () => {
    const benchmark = async (...more: string[]) => {
      const printed = await place.run('run', ...words, '--print-spec', ...more);
      return parse(printed.stdout).benchmark;
    };
    expect(await benchmark()).toEqual({ bare: true });
    expect(await benchmark('--set', 'benchmark.bare=false')).toEqual({ bare: false });
  });

  it('refuses a spec together with options that replace it, and says what to write', async () => {
    const { code, stderr } = await place.run('run', spec(), '--buffer', '512,1KiB');
    expect(code).toBe(2);
    expect(stderr).toBe(
      'ipc-sweep: --buffer is for a command line without a spec, but changed.yaml was given\n' +
        "hint: to change the spec: --set matrix.buffer_size='[512,1KiB]'; to choose among its cells: --only CONDITION\n",
    );
    const apart = await place.run('run', '--buffer', '4', 'KiB');
    expect(apart.stderr).toBe(
      'ipc-sweep: KiB after --buffer 4 would be a spec, and there is no such file\n' +
        "hint: --buffer needs no spec; a value with blanks is written in quotes: --buffer '4 KiB'\n",
    );
    const none = await place.run('run', '--trials', '3');
    expect(none.code).toBe(2);
    expect(none.stderr).toContain("the experiment's file is missing");
    expect(none.stderr).toContain('such as --buffer 4KiB,64KiB');
  });

  it('names the option whose value is wrong', async () => {
    const { code, stderr } = await place.run('plan', '--buffer', '4KiB,64kib', '--ipc', 'pip');
    expect(code).toBe(2);
    expect(stderr).toContain('got 64kib');
    expect(stderr).toContain('  4KiB,64kib\n       ^^^^^');
    expect(stderr).toContain('--ipc:1:1: matrix.ipc: expected one of pipe, local, tcp, shmem');
  });
});
