import { readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Ended, Workplace } from '../cli/workplace.ts';
import { faultsOf } from '../report/json/published-schemas.ts';
import { untraceable } from './required.ts';
import { noSlurm, SlurmCluster } from './slurm-cluster.ts';

const missing = noSlurm();
const untraced = untraceable();

/** Folders whose names a shell or Slurm could misread. */
const RESULTS = "results of it's %a";

/** The runs of a database as `plan` has them. */
const RUNS = `SELECT ordinal, cell.number AS cell, trial, run.warmup, traced, attempt, run.state FROM run
  JOIN cell ON cell.id = cell_id ORDER BY ordinal`;
/** All of a run that is no id, with its samples. */
const EVERYTHING = `SELECT cell.key, ordinal, trial, attempt, run.warmup, traced, state, reason, exit_code,
    signal, pid, stderr_tail, started_at, wall_ns, user_ns, system_ns, max_rss_bytes,
    iteration, elapsed_ns, bandwidth_bytes_per_s, captured_at
  FROM run JOIN cell ON cell.id = cell_id JOIN sample ON run_id = run.id
  JOIN environment ON environment.id = environment_id`;
const COUNTS = [
  'SELECT ordinal, role, syscall, count FROM syscall_count JOIN run ON run.id = run_id',
  'SELECT ordinal, role, operation, pipe_state.state, count FROM pipe_state JOIN run ON run.id = run_id',
];

describe.skipIf(missing !== undefined)(`a cluster of one node ${missing ?? ''}`, () => {
  const cluster = new SlurmCluster();
  let place: Workplace;

  beforeAll(async () => cluster.start());
  afterAll(async () => cluster.stop());
  beforeEach(() => {
    place = new Workplace();
  });
  afterEach(() => {
    const left = place.processes();
    place.remove();
    expect(left).toEqual([]);
  });

  const run = (...words: string[]): Promise<Ended> =>
    place.start(words, { ...cluster.environment, IPC_SWEEP_HOST_LOCK: '' }).ended;
  const states = () =>
    new Map(
      cluster
        .ask('squeue', '--noheader', '--array', '--states=all', '--format=%i|%T|%r')
        .split('\n')
        .map((line) => line.trim().split('|'))
        .map(([id = '', state = '', reason = '']) => [id, { state, reason }] as const),
    );
  const stateOf = (id: string) => states().get(id)?.state ?? 'not there';
  const logs = () =>
    readdirSync(place.folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.log'))
      .map((name) => `${name}:\n${place.read(name)}`)
      .join('\n');
  /** @throws Error with all logs if a job has ended, or is held, so that waiting for it is in vain */
  const requireGoing = (id: string, jobs: ReturnType<typeof states>) => {
    const { state, reason } = jobs.get(id) ?? { state: 'not there', reason: '' };
    if (!/^(PENDING|CONFIGURING|RUNNING|COMPLETING)$/.test(state) || /held/i.test(reason))
      throw new Error(`job ${id} is ${state} (${reason})\n${logs()}`);
  };
  /** Waits for a state of a job; a task that was queued again need not wait for its two minutes. */
  const reaches = async (id: string, wanted: RegExp) => {
    for (let jobs = states(); !wanted.test(jobs.get(id)?.state ?? ''); jobs = states()) {
      requireGoing(id, jobs);
      for (const [waiting, { reason }] of jobs) {
        if (reason === 'BeginTime')
          cluster.ask('scontrol', 'update', `JobId=${waiting}`, 'StartTime=now');
      }
      await sleep(100);
    }
  };
  const idsOf = ({ stdout }: Ended) =>
    [...stdout.matchAll(/^job (\d+): /gm)].map(([, id]) => id ?? '');
  const storedRuns = (shard: number) => {
    try {
      return place.query('SELECT 1 FROM run', `${RESULTS}/s-slurm/shard-${shard}.db`).length;
    } catch {
      return 0; // It is not there yet, or just being written.
    }
  };

  const log = (name: string) => place.read(RESULTS, 's-slurm', name);
  /** Waits until a shard has a run. */
  const untilStored = async (array: string, shard: number) => {
    for (let jobs = states(); storedRuns(shard) === 0; jobs = states()) {
      requireGoing(`${array}_${shard}`, jobs);
      await sleep(50);
    }
  };

  it('makes a sweep although tasks are queued again and a node is lost, and merges the whole plan', async () => {
    const tracer = untraced === undefined ? 'bpftrace' : 'none';
    place.write(
      "s p'ec.yaml",
      [
        'name: s',
        // Each run sleeps for seconds, so that tasks can be met in the middle of their shards.
        `trace: { tracer: ${tracer}, controls: ${untraced === undefined} }`,
        'matrix: { buffer_size: { from: 1KiB, to: 8KiB, factor: 2 }, total_size: 64KiB }',
        'trials: 2',
        '',
      ].join('\n'),
    );
    const planned = await run('plan', "s p'ec.yaml", '--json');
    const submitted = await run(
      ...['slurm', 'submit', "s p'ec.yaml", '--shards', '4', '--nodes', '1', '--partition', 'main'],
      ...['--results', RESULTS],
    );
    expect(submitted.code, submitted.stderr).toBe(0);
    const [array = '', merge = ''] = idsOf(submitted);
    // The jobs have a copy: what becomes of the spec does not concern them.
    writeFileSync(place.path("s p'ec.yaml"), 'no longer a spec\n');

    await untilStored(array, 1);
    cluster.ask('scontrol', 'requeue', `${array}_1`);
    await untilStored(array, 2);
    await cluster.loseNode();
    cluster.startNode();
    await reaches(merge, /COMPLETED|FAILED/);
    expect(log('shard-1.log')).toContain('start 2 on ');
    expect(log('shard-2.log')).toContain('start 2 on ');

    expect(log('shard-1.log')).toContain('the spec has changed since it was submitted');
    expect(stateOf(merge), logs()).toBe('COMPLETED');

    const { runs, cells } = JSON.parse(planned.stdout);
    const plan = runs.map(({ ordinal, cell, trial, warmup, traced }: Record<string, unknown>) => ({
      ...{ ordinal, cell, trial, warmup: Number(warmup), traced: Number(traced) },
      ...{ attempt: 1, state: 'completed' },
    }));
    const whole = `${RESULTS}/s-slurm/ipc-sweep.db`;
    // Whoever else works on this machine may have been noticed; that makes no run a bad one.
    expect(place.query(RUNS, whole)).toEqual(plan);
    expect(place.query('SELECT DISTINCT shard, planned_runs, state FROM sweep', whole)).toEqual([
      { shard: null, planned_runs: plan.length, state: 'ended' },
    ]);
    const shards = [1, 2, 3, 4].map((shard) => `${RESULTS}/s-slurm/shard-${shard}.db`);
    for (const rows of [EVERYTHING, ...(tracer === 'none' ? [] : COUNTS)]) {
      const apart = shards
        .flatMap((file) => place.query(rows, file))
        .map((row) => JSON.stringify(row));
      const together = place.query(rows, whole).map((row) => JSON.stringify(row));
      expect(together.length).toBeGreaterThan(0);
      expect(together.sort()).toEqual(apart.sort());
    }
    const cellsOf = shards.map((file) =>
      place.query<{ cell: number }>(
        'SELECT DISTINCT number AS cell FROM cell JOIN run ON run.cell_id = cell.id',
        file,
      ),
    );
    expect(cellsOf.flat()).toHaveLength(cells.length);
    expect(place.csv(RESULTS, 's-slurm', 's-1', 'runs.csv')).toHaveLength(plan.length);

    const shown = await run('slurm', 'status', 's', '--results', RESULTS, '--json');
    expect(faultsOf('slurm-status', JSON.parse(shown.stdout))).toEqual([]);
    const [submission] = JSON.parse(shown.stdout).submissions;
    expect(submission.merge).toMatchObject({ slurm_state: 'COMPLETED', done_runs: plan.length });
    for (const shard of submission.shards) {
      expect(shard).toMatchObject({ slurm_state: 'COMPLETED', state: 'ended', not_good_runs: 0 });
      expect(shard.done_runs).toBe(shard.planned_runs);
    }
  });

  it('refuses a missing partition with the message of Slurm, and cancels only its own jobs', async () => {
    place.spec('c', 'answers');
    place.write('programs/answers.delay', '600');
    const submit = (partition: string) =>
      run('slurm', 'submit', 'c.yaml', '--shards', '2', '--partition', partition);
    const refused = await submit('nowhere');
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain('invalid partition specified: nowhere');
    const other = cluster
      .ask('sbatch', '--parsable', '--hold', '--output=/dev/null', '--wrap=true')
      .trim();
    const submitted = await submit('main');
    expect(submitted.code, submitted.stderr).toBe(0);
    const [array = '', merge = ''] = idsOf(submitted);
    await reaches(`${array}_1`, /RUNNING/);
    expect((await submit('main')).stderr).toContain('is still queued or running');
    expect((await run('slurm', 'cancel', 'c')).code).toBe(0);
    for (const id of [`${array}_1`, `${array}_2`, merge]) await reaches(id, /CANCELLED/);
    expect(stateOf(other)).toBe('PENDING');
    cluster.ask('scancel', other);
    await place.until(() => place.processes().length === 0);
  });
});
