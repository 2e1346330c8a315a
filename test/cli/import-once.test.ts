import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { Workplace } from './workplace.ts';

const place = new Workplace();
afterAll(() => place.remove());

/** The output of one run of three iterations. */
const text = readFileSync(new URL('../fixtures/ipc-benchmark/g3.stdout', import.meta.url), 'utf8');

/** The same with an iteration of each of these times in seconds. */
function documentOf(times: readonly number[]): string {
  const document = JSON.parse(text);
  const configuration = { ...document.benchmark_configuration, iterations: times.length };
  const samples = times.map((seconds) => ({
    time: seconds.toFixed(9),
    bandwidth: Number((configuration.totalsize / 1024 / seconds).toFixed(2)),
  }));
  return JSON.stringify({
    ...document,
    benchmark_configuration: configuration,
    benchmark_samples: samples,
  });
}

const load = (db: string, ...words: string[]) => place.run('import-notebook', ...words, '--db', db);

describe('import-notebook', () => {
  it('counts measurements only once that are given twice, and says where they are', async () => {
    const shown = { nbformat: 4, cells: [] as object[] };
    shown.cells.push({
      cell_type: 'code',
      outputs: [
        { output_type: 'stream', name: 'stdout', text },
        { output_type: 'display_data', data: { 'application/json': JSON.parse(text) } },
      ],
    });
    place.write('shown.ipynb', JSON.stringify(shown));
    place.write('printed.txt', text);
    for (const words of [[], ['--iterations-as-runs']]) {
      const db = `once${words.length}.db`;
      const { code, stdout, stderr } = await load(db, 'shown.ipynb', 'printed.txt', ...words);
      expect(code).toBe(0);
      expect(stdout).toContain(
        `imported ${words.length === 0 ? '1 run' : '3 runs'} with 3 samples`,
      );
      expect(stderr).toContain(
        'counted once: shown.ipynb: document 2 (cell 1, output 2, all of it): the same measurements as in shown.ipynb: document 1 (cell 1, output 1, line 1)',
      );
      expect(stderr).toContain('counted once: printed.txt: document 1');
    }
  });

  it('gives no interval and no verdict for the iterations of one process', async () => {
    const times = Array.from({ length: 11 }, (_, at) => 0.001 + at / 100_000);
    place.write('fast.json', documentOf(times));
    place.write('slow.json', documentOf(times.map((seconds) => 3 * seconds)));
    for (const name of ['fast', 'slow']) {
      await load('dependent.db', `${name}.json`, '--iterations-as-runs');
    }
    const db = ['--db', 'dependent.db'];
    const status = await place.run('status', 'fast', ...db);
    expect(status.stdout).toMatch(/10 +29\.\d/);
    expect(status.stdout).not.toMatch(/\d-\d/);
    expect(status.stdout.replace(/\s+/g, ' ')).toContain('n counts iterations of one process');
    const compared = await place.run('compare', 'fast', 'slow', ...db);
    expect(compared.stdout).toContain('too few runs (1 and 1)');
    expect(compared.stderr).toContain('A and B: n counts iterations of one process');
    await place.run('export', 'fast', '--out', 'dependent', ...db);
    expect(place.csv('dependent', 'summary.csv')).toEqual([
      expect.objectContaining({
        n: '10',
        n_counts: 'iterations of one process',
        bandwidth_ci_low_bytes_per_s: '',
      }),
    ]);
    expect(place.csv('dependent', 'doubts.csv')[0]).toMatchObject({ code: 'iterations-as-runs' });
    await place.run('report', 'fast', '--out', 'dependent.html', ...db);
    const page = place.read('dependent.html');
    expect(page).toContain('median of 10 iterations of one process, so no interval');
    expect(page).not.toMatch(/confidence interval/);
  });
});
