import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildBundled } from '../../src/benchmark/bundled.ts';
import { localHost } from '../host/local-host.ts';
import { Workplace } from './workplace.ts';

const place = new Workplace();
afterAll(() => place.remove());

let bundled = '';
beforeAll(async () => {
  const { host, close } = await localHost({ XDG_CACHE_HOME: place.path('cache') });
  bundled = await buildBundled(host);
  await close();
});

function spec(name: string, benchmark: string, more: string): string {
  return place.write(
    `${name}.yaml`,
    [
      `name: ${name}`,
      `benchmark: { bare: true, ${benchmark} }`,
      'trace: { tracer: none }',
      more,
      '',
    ].join('\n'),
  );
}

const summaries = (sweep: string) =>
  place.csv(`results/${sweep}/counters_summary.csv`).map((row) => ({
    ...row,
    value: Number(row.value_median),
  })) as unknown as readonly (Record<string, string> & { readonly value: number })[];

describe('a sweep with counters: software', () => {
  beforeAll(async () => {
    const file = spec(
      'soft',
      'counters: [software], iterations: 2',
      'matrix: { buffer_size: [64KiB, 1MiB], total_size: 4MiB, mode: [2proc, 2thread] }\ntrials: 5',
    );
    const { code, stderr } = await place.run('run', file);
    expect(stderr).not.toContain('counters');
    expect(code).toBe(0);
  });

  it('stores each counter of each iteration, and sums them up with intervals', () => {
    const rows = place.csv('results/soft-1/counters.csv');
    const names = new Set(rows.map(({ counter }) => counter));
    expect(names).toContain('TASK_CLOCK_NS');
    expect(rows).toHaveLength(4 * 5 * 2 * names.size);
    for (const row of rows) expect(row.warmup_iteration).toBe(String(row.iteration === '1'));
    const clocks = rows.filter(({ counter }) => counter === 'TASK_CLOCK_NS');
    for (const { value } of clocks) expect(Number(value)).toBeGreaterThan(0);
    for (const row of summaries('soft-1')) {
      expect(row).toMatchObject({ n: '5', untraced: 'true', value_ci_level: '0.9375' });
    }
  });

  it('finds the page faults of the copy after fork(), which threads do not have', () => {
    const pages = Number(spawnSync('getconf', ['PAGESIZE'], { encoding: 'utf8' }).stdout);
    const faults = summaries('soft-1').filter(({ counter }) => counter === 'PAGE_FAULTS');
    const of = (mode: string) =>
      faults.find((row) => row.mode === mode && row.buffer_bytes === '1048576')!.value;
    expect(of('2proc')).toBeGreaterThan((0.9 * 1048576) / pages);
    expect(of('2thread')).toBeLessThan(of('2proc') / 2);
  });

  it('counts no more time for a process than has passed on its processor', () => {
    const shares = summaries('soft-1').filter(({ counter }) => counter === 'cpu_share');
    expect(shares).toHaveLength(4);
    for (const { value } of shares) {
      expect(value).toBeGreaterThan(0);
      // The counters also count what switches them on and off.
      expect(value).toBeLessThan(1.2);
    }
  });

  it('is drawn, and stands in the report with the command that counted', async () => {
    const drawn = await place.run('plot', 'soft', '--figure', 'counters');
    expect(drawn.stdout).toContain('figures/counters-PAGE_FAULTS.svg');
    expect(drawn.stdout).toContain('figures/counters-page_faults_per_mib.svg');
    expect((await place.run('report', 'soft')).code).toBe(0);
    const page = place.read('results/soft-1/report.html');
    expect(page).toContain('Counters and their rates');
    expect(page).toContain('-P software');
  });

  it('is continued when the set is written without brackets', async () => {
    const again = await place.run('run', 'soft.yaml', '--set', 'benchmark.counters=software');
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('sweep soft-1') });
  });

  it('comes along when databases are merged', async () => {
    const merged = await place.run('merge', 'results/ipc-sweep.db', '-o', 'merged.db');
    expect(merged.code).toBe(0);
    const count = 'SELECT count(*) AS rows, sum(value) AS total FROM sample_counter';
    expect(place.query(count, 'merged.db')).toEqual(place.query(count));
    expect(place.query('SELECT counters FROM sweep WHERE id = 1', 'merged.db')).toEqual([
      { counters: 'software' },
    ]);
  });
});

const MATRIX = 'matrix: { buffer_size: [4KiB, 64KiB], total_size: 1MiB }\ntrials: 6';

describe('a sweep of a benchmark that counts as upstream does', () => {
  beforeAll(async () => {
    const file = spec('labs', 'program: programs/counts, counters: dcache, iterations: 3', MATRIX);
    expect(await place.run('run', file)).toMatchObject({ code: 0 });
  });

  it('keeps its counters and the rates that it prints, but no rate that is not a number', () => {
    const names = place.query<{ counter: string }>(
      `SELECT DISTINCT counter FROM sample_counter JOIN run ON run.id = run_id
       JOIN cell ON cell.id = cell_id JOIN sweep ON sweep.id = sweep_id
       WHERE name = 'labs' ORDER BY counter`,
    );
    expect(names.map(({ counter }) => counter)).toEqual([
      ...['CPU_CYCLES', 'CYCLES_PER_INSTRUCTION', 'INST_RETIRED', 'L1D_CACHE'],
      ...['L1D_CACHE_HIT_RATE', 'L1D_CACHE_REFILL', 'L2D_CACHE', 'L2D_CACHE_REFILL'],
    ]);
  });

  it('has its rates computed, over all iterations but the first', () => {
    const of = (cell: string, counter: string) =>
      summaries('labs-2').find((row) => row.cell === cell && row.counter === counter);
    expect(of('1', 'l1d_hit_rate')).toMatchObject({ value: 1 - 1 / 64, kind: 'rate', n: '6' });
    expect(of('2', 'l1d_hit_rate')?.value).toBe(0.75);
    expect(of('1', 'L1D_CACHE_HIT_RATE')?.value).toBe(0.984375);
    // Iterations 2 and 3 take 4 and 6 cycles a byte for 3 instructions.
    expect(of('1', 'instructions_per_cycle')?.value).toBe((3 / 4 + 3 / 6) / 2);
    expect(of('1', 'l2d_hit_rate')).toBeUndefined();
  });

  it('has a doubt about each run that lacks a counter which the benchmark has printed before', async () => {
    const once = spec('once', 'program: programs/counts, counters: dcache', MATRIX);
    place.write('lacking', '');
    const setup = `prepare: [cp, ${place.path('lacking')}, ${place.path('programs/counts.lacks')}]`;
    const { code, stdout } = await place.run(
      'run',
      place.write(once, `${place.read(once)}${setup}\n`),
    );
    rmSync(place.path('programs/counts.lacks'));
    expect(code).toBe(0);
    expect(stdout).toContain(
      '12 of 12 runs: the sample has no L2D_CACHE_REFILL (counters-missing)',
    );
  });

  it('is refused the set `software` before the first run, because it does not know that set', async () => {
    const file = spec('refused', 'program: programs/counts, counters: software', MATRIX);
    const { code, stderr } = await place.run('run', file);
    expect(code).toBe(3);
    expect(stderr).toMatch(/programs\/counts cannot count software: it does not know -P software/);
    expect(stderr).toContain('the bundled benchmark counts that set everywhere');
    expect(place.query("SELECT id FROM sweep WHERE name = 'refused'")).toEqual([]);
  });

  it('is not started by plan, which starts no program of a spec', async () => {
    const { code, stdout } = await place.run('plan', 'refused.yaml');
    expect(code).toBe(0);
    expect(stdout).not.toContain('would refuse');
  });
});

describe('a set of hardware counters with the bundled benchmark', () => {
  it('is counted, or refused before the sweep with what the machine lacks and what works', async () => {
    const hardware = spec('hard', 'counters: arch', MATRIX);
    const has = spawnSync(bundled, ['-B', '-q', '-P', 'arch', '2proc']).status === 0;
    const { code, stderr } = await place.run('run', hardware);
    if (has) {
      expect(code).toBe(0);
      return;
    }
    expect(code).toBe(3);
    expect(stderr).toMatch(/benchmark\.counters: .* cannot count arch: .*; -P software works/);
    expect(stderr).toMatch(/INST_RETIRED CPU_CYCLES|perf_event_paranoid is/);
    expect(stderr).toContain('counters: software needs no hardware');
    const planned = await place.run('plan', hardware);
    expect(planned.stdout).toContain('run would refuse it here: benchmark.counters');
  });
});

it('a list of several sets of counters is refused with its place, and with a way to measure each set', async () => {
  const file = spec('several', 'counters: [arch, dcache]', MATRIX);
  const { code, stderr } = await place.run('validate', file);
  expect(code).toBe(2);
  expect(stderr).toContain('several.yaml:2:36: benchmark.counters: expected one set of counters');
  expect(stderr).toContain('--set benchmark.counters=arch');
});

it('the documents of a notebook are imported with their counters', async () => {
  const words = ['-j', '-v', '-B', '-P', 'software', '-b', '4096', '-t', '65536', '-n', '3'];
  const printed = Array.from(
    { length: 5 },
    () => spawnSync(bundled, [...words, '2proc'], { encoding: 'utf8' }).stdout,
  );
  place.write('counted.json', printed.join(''));
  expect(await place.run('import-notebook', 'counted.json')).toMatchObject({ code: 0 });
  expect((await place.run('export', 'counted')).code).toBe(0);
  const [id] = place.query<{ id: number }>("SELECT id FROM sweep WHERE name = 'counted'");
  const clocks = place
    .csv(`results/counted-${id?.id}/counters.csv`)
    .filter(({ counter }) => counter === 'TASK_CLOCK_NS');
  const told = printed.flatMap((text) => [...text.matchAll(/"TASK_CLOCK_NS": (\d+)/g)]);
  expect(clocks.map(({ value }) => value)).toEqual(told.map(([, value]) => value));
});
