import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Ended, Workplace } from '../cli/workplace.ts';
import { untraceable } from './required.ts';
import { noSlurm, SlurmCluster } from './slurm-cluster.ts';

const missing = noSlurm();
const untraced = untraceable();

/** Folders whose names a shell or Slurm could misread. */
const RESULTS = "results of it's %a";

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
  const stateOf = (id: string) => states().get(id)?.state ?? '';
  /** Waits for a state of a job; a task that was queued again need not wait for its two minutes. */
  const reaches = async (id: string, wanted: RegExp) => {
    while (!wanted.test(stateOf(id))) {
      for (const [waiting, { reason }] of states()) {
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

  /** Waits until a shard has a run. */
  const untilStored = async (array: string, shard: number) => {
    while (storedRuns(shard) === 0) {
      const state = stateOf(`${array}_${shard}`);
      if (!/PENDING|RUNNING|COMPLETING|CONFIGURING/.test(state))
        throw new Error(`the task is ${state}`);
      await sleep(50);
    }
  };

  it('makes a sweep whose tasks are queued again and whose node is lost, and merges the whole plan', async () => {
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
    const log = (name: string) => place.read(RESULTS, 's-slurm', name);
    expect(log('shard-1.log')).toContain('start 2 on ');
    expect(log('shard-2.log')).toContain('start 2 on ');

    const shards = [1, 2, 3, 4].map((shard) =>
      place.query<{ cell: number; state: string }>(
        `SELECT ordinal, cell.number AS cell, trial, run.warmup, traced, run.state, attempt FROM run
         JOIN cell ON cell.id = cell_id ORDER BY ordinal`,
        `${RESULTS}/s-slurm/shard-${shard}.db`,
      ),
    );
    console.log(JSON.stringify(shards), log('shard-1.log'), log('shard-2.log'), log('merge.log'));
  });
});
