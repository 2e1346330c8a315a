import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shellWord } from '../../src/experiment/shell-word.ts';
import {
  arrayWords,
  type Job,
  mergeScript,
  mergeWords,
  requirePlainPath,
  requireSbatchOption,
  shardScript,
} from '../../src/slurm/job.ts';

const JOB: Job = {
  name: 'demo',
  folder: '/shared/demo-slurm',
  specFile: '/home/me/demo.yaml',
  specFolder: '/home/me',
  shards: 4,
  nodes: 2,
  node: '/usr/bin/node',
  program: '/opt/ipc-sweep/bundle/main.js',
  runWords: [],
  sbatchWords: [],
};

/** Any path that `requirePlainPath` lets pass. */
const path = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...["'", '"', ' ', '$(touch x)', '`touch x`', ';', '&', '|', '<', '>', '*', '!', '#', '%a'],
      ),
      fc.string({ unit: 'grapheme' }).filter((text) => !/[\x00-\x1f\x7f\\]/.test(text)),
    ),
    { maxLength: 8 },
  )
  .map((parts) => `/${parts.join('')}`);

describe('the job scripts', () => {
  it('pass every path to the shell as one word, whatever it contains', () => {
    const paths = fc.sample(path, { numRuns: 300, seed: 1 });
    const lines = paths.map((each) => `printf '%s\\0' ${shellWord(each)}`);
    const { stdout } = spawnSync('sh', ['-s'], { input: lines.join('\n'), encoding: 'utf8' });
    expect(stdout.split('\0').slice(0, -1)).toEqual(paths);
  });

  it('contain the paths only in their variables, quoted', () => {
    fc.assert(
      fc.property(path, path, (folder, specFile) => {
        const job = { ...JOB, folder, specFile };
        const plain = { ...JOB, folder: '/F', specFile: '/S' };
        for (const script of [shardScript, mergeScript]) {
          const expected = script(plain)
            .replace('folder=/F\n', () => `folder=${shellWord(folder)}\n`)
            .replace('spec=/S\n', () => `spec=${shellWord(specFile)}\n`);
          expect(script(job)).toBe(expected);
        }
      }),
    );
  });

  it.each([
    ['of a shard', shardScript(JOB)],
    ['that merges', mergeScript(JOB)],
  ])('are accepted by sh: the one %s', (_, script) => {
    expect(spawnSync('sh', ['-n'], { input: script, encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
  });

  it('say which file a node lacks, and end with exit code 3', () => {
    const ended = spawnSync('sh', ['-s'], {
      input: shardScript({ ...JOB, folder: '/nowhere at all' }),
      env: { PATH: process.env.PATH, SLURM_ARRAY_TASK_ID: '2' },
      encoding: 'utf8',
    });
    expect(ended.status).toBe(3);
    expect(ended.stderr).toMatch(/^ipc-sweep: \S+ has no \/nowhere at all: /);
  });
});

describe('the words of the sbatch command', () => {
  it('limit the tasks that run at the same time to the wanted number of nodes', () => {
    expect(arrayWords(JOB)).toContain('--array=1-4%2');
    expect(arrayWords({ ...JOB, nodes: undefined })).toContain('--array=1-4');
    expect(mergeWords(JOB, '17')).toContain('--dependency=afterany:17');
  });

  it('keep Slurm from expanding patterns in the name of the folder', () => {
    const words = arrayWords({ ...JOB, folder: '/shared/100%a' });
    expect(words).toContain('--output=/shared/100%%a/shard-%a.log');
    expect(words).toContain('--chdir=/shared/100%a');
  });

  it.each([
    ...['--array=1-9', '--arr=1-9', '-a1-9', '--depend=x', '--wait', '-W', '--wrap=ls'],
    ...['--output=/etc/passwd', '-o', '--parsable', '--test-only', '--nodes=2', '--chdir=/'],
  ])('do not allow %s, which the jobs set themselves', (word) => {
    expect(() => requireSbatchOption(word)).toThrow('slurm submit sets');
  });

  it.each(['', 'script.sh', '--', '-', '---x', '--mem=1\n2', '--Mem'])(
    'do not allow %j',
    (word) => {
      expect(() => requireSbatchOption(word)).toThrow('expected one option of sbatch');
    },
  );

  it.each(['--mem=0', '-pmain', '--constraint=a b', "--comment=it's", '--hold'])(
    'allow %s',
    (word) => {
      expect(() => requireSbatchOption(word)).not.toThrow();
    },
  );

  it.each(['/a\nb', '/a\u0000b', '/a\\b', '/a\u007fb'])('do not allow the path %j', (bad) => {
    expect(() => requirePlainPath(bad)).toThrow('holds');
  });
});
