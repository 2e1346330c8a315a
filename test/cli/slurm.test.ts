import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faultsOf } from '../report/json/published-schemas.ts';
import { MAIN, Workplace } from './workplace.ts';

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
  mkdirSync(place.path('bin'));
  place.spec(
    'demo',
    'answers',
    'matrix: { buffer_size: [512, 1KiB, 2KiB, 4KiB], total_size: 4KiB }',
  );
});
afterEach(() => place.remove());

/** Puts a command into PATH that notes its words, a line each, and then does this. */
function standIn(name: string, script: string): void {
  const path = place.path('bin', name);
  const note = `for word in ${name} "$@"; do printf '%s\\n' "$word"; done >>${place.path('called')}`;
  writeFileSync(path, `#!/bin/sh\n${note}\n${script}\n`);
  chmodSync(path, 0o755);
}

const called = () =>
  existsSync(place.path('called')) ? place.read('called').trimEnd().split('\n') : [];
const slurm = (...words: string[]) =>
  place.start(['slurm', ...words], {
    PATH: `${place.path('bin')}:/usr/bin:/bin`,
    SLURM_CONF: '/dev/null',
  }).ended;
const folder = () => place.path('results', 'demo-slurm');

/** A cluster that gives the ids 41, 42, and so on, and whose queue is a file. */
function standInCluster(): void {
  standIn(
    'sbatch',
    `n=$(cat ${place.path('n')} 2>/dev/null || echo 40); n=$((n + 1)); echo $n >${place.path('n')}; echo $n`,
  );
  standIn('squeue', `cat ${place.path('queue')} 2>/dev/null || true`);
  standIn('sacct', 'echo "Slurm accounting storage is disabled" >&2; exit 1');
  standIn('scancel', '');
}

describe('slurm submit', () => {
  it('with --print shows scripts and commands, without Slurm, and writes nothing', async () => {
    const printed = await slurm('submit', 'demo.yaml', '--shards', '4', '--print');
    expect(printed.code, printed.stderr).toBe(0);
    expect(printed.stdout).toContain('sbatch --parsable --job-name=ipc-sweep-demo --array=1-4 ');
    expect(printed.stdout).toContain('--dependency=afterany:ARRAY_JOB');
    const [, program = ''] = /^program=(.*)$/m.exec(printed.stdout) ?? [];
    expect(existsSync(program), program).toBe(true);
    expect(printed.stdout).toContain(`run "$spec" --shard "$shard/4"`);
    // The program that the nodes start is the one that submits.
    expect(printed.stdout).toContain(MAIN);
    expect(existsSync(place.path('results'))).toBe(false);
  });

  it('starts on the nodes the program that was started here', async () => {
    const printed = await slurm('submit', 'demo.yaml', '--shards', '2', '--print');
    const programs = printed.stdout.match(/(?<=^program=).*/gm);
    expect(programs).toEqual([realpathSync(MAIN), realpathSync(MAIN)]);
  });

  it('says what is missing on a machine without Slurm, and records nothing', async () => {
    const ended = await place.start(['slurm', 'submit', 'demo.yaml', '--shards', '2'], {
      PATH: place.path('bin'),
    }).ended;
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('there is no sbatch: Slurm is not installed');
    expect(existsSync(place.path('results/demo-slurm/slurm.json'))).toBe(false);
  });

  it('passes on what Slurm says when it refuses the job', async () => {
    standIn('sbatch', 'echo "sbatch: error: invalid partition specified: nowhere" >&2; exit 1');
    const ended = await slurm('submit', 'demo.yaml', '--shards', '2', '--partition', 'nowhere');
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('sbatch: error: invalid partition specified: nowhere');
    expect(existsSync(place.path('results/demo-slurm/slurm.json'))).toBe(false);
  });

  it('submits an array and a job that waits for it, and records both', async () => {
    standInCluster();
    const ended = await slurm(
      ...['submit', 'demo.yaml', '--shards', '4', '--nodes', '2', '--time', '1:00:00'],
      ...['--account', "o'k $(touch planted)", '--sbatch=--mem=0', '--sbatch=--constraint=a b'],
    );
    expect(ended.code, ended.stderr).toBe(0);
    expect(called()).toEqual([
      ...['sbatch', '--parsable', '--job-name=ipc-sweep-demo', '--array=1-4%2', '--nodes=1'],
      ...['--ntasks=1', '--exclusive', '--requeue', '--open-mode=append', `--chdir=${folder()}`],
      ...[`--output=${folder()}/shard-%a.log`, '--time=1:00:00'],
      ...["--account=o'k $(touch planted)", '--mem=0', '--constraint=a b', `${folder()}/shard.sh`],
      ...['sbatch', '--parsable', '--job-name=ipc-sweep-demo-merge', '--dependency=afterany:41'],
      ...['--nodes=1', '--ntasks=1', '--open-mode=append', `--chdir=${folder()}`],
      ...[`--output=${folder()}/merge.log`, '--time=1:00:00', "--account=o'k $(touch planted)"],
      ...['--mem=0', '--constraint=a b', `${folder()}/merge.sh`],
    ]);
    expect(existsSync(place.path('planted'))).toBe(false);
    expect(JSON.parse(place.read('results/demo-slurm/slurm.json'))).toMatchObject({
      ...{ name: 'demo', shards: 4, array_job: '41', merge_job: '42', cluster: null },
    });
    expect(readdirSync(folder()).sort()).toEqual([
      'merge.sh',
      'shard.sh',
      'slurm.json',
      'spec.yaml',
    ]);
    expect(place.read('results/demo-slurm/spec.yaml')).toBe(place.read('demo.yaml'));
  });

  it('keeps the id of the array when the second job is refused, so that it can be cancelled', async () => {
    standInCluster();
    standIn('sbatch', 'case "$*" in *dependency*) echo no more jobs >&2; exit 1;; esac; echo 41');
    const ended = await slurm('submit', 'demo.yaml', '--shards', '4');
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('no more jobs');
    writeFileSync(place.path('queue'), '41_1|PENDING||Priority|ipc-sweep-demo\n');
    expect((await slurm('cancel', 'demo.yaml')).code).toBe(0);
    expect(called().slice(-2)).toEqual(['scancel', '41']);
  });

  it('refuses a sweep that is still queued, and other shards or cells in the same folder', async () => {
    standInCluster();
    expect((await slurm('submit', 'demo.yaml', '--shards', '4')).code).toBe(0);
    writeFileSync(place.path('queue'), '41_3|RUNNING|n1|None|ipc-sweep-demo\n');
    const twice = await slurm('submit', 'demo.yaml', '--shards', '4');
    expect(twice.code).toBe(2);
    expect(twice.stderr).toContain('still queued or running, as job 41 and 42');
    writeFileSync(place.path('queue'), '');
    const other = await slurm('submit', 'demo.yaml', '--shards', '3');
    expect(other.stderr).toContain('has the sweep in 4 shards, which cannot become 3');
    place.spec('demo', 'answers', 'matrix: { buffer_size: [512, 1KiB, 2KiB], total_size: 4KiB }');
    const changed = await slurm('submit', 'demo.yaml', '--shards', '4');
    expect(changed.stderr).toContain('4 shards are too many');
    place.spec(
      'demo',
      'answers',
      'matrix: { buffer_size: [512, 1KiB, 2KiB, 4KiB], total_size: 8KiB }',
    );
    const others = await slurm('submit', 'demo.yaml', '--shards', '4');
    expect(others.stderr).toContain('the matrix has changed');
    place.spec(
      'demo',
      'answers',
      'matrix: { buffer_size: [512, 1KiB, 2KiB, 4KiB], total_size: 4KiB }\ntrials: 3',
    );
    expect((await slurm('submit', 'demo.yaml', '--shards', '4')).code).toBe(0);
  });

  it.each([
    [['submit', 'demo.yaml'], 'the number of shards is missing'],
    [['submit', '--shards', '2'], 'the spec is missing'],
    [['submit', 'demo.yaml', '--shards', '0'], '--shards: expected a whole number from 1'],
    [['submit', 'demo.yaml', '--shards', '9'], '9 shards are too many'],
    [
      ['submit', 'demo.yaml', '--shards', '2', '--sbatch=--wait'],
      'slurm submit sets --wait itself',
    ],
    [['status', '--print'], '--print is an option of slurm submit'],
    [['cancel', '--json'], '--json is an option of slurm status'],
    [['sumbit', 'demo.yaml'], 'did you mean submit?'],
    [['status'], 'nothing was submitted from results'],
    [['cancel', 'demo.yaml'], 'nothing was submitted from '],
  ])('is refused with a reason: %j', async (words, reason) => {
    const ended = await slurm(...words);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(reason);
  });
});

describe('slurm status and cancel', () => {
  beforeEach(async () => {
    standInCluster();
    expect((await slurm('submit', 'demo.yaml', '--shards', '2')).code).toBe(0);
    writeFileSync(
      place.path('queue'),
      '41_1|RUNNING|node7|None|ipc-sweep-demo\n41_2|PENDING||Resources|ipc-sweep-demo\n42|PENDING||Dependency|ipc-sweep-demo-merge\n',
    );
  });

  it('show what Slurm says of each shard, as lines and as JSON, found by spec, name or folder', async () => {
    for (const target of [[], ['demo.yaml'], ['demo'], ['results/demo-slurm']]) {
      const shown = await slurm('status', ...target);
      expect(shown.code, shown.stderr).toBe(0);
      expect(shown.stdout).toMatch(/^ +1 {2}RUNNING +node7 /m);
      expect(shown.stdout).toMatch(/^ +2 {2}PENDING \(Resources\) +- /m);
      expect(shown.stdout).toMatch(/^merge {2}PENDING \(Dependency\) /m);
    }
    const document = JSON.parse((await slurm('status', '--json')).stdout);
    expect(faultsOf('slurm-status', document)).toEqual([]);
    const { submissions } = document;
    expect(submissions).toMatchObject([
      {
        name: 'demo',
        shards: [
          { shard: 1, job: '41', slurm_state: 'RUNNING', node: 'node7', done_runs: null },
          { shard: 2, job: '41', slurm_state: 'PENDING', slurm_reason: 'Resources', node: null },
        ],
        merge: { job: '42', slurm_state: 'PENDING' },
      },
    ]);
  });

  it('leave alone the jobs of other users that have the same ids', async () => {
    writeFileSync(
      place.path('queue'),
      '41|RUNNING|node1|None|a stranger\n42|RUNNING|node1|None|x\n',
    );
    expect((await slurm('status')).stdout).toMatch(/^ +1 {2}no longer known/m);
    const cancelled = await slurm('cancel');
    expect(cancelled.stdout).toContain('nothing of ');
    expect(called()).not.toContain('scancel');
  });

  it('cancel exactly the recorded jobs', async () => {
    const cancelled = await slurm('cancel', 'demo.yaml');
    expect(cancelled.code, cancelled.stderr).toBe(0);
    expect(called().slice(-3)).toEqual(['scancel', '41', '42']);
  });

  it('say that an answer cannot be read, instead of guessing', async () => {
    writeFileSync(place.path('queue'), 'maintenance until noon\n');
    const shown = await slurm('status');
    expect(shown.code).toBe(3);
    expect(shown.stderr).toContain(
      'squeue gave an answer that cannot be read: "maintenance until noon"',
    );
  });
});
