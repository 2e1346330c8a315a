import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import datapackage from 'datapackage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildBundled } from '../../src/benchmark/bundled.ts';
import { localHost } from '../host/local-host.ts';
import { type Ended, Workplace } from './workplace.ts';

const place = new Workplace();
afterAll(() => place.remove());

const recorded = (name: string) =>
  readFileSync(
    fileURLToPath(new URL(`../fixtures/ipc-benchmark/${name}.stdout`, import.meta.url)),
    'utf8',
  );

const CELLS = [
  ['pipe', '2proc', '4096'],
  ['local', '2thread', '8192'],
] as const;

/** The output of the bundled benchmark for each cell, one document after the other. */
let printed = '';
let imported: Ended;
beforeAll(async () => {
  const { host, close } = await localHost({ XDG_CACHE_HOME: place.path('cache') });
  const program = await buildBundled(host);
  await close();
  for (let trial = 0; trial < 6; trial++) {
    for (const [ipc, mode, buffer] of CELLS) {
      const options = ['-j', '-v', '-B', '-g', '-i', ipc, '-b', buffer, '-t', '65536', '-n', '3'];
      printed += spawnSync(program, [...options, mode], { encoding: 'utf8' }).stdout;
    }
  }
  place.write('lab2.json', printed);
  imported = await place.run('import-notebook', 'lab2.json', '--bare');
});

const stored = (db: string) => place.query('SELECT id, name, state FROM sweep', db);
const load = (db: string, ...words: string[]) => place.run('import-notebook', ...words, '--db', db);

describe('import-notebook', () => {
  it('finds every document in what the bundled benchmark printed, one after another', () => {
    const { code, stdout, stderr } = imported;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      'imported 12 runs with 36 samples as sweep lab2-1 in results/ipc-sweep.db\n',
    );
    expect(
      place.query('SELECT state, tracer, bare, rusage, iterations, started_at FROM sweep'),
    ).toEqual([
      { state: 'ended', tracer: 'none', bare: 1, rusage: 1, iterations: 3, started_at: '' },
    ]);
    const times = [...printed.matchAll(/"time": "0\.(\d{9})"/g)].map(([, ns]) => Number(ns));
    expect(
      place
        .query<{ elapsed_ns: number }>('SELECT elapsed_ns FROM sample ORDER BY run_id, iteration')
        .map((row) => row.elapsed_ns),
    ).toEqual(times);
  });

  it('makes a sweep that is shown, exported and compared like any other', async () => {
    const status = await place.run('status', 'lab2');
    expect(status.stdout).toContain('12 of 12 runs, none, started elsewhere');
    expect(status.stdout).toMatch(/pipe 2proc +4 KiB +64 KiB +6 /);
    expect((await place.run('export', 'lab2')).code).toBe(0);
    const summary = place.csv('results/lab2-1/summary.csv');
    expect(summary.map((row) => [row.ipc, row.mode, row.buffer_bytes, row.n])).toEqual(
      CELLS.map(([ipc, mode, buffer]) => [ipc, mode, buffer, '6']),
    );
    for (const row of summary) expect(row.bandwidth_ci_low_bytes_per_s).not.toBe('');
    for (const run of place.csv('results/lab2-1/runs.csv')) {
      expect(run).toMatchObject({ started_at: '', exit_code: '', wall_ns: '0', traced: 'false' });
    }
    const facts = place.csv('results/lab2-1/environment.csv');
    expect(facts.map((row) => row.key)).not.toContain('load_1min');
    const compared = await place.run('compare', 'lab2-1', 'lab2-1');
    expect(compared).toMatchObject({ code: 0, stderr: expect.not.stringContaining('too few') });
    expect(compared.stdout + compared.stderr).toContain('started elsewhere');
    expect((await place.run('doctor', '--db', 'results/ipc-sweep.db')).code).toBe(0);
  });

  it('makes a sweep that is written in every format, with its times empty', async () => {
    const formats = ['--format', 'csv,xlsx,parquet', '--out', 'formats'];
    const { code, stderr } = await place.run('export', 'lab2', ...formats);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(place.read('formats', 'datapackage.json'))).not.toHaveProperty('created');
    const file = place.path('formats', 'datapackage.json');
    const { errors, resources } = await datapackage.Package.load(file, { strict: false });
    expect(errors).toEqual([]);
    for (const resource of resources) await resource.read({ relations: false });
    expect((await place.run('report', 'lab2')).code).toBe(0);
    expect(place.read('results/lab2-1/report.html')).not.toContain('datetime=""');
  });

  it('takes the host from the document, and calls it “imported” where the document names none', async () => {
    place.write('freebsd.json', recorded('g3'));
    await load('host.db', 'freebsd.json');
    const bare = JSON.parse(recorded('canonical')) as Record<string, unknown>;
    for (const block of ['hardware', 'os', 'network_ipc']) delete bare[`${block}_configuration`];
    place.write('bare.json', JSON.stringify(bare));
    await load('host.db', 'bare.json');
    expect(
      place.query(
        `SELECT host.name, os_name, os_release, architecture, cpu_model, cpu_count, captured_at
         FROM environment JOIN host ON host.id = host_id ORDER BY environment.id`,
        'host.db',
      ),
    ).toEqual([
      {
        ...{ name: 'vm', os_name: 'FreeBSD', os_release: '14.0-CURRENT', architecture: 'arm64' },
        ...{ cpu_model: 'ARM Cortex-A72 r0p3', cpu_count: 4, captured_at: '' },
      },
      {
        ...{ name: 'imported', os_name: '', os_release: '', architecture: '' },
        ...{ cpu_model: '', cpu_count: 0, captured_at: '' },
      },
    ]);
  });

  it('refuses the same contents twice, under any name, unless --fresh asks for them', async () => {
    place.write('copy.json', printed);
    const again = await place.run('import-notebook', 'copy.json', '--name', 'other');
    expect(again).toMatchObject({ code: 2, stdout: '' });
    expect(again.stderr).toContain('imported before, as sweep 1');
    expect(again.stderr).toContain('--fresh');
    // As a list of JSON, in another order, and with other blanks.
    const documents = printed.split(/(?<=^})\n/m).filter((text) => text.trim() !== '');
    const saved = JSON.stringify(documents.reverse().map((text) => JSON.parse(text)));
    place.write('saved-again.json', saved);
    const resaved = await place.run('import-notebook', 'saved-again.json', '--name', 'other');
    expect(resaved).toMatchObject({ code: 2, stderr: expect.stringContaining('imported before') });
    const fresh = await place.run('import-notebook', 'copy.json', '--name', 'other', '--fresh');
    expect(fresh).toMatchObject({ code: 0, stdout: expect.stringContaining('sweep other-2') });
  });

  it('stores nothing when a document cannot be read, or skips it if told to', async () => {
    place.write(
      'broken.json',
      `${recorded('g3')}${recorded('e_P_dcache_v')}${recorded('describe_j')}`,
    );
    const strict = await load('strict.db', 'broken.json');
    expect(strict).toMatchObject({ code: 2, stdout: '' });
    expect(strict.stderr).toContain(
      `broken.json: document 2 (line ${recorded('g3').split('\n').length}): it has no benchmark_samples`,
    );
    expect(strict.stderr).toMatch(/document 3 \(line \d+\): it is cut off/);
    expect(strict.stderr).toContain('--skip-unreadable stores the other 1 run');
    expect(() => stored('strict.db')).toThrow();
    const skipped = await load('strict.db', 'broken.json', '--skip-unreadable');
    expect(skipped).toMatchObject({ code: 0, stderr: expect.stringContaining('left out: broken') });
    expect(stored('strict.db')).toEqual([{ id: 1, name: 'broken', state: 'ended' }]);
  });

  it('counts iterations as runs when asked to, the first of them as warm-up', async () => {
    place.write('notebook.txt', recorded('g3'));
    const plain = await load('runs.db', 'notebook.txt');
    expect(plain.stderr).toContain('--iterations-as-runs');
    await load('runs.db', 'notebook.txt', '--fresh', '--iterations-as-runs');
    expect(
      place.query('SELECT sweep_id, trial, warmup, iterations FROM run_overview', 'runs.db'),
    ).toEqual([
      { sweep_id: 1, trial: 1, warmup: 0, iterations: 3 },
      { sweep_id: 2, trial: 1, warmup: 1, iterations: 1 },
      { sweep_id: 2, trial: 2, warmup: 0, iterations: 1 },
      { sweep_id: 2, trial: 3, warmup: 0, iterations: 1 },
    ]);
  });

  it('refuses documents with different numbers of iterations', async () => {
    place.write('mixed.json', recorded('g3') + recorded('canonical'));
    const { code, stderr } = await load('mixed.db', 'mixed.json');
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('it has 1 iteration, but those before it have 3'),
    });
  });

  it('uses the last of an option that is given twice, as every command does', async () => {
    const { stdout } = await load('twice.db', 'lab2.json', '--name', 'a', '--name', 'b');
    expect(stdout).toContain('as sweep b-1 in');
  });

  it.each([
    [['absent.json'], 'there is no such file'],
    [['.', '--name', 'a'], 'cannot read .'],
    [['lab2.json', '--name', '../up'], 'expected a name of letters'],
    [['programs/answers'], 'no document of ipc-benchmark -j is in it'],
  ])('refuses %j with a message', async (words, message) => {
    const { code, stdout, stderr } = await load('no.db', ...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('bug');
  });

  it('reads files as PowerShell and Windows editors save them', async () => {
    const text = recorded('canonical');
    place.write('mark.json', `\ufeff${text}`);
    place.write('utf16.json', Buffer.from(`\ufeff${text}`, 'utf16le'));
    place.write('bare16.json', Buffer.from(text, 'utf16le').swap16());
    for (const file of ['mark', 'utf16', 'bare16']) {
      const { code, stdout, stderr } = await load(`${file}.db`, `${file}.json`);
      expect(stderr).not.toContain('left out');
      expect(stdout).toContain('imported 1 run with 1 sample');
      expect(code).toBe(0);
    }
  });

  it('refuses a file that is too long before all of it is read', async () => {
    place.write('long.json', Buffer.alloc(32 * 1024 ** 2 + 1, 'x'));
    const { code, stderr } = await load('no.db', 'long.json');
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('too long'),
    });
    expect((await load('no.db', '/dev/zero')).stderr).toContain('too long');
  });
});
