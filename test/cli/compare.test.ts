import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Workplace } from './workplace.ts';

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
});
afterEach(() => place.remove());

/** A benchmark whose runs of 1 KiB and more take so many ms; those of 512 bytes take 1 ms. */
function benchmark(ms: number): void {
  place.write(
    'programs/steady',
    `#!/bin/sh
case " $* " in *' describe '*) echo '{ }' && exit 0 ;; esac
ms=${ms}
case " $* " in *' -b 512 '*) ms=1 ;; esac
awk -v ms="$ms" 'BEGIN {
  printf "{ \\"benchmark_samples\\": [ { \\"bandwidth\\": %.2f, \\"time\\": \\"0.00%d000000\\" } ] }\\n", 4 / (ms / 1000), ms
}'
`,
  );
  place.makeExecutable('programs/steady');
}
const spec = (more = 'buffer_size: [512, 1KiB]', trials = 6) =>
  place.spec('steady', 'steady', `matrix: { ${more}, total_size: 4KiB }\ntrials: ${trials}`);

async function twoSweeps(before: number, after: number, trials = 6): Promise<void> {
  for (const ms of [before, after]) {
    benchmark(ms);
    const { code, stderr } = await place.run('run', spec(undefined, trials));
    expect({ code, stderr }).toMatchObject({ code: 0 });
  }
}

describe('compare', () => {
  it('says cell by cell which sweep is faster, and by how much', async () => {
    await twoSweeps(4, 2);
    const { code, stdout, stderr } = await place.run('compare', 'steady-1', 'steady-2', '--json');
    expect(code).toBe(0);
    expect(stderr).toBe('');
    const { cells, warnings } = JSON.parse(stdout);
    expect(warnings.map(({ code: it }: { code: string }) => it)).toContain('benchmark');
    expect(cells).toMatchObject([
      { a: { buffer_bytes: 512 }, verdict: 'no evidence', ratio: 1, low: 1, high: 1 },
      { a: { buffer_bytes: 1024 }, verdict: 'faster', ratio: 2, cliffsDelta: 1, nA: 6, nB: 6 },
    ]);
    const shown = await place.run('compare', 'steady-1', 'steady-2');
    expect(shown.stdout).toMatch(/1 KiB of 4 KiB .*2\.000 \(2\.000-2\.000\) .* faster/);
    expect(shown.stderr).toContain('warning: the benchmark program differs');
  });

  it('exits with 1 for a cell that is slower by the share that is not allowed', async () => {
    await twoSweeps(4, 5);
    const compare = (share: string) =>
      place.run('compare', 'steady-1', 'steady-2', '--fail-if-slower', share);
    expect((await compare('15%')).code).toBe(1);
    expect((await compare('0.25')).code).toBe(0);
    expect((await compare('lots')).stderr).toContain('a share such as 5% or 0.05 is expected');
    expect((await compare('lots')).code).toBe(2);
  });

  it('names cells with too few runs, and reads databases of other folders', async () => {
    await twoSweeps(2, 2, 3);
    const db = 'results/ipc-sweep.db';
    const { code, stdout } = await place.run('compare', `${db}:steady-1`, db);
    expect(code).toBe(0);
    expect(stdout).toContain('too few runs (3 and 3)');
  });

  it('writes its tables, of which every row names both cells', async () => {
    await twoSweeps(4, 2);
    const words = ['compare', 'steady-1', 'steady-2', '--out', 'compared'];
    expect((await place.run(...words)).code).toBe(0);
    expect(place.csv('compared', 'comparison.csv')).toMatchObject([
      { a_buffer_bytes: '512', b_buffer_bytes: '512', verdict: 'no evidence' },
      { a_buffer_bytes: '1024', b_buffer_bytes: '1024', verdict: 'faster', ratio: '2' },
    ]);
  });

  it('compares channels of one sweep, and asks for the axis where cells are ambiguous', async () => {
    benchmark(1);
    const name = spec('buffer_size: 512, ipc: [pipe, local]');
    expect((await place.run('run', name)).code).toBe(0);
    const { code, stdout } = await place.run('compare', 'ipc=pipe', 'ipc=local');
    expect(code).toBe(0);
    expect(stdout).toContain('pipe 2proc 512 B of 4 KiB / local 2proc 512 B of 4 KiB');
    const ambiguous = await place.run('compare', 'steady', 'ipc=local');
    expect(ambiguous.code).toBe(2);
    expect(ambiguous.stderr).toContain('cells 1 and 2 differ only in ipc');
  });

  it.each([
    ['nowhere.db', 'there is no database nowhere.db'],
    ['colour=red', 'no axis is called colour'],
    ['buffer_size=lots', 'lots is no size'],
    ['socket_buffers=maybe', 'maybe is neither true nor false'],
    ['ipc=smoke', 'has no cell with ipc=smoke'],
    ['steady-9', 'holds no sweep steady-9'],
    ['a:b:c', 'cannot read "a:b:c"'],
  ])('refuses %s with what would mend it', async (selector, message) => {
    benchmark(1);
    expect((await place.run('run', spec(undefined, 1))).code).toBe(0);
    const { code, stderr } = await place.run('compare', 'steady-1', selector);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
    expect(stderr).toContain('hint: ');
  });
});
