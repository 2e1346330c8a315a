import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { openForWriting } from '../../src/store/open.ts';
import { exampleResult, exampleSweep } from '../store/example-sweep.ts';
import { Workplace } from './workplace.ts';

const place = new Workplace();
afterAll(() => place.remove());

/** Each of these once took gigabytes: with so little to allocate from, that ends the process. */
const small = (...words: string[]) =>
  place.start(words, { NODE_OPTIONS: '--max-old-space-size=384' }).ended;

const recorded = readFileSync(
  fileURLToPath(new URL('../fixtures/ipc-benchmark/canonical.stdout', import.meta.url)),
  'utf8',
);

describe('with little memory', () => {
  it('a benchmark that prints millions of numbers is refused, and so is its overlong description', async () => {
    place.spec(
      'millions',
      'prints-millions',
      'matrix: { buffer_size: 512, total_size: 1KiB }\ntrials: 1',
    );
    const { code, stderr } = await small('run', 'millions.yaml');
    expect(stderr).not.toContain('heap');
    expect(code).toBe(1);
    expect(place.query('SELECT state, reason FROM run')).toEqual([
      {
        state: 'output-unreadable',
        reason: expect.stringMatching(/^JSON of more than 1000000 values: "\{.*\.\.\."$/),
      },
    ]);
    expect(place.query("SELECT 1 FROM environment_fact WHERE key = 'kern.ostype'")).toEqual([]);
  });

  it.each([
    ['numbers', `[${'1,'.repeat(8_000_000)}1]`],
    ['words', `[${'"{",'.repeat(900_000)}1]`],
    ['documents', `${'{"benchmark_samples":[]}\n'.repeat(300_000)}`],
    ['open braces', '{"benchmark_samples"'.repeat(400_000)],
    [
      'brackets around words',
      `${'['.repeat(200_000)}${'"{",'.repeat(100_000)}1${']'.repeat(200_000)}`,
    ],
  ])('import-notebook refuses a file of %s', async (name, text) => {
    place.write('huge.json', text);
    const { code, stderr } = await small('import-notebook', 'huge.json', '--db', 'huge.db');
    expect(stderr).toMatch(
      /^ipc-sweep: huge\.json: (no document|it has more than 100000 documents)/,
    );
    expect([name, code]).toEqual([name, 2]);
  });

  it('validate refuses aliases that stand for a million wrong sizes', async () => {
    const list = `[${'1e6, '.repeat(10_000)}]`;
    place.write(
      'aliases.yaml',
      `name: a\ndescription: &a ${list}\nmatrix:\n  exclude:\n${'    - { buffer_size: *a }\n'.repeat(98)}`,
    );
    const { code, stderr } = await small('validate', 'aliases.yaml');
    expect(stderr).toContain('this alias is one too many');
    expect(code).toBe(2);
  });

  it('replay leaves runs as they are when their traces are damaged, or larger than any trace', async () => {
    const { db, close } = openForWriting(place.path('damaged.db'));
    const { store } = exampleSweep(db);
    for (const trial of [1, 2, 3, 4]) store(exampleResult(trial, { doubts: [] }));
    const damage = db.prepare('UPDATE raw_trace SET gzip = ? WHERE run_id = ?');
    damage.run(Buffer.from('no gzip'), 2);
    damage.run(gzipSync('end 3\n').subarray(0, -3), 3);
    damage.run(gzipSync(Buffer.alloc(600 * 1024 ** 2)), 4);
    close();
    const counts = () => place.query('SELECT * FROM syscall_count WHERE run_id > 1', 'damaged.db');
    const before = counts();
    expect(before).toHaveLength(6);

    const { code, stdout, stderr } = await small('replay', '--db', 'damaged.db');
    expect(stdout).toBe('replayed 1 run of example-1\n');
    expect(stderr.split('\n')).toEqual([
      ...[2, 3, 4].map(
        (run) => `run ${run} of example-1: the trace is damaged: it cannot be unpacked`,
      ),
      '3 runs could not be read again: stored counts stay',
      '',
    ]);
    expect(code).toBe(1);
    expect(counts()).toEqual(before);
    expect(place.query('SELECT * FROM syscall_count WHERE run_id = 1', 'damaged.db')).toEqual([]);
  });

  it('replay erases nothing that it cannot make again', async () => {
    const { db, close } = openForWriting(place.path('unknown.db'));
    const { store } = exampleSweep(db, { tracer: 'ktrace' });
    store(exampleResult(1, { doubts: [] }));
    store(exampleResult(2, { doubts: [], pid: null }));
    close();
    const { code, stderr } = await small('replay', '--db', 'unknown.db');
    expect(stderr).toContain('run 1 of example-1: the trace is not from a tracer that');
    expect(code).toBe(1);
    expect(place.query('SELECT * FROM syscall_count', 'unknown.db')).toHaveLength(4);
  });
});

it('an ordinary document is read with as little memory', async () => {
  place.write('small.json', recorded);
  expect((await small('import-notebook', 'small.json', '--db', 'small.db')).code).toBe(0);
});
