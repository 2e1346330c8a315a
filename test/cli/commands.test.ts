import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workplace } from './workplace.ts';

const place = new Workplace();
afterAll(() => {
  const left = place.processes();
  place.remove();
  expect(left).toEqual([]);
});

const CSV_FILES = [
  'io_sizes',
  'pipe_states',
  'pipe_transitions',
  'runs',
  'samples',
  'summary',
].concat(['syscalls', 'syscalls_wide']);

describe('plan', () => {
  const spec = () =>
    place.spec(
      'planned',
      'answers',
      [
        'matrix: { buffer_size: [512, 1000, 4KiB], total_size: 8KiB, ipc: [pipe, local],',
        '  exclude: [{ ipc: local, buffer_size: 4KiB }] }',
        'trials: 3',
        'warmup: 1',
        'seed: 7',
      ].join('\n'),
    );

  it('prints one object with cells, what is left out and why, runs, commands and time', async () => {
    const { code, stdout, stderr } = await place.run('plan', '--json', spec());
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const plan = JSON.parse(stdout);
    expect(
      plan.cells.map((cell: Record<string, unknown>) => [cell.ipc, cell.buffer_bytes]),
    ).toEqual([
      ['pipe', 512],
      ['pipe', 4096],
      ['local', 512],
    ]);
    expect(plan.cells[0]).toMatchObject({
      mode: '2proc',
      total_bytes: 8192,
      socket_buffers: false,
    });
    expect(plan.left_out).toHaveLength(3);
    for (const left of plan.left_out) {
      expect(left).toMatchObject({ total_bytes: 8192, reason: expect.stringMatching(/./) });
    }
    expect(plan.left_out.map((left: { buffer_bytes: number }) => left.buffer_bytes).sort()).toEqual(
      [1000, 1000, 4096],
    );
    expect(plan.runs).toHaveLength(3 * 4);
    expect(plan.runs.map((run: { ordinal: number }) => run.ordinal)).toEqual(
      [...Array(12).keys()].map((at) => at + 1),
    );
    expect(plan.runs.filter((run: { warmup: boolean }) => run.warmup)).toHaveLength(3);
    expect(plan.commands).toEqual([
      [place.path('programs/answers'), ...'-j -B -i pipe -b 512 -t 8192 2proc'.split(' ')],
      [place.path('programs/answers'), ...'-j -B -i pipe -b 4096 -t 8192 2proc'.split(' ')],
      [place.path('programs/answers'), ...'-j -B -i local -b 512 -t 8192 2proc'.split(' ')],
    ]);
    expect(plan.estimate_s).toBeGreaterThan(0);
    expect(plan.estimate_s).toBeLessThan(5);
  });

  it('counts the sleeps of a benchmark that is not bare', async () => {
    const more =
      'matrix: { buffer_size: 512, total_size: 1KiB, mode: [2proc, 2thread] }\ntrials: 4';
    place.write(
      'sleeping.yaml',
      `name: sleeping\nbenchmark: { program: programs/answers, iterations: 2 }\ntrace: { tracer: none }\n${more}\n`,
    );
    const { stdout } = await place.run('plan', '--json', 'sleeping.yaml');
    const seconds = 4 * 2 * (3 + 2);
    expect(JSON.parse(stdout).estimate_s).toBeGreaterThanOrEqual(seconds);
    expect(JSON.parse(stdout).estimate_s).toBeLessThan(seconds * 1.1);
  });

  it('gives the least time and the whole budget for trials that go on until a precision', async () => {
    const of = async (file: string, more: string) => {
      place.write(
        file,
        `name: precise\nbenchmark: { program: programs/answers }\ntrace: { tracer: none }\ntrials: { min: 20, max: 50, until: { relative_ci: 2% } }\n${more}`,
      );
      const { stdout } = await place.run('plan', file);
      return { said: stdout, plan: JSON.parse((await place.run('plan', file, '--json')).stdout) };
    };
    const free = await of('free.yaml', '');
    expect(free.said).toMatch(
      /^at least 20 runs, at most 50, of 1 cell, at least 1 min 1 s\n\ncell /,
    );
    expect(free.plan.estimate_at_least).toBe(true);
    const bounded = await of('bounded.yaml', 'budget: 10s\n');
    expect(bounded.said).toContain('of 1 cell, about 10.0 s\n');
    expect(bounded.plan).toMatchObject({ estimate_s: 10, estimate_at_least: false });
  });

  it('counts the time to attach a tracer to each run, and none without a tracer', async () => {
    const seconds = async (trace: string) => {
      place.write(
        'attached.yaml',
        `name: attached\nbenchmark: { program: programs/answers, bare: true }\ntrials: 30\nhosts: [board-1]\ntrace: { ${trace} }\n`,
      );
      return JSON.parse((await place.run('plan', 'attached.yaml', '--json')).stdout).estimate_s;
    };
    const [none, session, perRun] = [
      await seconds('tracer: none'),
      await seconds('tracer: bpftrace'),
      await seconds('tracer: bpftrace, attach: per-run'),
    ];
    expect(session).toBeGreaterThan(none + 0.2);
    expect(session).toBeLessThan(none + 5);
    expect(perRun).toBeGreaterThan(none + 30 * 0.2);
  });

  it('starts nothing, stores nothing, and says the same every time', async () => {
    place.write('programs/answers.log', '');
    const first = await place.run('plan', spec());
    const second = await place.run('plan', spec());
    expect(first).toEqual(second);
    expect(first.stdout).toContain('left out (3):');
    expect(place.read('programs/answers.log')).toBe('');
    expect(existsSync(place.path('results'))).toBe(false);
  });

  it('shows the order in which the runs are really made', async () => {
    const { stdout } = await place.run('plan', '--json', spec());
    await place.run('run', spec(), '--results', 'ordered');
    const planned = JSON.parse(stdout).runs.map((run: Record<string, unknown>) => [
      run.cell,
      run.trial,
    ]);
    const done = place
      .query<{ cell: number; trial: number }>(
        'SELECT cell, trial FROM run_overview ORDER BY run_id',
        'ordered/ipc-sweep.db',
      )
      .map(({ cell, trial }) => [cell, trial]);
    expect(done).toEqual(planned);
  });

  it('works for a program that is not there yet', async () => {
    place.spec('later', 'not-built-yet');
    expect((await place.run('plan', 'later.yaml')).code).toBe(0);
  });
});

describe('validate', () => {
  it('says how many cells each spec has', async () => {
    place.spec('one', 'answers');
    place.spec('two', 'answers');
    const { code, stdout } = await place.run('validate', 'one.yaml', 'two.yaml');
    expect(code).toBe(0);
    expect(stdout).toBe('one.yaml: ok, 2 cells, 0 left out\ntwo.yaml: ok, 2 cells, 0 left out\n');
  });

  it('says what is wrong in every spec, not only in the first', async () => {
    place.spec('good', 'answers');
    place.write('bad.yaml', 'name: x\ntrials: -1\nwarmup: 1.5\n');
    place.write('worse.yaml', 'nam: x\n');
    const { code, stdout, stderr } = await place.run(
      'validate',
      'bad.yaml',
      'good.yaml',
      'worse.yaml',
    );
    expect(code).toBe(2);
    expect(stdout).toBe('good.yaml: ok, 2 cells, 0 left out\n');
    for (const place_ of ['bad.yaml:2:', 'bad.yaml:3:', 'worse.yaml:1:']) {
      expect(stderr).toContain(place_);
    }
  });
});

describe('init', () => {
  it('writes a spec that is valid, and never over a file that is there', async () => {
    expect(await place.run('init', 'new/mine.yaml')).toMatchObject({
      code: 0,
      stdout: 'wrote new/mine.yaml; see it expanded: npx ipc-sweep plan new/mine.yaml\n',
    });
    const written = place.read('new/mine.yaml');
    for (const key of ['events', 'scripts'])
      expect(written).toMatch(new RegExp(`^  # ${key}: `, 'm'));
    const schema = /^# yaml-language-server: \$schema=(.*)$/m.exec(written)?.[1];
    expect(JSON.parse(readFileSync(schema ?? '', 'utf8')).title).toBe('ipc-sweep experiment');
    expect((await place.run('validate', 'new/mine.yaml')).code).toBe(0);
    const again = await place.run('init', 'new/mine.yaml');
    expect(again).toMatchObject({ code: 2, stdout: '' });
    expect(again.stderr).toContain('new/mine.yaml is there already');
    expect(place.read('new/mine.yaml')).toBe(written);
  });

  it('has a default name', async () => {
    expect((await place.run('init')).stdout).toContain('experiment.yaml');
    expect(existsSync(place.path('experiment.yaml'))).toBe(true);
  });

  it('says why it cannot write', async () => {
    const { code, stderr } = await place.run('init', '/dev/null/x.yaml');
    expect(code).toBeGreaterThan(1);
    expect(stderr).toMatch(/cannot write \/dev\/null\/x\.yaml/);
  });
});

describe('schema', () => {
  it('prints JSON Schema, and writes the same into a file', async () => {
    const { code, stdout } = await place.run('schema');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'object', required: ['name'] });
    expect((await place.run('schema', '--write', 'schema.json')).code).toBe(0);
    expect(place.read('schema.json')).toBe(stdout);
  });

  it('prints the schemas of the documents, and lists them all when a name is wrong', async () => {
    for (const name of ['status', 'run', 'report']) {
      const { code, stdout } = await place.run('schema', name);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ title: `ipc-sweep ${name} --json` });
    }
    const { code, stderr } = await place.run('schema', 'reprot');
    expect(code).toBe(2);
    expect(stderr).toContain('there is no schema "reprot", only experiment, status, run, report');
    expect(stderr).toContain('did you mean report?');
  });
});

describe('run, status and export', () => {
  beforeAll(async () => {
    place.spec('alpha', 'answers');
    place.spec('beta', 'answers', 'matrix: { buffer_size: 512, total_size: 1KiB }\ntrials: 3');
    for (const spec of ['alpha.yaml', 'beta.yaml']) {
      expect(await place.run('run', spec)).toMatchObject({ code: 0 });
    }
  });

  it('run prints a table and names the files it wrote', async () => {
    const { code, stdout, stderr } = await place.run(
      'run',
      'beta.yaml',
      '--fresh',
      '--results',
      'r',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ *buffer +total +n +MiB\/s/m);
    expect(stdout).toMatch(/^ *512 B +1 KiB +3 +0.977/m);
    expect(stdout).toContain('3 completed; sweep beta-1 in r/ipc-sweep.db');
    for (const name of CSV_FILES) {
      expect(stdout).toMatch(new RegExp(`^  ${name}\\.csv +\\d+ rows?$`, 'm'));
      expect(existsSync(place.path('r/beta-1', `${name}.csv`))).toBe(true);
    }
    expect(stderr).toMatch(/^3 runs of 1 cell, untraced, about /m);
  });

  it('run keeps to --db for the database and to --results for the files', async () => {
    const words = ['run', 'beta.yaml', '--db', 'elsewhere/my.db', '--results', 'files'];
    expect((await place.run(...words)).code).toBe(0);
    expect(place.query('SELECT id FROM run', 'elsewhere/my.db')).toHaveLength(3);
    expect(existsSync(place.path('files/beta-1/runs.csv'))).toBe(true);
    expect(existsSync(place.path('files/ipc-sweep.db'))).toBe(false);
  });

  it('status lists the sweeps, the newest first', async () => {
    const { code, stdout } = await place.run('status');
    expect(code).toBe(0);
    expect(stdout.split('\n').map((line) => line.split(/ +/).slice(0, 4))).toEqual([
      ['sweep', 'state', 'runs', 'not'],
      ['beta-2', 'ended', '3/3', '0'],
      ['alpha-1', 'ended', '4/4', '0'],
      [''],
    ]);
  });

  it('status --json has every sweep with its counts', async () => {
    const { code, stdout } = await place.run('status', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).sweeps).toEqual([
      expect.objectContaining({
        id: 2,
        name: 'beta',
        state: 'ended',
        tracer: 'none',
        planned_runs: 3,
        done_runs: 3,
        runs_by_state: expect.objectContaining({ completed: 3, failed: 0 }),
      }),
      expect.objectContaining({ id: 1, name: 'alpha', planned_runs: 4, done_runs: 4 }),
    ]);
    const one = await place.run('status', '--json', 'alpha');
    expect(JSON.parse(one.stdout).sweeps).toHaveLength(1);
  });

  it('status --json says in the name of the field whether doubts about cells are included', async () => {
    const fieldsOf = async (...words: string[]) => {
      const { stdout } = await place.run('status', '--json', ...words);
      const fields = Object.keys(JSON.parse(stdout).sweeps[0]);
      return fields.filter((name) => name.startsWith('doubts'));
    };
    expect(await fieldsOf()).toEqual(['doubts_without_cells']);
    expect(await fieldsOf('alpha')).toEqual(['doubts']);
  });

  it.each([
    ['the newest', [], 'beta', 3],
    ['one by name', ['alpha'], 'alpha', 4],
    ['one by id', ['1'], 'alpha', 4],
    ['one by name and id', ['beta-2'], 'beta', 3],
  ])('export writes %s', async (title, words, name, runs) => {
    const out = `out ${title}`;
    const { code, stdout } = await place.run('export', ...words, '--out', out);
    expect(code).toBe(0);
    const files = stdout.trim().split('\n');
    expect(files).toEqual(expect.arrayContaining(CSV_FILES.map((file) => `${out}/${file}.csv`)));
    expect(place.csv(out, 'runs.csv')).toHaveLength(runs);
    const id = name === 'alpha' ? 1 : 2;
    expect(place.read(out, 'samples.csv')).toBe(place.read(`results/${name}-${id}`, 'samples.csv'));
  });

  it('export names the existing sweeps when the wanted one does not exist', async () => {
    const { code, stdout, stderr } = await place.run('export', 'gamma');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('no sweep gamma');
    expect(stderr).toContain('beta-2, alpha-1');
  });

  it('export says why it cannot write', async () => {
    for (const out of ['/dev/null', '/dev/null/x']) {
      const { code, stderr } = await place.run('export', '--out', out);
      expect({ out, code }).toEqual({ out, code: 3 });
      expect(stderr).toContain(`cannot write the files in ${out}`);
      expect(stderr).not.toContain('bug');
    }
  });

  it('a sweep whose files cannot be written is stored all the same', async () => {
    place.write('blocked', 'a file where a folder is wanted');
    const { code, stderr } = await place.run(
      ...['run', 'beta.yaml', '--fresh', '--db', 'kept.db', '--results', 'blocked'],
    );
    expect(code).toBe(3);
    expect(stderr).toContain('is in the database');
    expect(place.query("SELECT id FROM run WHERE state = 'completed'", 'kept.db')).toHaveLength(3);
  });

  it('status and export need a database', async () => {
    for (const command of ['status', 'export']) {
      const { code, stderr } = await place.run(command, '--results', 'nowhere');
      expect(code).toBe(2);
      expect(stderr).toContain('there is no database nowhere/ipc-sweep.db');
    }
  });
});
