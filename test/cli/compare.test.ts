import { cpSync, readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSelector } from '../../src/cli/selector.ts';
import { Workplace } from './workplace.ts';

let place: Workplace;
const compare = (...words: string[]) => place.run('compare', ...words);

/** Answers in so many microseconds and a few more, run by run; twice as many of `local`, and ten times of the buffer size that is slow. */
const PROGRAM = `#!/bin/sh
case " $* " in *' describe '*) echo '{ }' && exit 0 ;; esac
while getopts 'jBgvsi:b:t:n:' option; do
  case $option in i) ipc=$OPTARG ;; b) buffer=$OPTARG ;; t) total=$OPTARG ;; *) ;; esac
done
echo >>"$0.runs"
us=$(cat "$0.us")
[ "$us" = broken ] && exit 74
[ "$ipc" = local ] && us=$((2 * us))
[ "$buffer" = "$(cat "$0.slow" 2>/dev/null)" ] && us=$((10 * us))
us=$((us + $(wc -l <"$0.runs") % 7))
# No run claims more time than it has taken.
sleep 0.02
awk -v total="$total" -v us="$us" 'BEGIN {
  printf "{ \\"benchmark_samples\\": [ { \\"bandwidth\\": %.2f, \\"time\\": \\"0.%06d000\\" } ] }\\n",
    total / 1024 / (us / 1e6), us
}'
`;
const MATRIX = 'matrix: { ipc: [pipe, local], buffer_size: [512, 1KiB], total_size: 1MiB }';

/** Makes the next sweep; a run takes so many microseconds. */
async function sweep(us: string, more = `${MATRIX}\ntrials: 11`) {
  place.write('programs/answers.us', us);
  return place.run('run', place.spec('speeds', 'answers', more), '--fresh');
}

beforeAll(async () => {
  place = new Workplace();
  place.write('programs/answers', PROGRAM);
  expect((await sweep('1000')).code).toBe(0);
  expect((await sweep('1000')).code).toBe(0);
  expect((await sweep('1500')).code).toBe(0);
  expect((await sweep('broken')).code).toBe(1);
  expect((await sweep('1000', `${MATRIX}\ntrials: 3`)).code).toBe(0);
  cpSync(place.path('results/ipc-sweep.db'), place.path('old.db'));
});
afterAll(() => place.remove());

const verdicts = async (...words: string[]) => {
  const { code, stdout } = await compare(...words, '--json');
  const document = JSON.parse(stdout);
  return {
    code,
    document,
    verdicts: document.cells.map((cell: { verdict: string }) => cell.verdict),
  };
};

describe('a comparison of two sweeps', () => {
  it('calls a slower one slower in each cell, and the other way round faster', async () => {
    const there = await verdicts('speeds-1', 'speeds-3');
    expect(there).toMatchObject({ code: 0, verdicts: Array(4).fill('slower') });
    for (const cell of there.document.cells) {
      expect(cell.ratio).toBeGreaterThan(0.64);
      expect(cell.ratio).toBeLessThan(0.69);
      expect(cell.ratio_ci_low).toBeLessThanOrEqual(cell.ratio);
      expect(cell.ratio_ci_high).toBeGreaterThanOrEqual(cell.ratio);
      expect(cell.p_corrected).toBeLessThan(0.001);
    }
    expect((await verdicts('speeds-3', 'speeds-1')).verdicts).toEqual(Array(4).fill('faster'));
  });

  it('calls no difference where there is none, as between a sweep and itself', async () => {
    expect((await verdicts('1', '2')).verdicts).toEqual(Array(4).fill('inconclusive'));
    const { document } = await verdicts('1', '1');
    for (const cell of document.cells) {
      expect(cell).toMatchObject({ ratio: 1, p: 1, method: 'paired', pairs: 11 });
    }
  });

  it('calls cells equivalent that differ by less than a margin', async () => {
    const { document, verdicts: found } = await verdicts('1', '2', '--equivalent', '2%');
    expect(found).toEqual(Array(4).fill('equivalent'));
    expect(document).toMatchObject({ equivalent: 0.02, fail_if_slower: null });
    expect((await compare('1', '2', '--equivalent', '2%')).stdout).toContain(
      'equivalent within 2%',
    );
    expect((await verdicts('1', '3', '--equivalent', '2%')).verdicts).toEqual(
      Array(4).fill('slower'),
    );
  });

  it('pairs block by block within one sweep, and warns where there are two sessions', async () => {
    const { document } = await verdicts('1:ipc=pipe', '1:ipc=local');
    for (const cell of document.cells) {
      expect(cell).toMatchObject({ method: 'paired', pairs: 11, interleaved: true });
    }
    const codes = (warnings: readonly { code: string }[]) => warnings.map(({ code }) => code);
    expect(codes(document.warnings)).not.toContain('not-interleaved');
    const two = await verdicts('1', '2');
    expect(codes(two.document.warnings)).toContain('not-interleaved');
    expect(two.document.cells[0]).toMatchObject({ method: 'unpaired', interleaved: false });
    expect((await compare('1', '2')).stderr).toContain(
      'the two sweeps were made one after the other: differences between sessions count as differences',
    );
  });

  it('goes cell by cell over two axes, or over two databases', async () => {
    const { document, verdicts: found } = await verdicts('1:ipc=pipe', '1:ipc=local');
    expect(found).toEqual(['slower', 'slower']);
    expect(document.cells[0].a).toMatchObject({ ipc: 'pipe', buffer_bytes: 512 });
    expect(document.cells[0].b).toMatchObject({ ipc: 'local', buffer_bytes: 512 });
    expect(
      (await verdicts('old.db:1:buffer_size=512', './old.db:3:buffer_size=1KiB')).verdicts,
    ).toEqual(['slower', 'slower']);
  });

  it('writes the same figures as CSV files', async () => {
    const { code, stdout } = await compare('1', '3', '--out', 'compared');
    expect(code).toBe(0);
    expect(stdout).toContain('pipe 2proc 512 B of 1 MiB');
    const { document } = await verdicts('1', '3');
    const rows = place.csv('compared/comparison.csv');
    expect(
      rows.map(({ verdict, ratio, p_corrected: p }) => [verdict, Number(ratio), Number(p)]),
    ).toEqual(
      document.cells.map((cell: { verdict: string; ratio: number; p_corrected: number }) => [
        cell.verdict,
        cell.ratio,
        cell.p_corrected,
      ]),
    );
    expect(place.csv('compared/comparison_syscalls.csv')).toEqual([]);
  });

  it('gives no verdict on sweeps with few good runs, or none', async () => {
    const { code, document, verdicts: found } = await verdicts('1', '4');
    expect({ code, found }).toEqual({ code: 0, found: Array(4).fill('too few') });
    expect(document.cells[0]).toMatchObject({
      ...{ a: { n: 11 }, b: { n: 0, bandwidth_median_bytes_per_s: null }, ratio: null },
    });
    expect((await compare('4', '4')).stdout).toContain('too few runs (0 and 0)');
    expect((await verdicts('5', '1')).verdicts).toEqual(Array(4).fill('too few'));
  });
});

describe('--fail-if-slower', () => {
  it.each([
    ['1', '3', '5%', 1, '4 cells: 0 pass, 4 slower, 0 undecided'],
    ['1', '3', '0.05', 1, '4 cells: 0 pass, 4 slower, 0 undecided'],
    ['1', '3', '40%', 0, '4 cells, all pass'],
    ['3', '1', '5%', 0, '4 cells, all pass'],
    ['1', '2', '5%', 0, '4 cells, all pass'],
    ['1', '2', '0.01%', 1, '4 cells: 0 pass'],
  ])('of %s and %s with %s ends with %d: %s', async (a, b, share, code, said) => {
    const ended = await compare(a, b, '--fail-if-slower', share);
    expect(ended.code).toBe(code);
    expect(ended.stdout).toContain(`not slower by ${share}: ${said}`);
  });

  it('does not let a tenfold slowdown of one cell in eight pass with five trials', async () => {
    const sizes = [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536];
    const eight = `matrix: { ipc: [pipe], buffer_size: [${sizes}], total_size: 1MiB }\ntrials: 5`;
    expect((await sweep('1000', eight)).code).toBe(0);
    place.write('programs/answers.slow', '4096');
    expect((await sweep('1000', eight)).code).toBe(0);
    const { code, document } = await verdicts('6', '7', '--fail-if-slower', '5%');
    expect(code).toBe(1);
    expect(document.cells.map(({ gate }: { gate: { state: string } }) => gate.state)).toEqual(
      sizes.map((size) => (size === 4096 ? 'slower' : 'passes')),
    );
    // Among eight cells no p of five runs a side is small enough.
    expect(document.cells[3]).toMatchObject({ verdict: 'inconclusive', detectable_slowdown: null });
  });

  it('fails where B lacks a cell of A, and passes where A lacks a cell of B', async () => {
    const one = 'matrix: { buffer_size: 512, total_size: 1MiB }\ntrials: 11';
    expect((await sweep('1000', one)).code).toBe(0);
    const lacking = await compare('1', '@8', '--fail-if-slower', '90%');
    expect(lacking.code).toBe(1);
    expect(lacking.stdout).toContain(
      'not slower by 90%: 4 cells: 1 pass, 0 slower, 0 undecided, 3 that B does not have',
    );
    const more = await compare('@8', '1', '--fail-if-slower', '90%');
    expect(more).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('not slower by 90%: 1 cell, all pass'),
    });
  });

  it('says why a cell does not pass, and how many trials would be enough', async () => {
    const slower = await compare('1', '3', '--fail-if-slower', '5%');
    expect(slower.stdout).toMatch(/ {2}pipe 2proc 512 B of 1 MiB: slower, by 3\d% to 3\d%\n/);
    const unsure = await compare('1', '2', '--fail-if-slower', '0.01%');
    expect(unsure.stdout).toMatch(
      /undecided, may be slower by up to [\d.]+%; with about \d+ trials a side an unchanged cell would pass/,
    );
    const few = await compare('1', '5', '--fail-if-slower', '5%');
    expect(few.stdout).toContain('undecided, too few runs (11 and 3); make at least 5 a side');
    const { document } = await verdicts('1', '5', '--fail-if-slower', '5%');
    expect(document.cells[0].gate).toEqual({
      ...{ state: 'undecided', because: 'too few', trials: 5, repeats: null },
    });
  });

  it('fails when nothing is known of a cell: a broken benchmark does not pass', async () => {
    for (const b of ['4', '5']) {
      const { code, document } = await verdicts('1', b, '--fail-if-slower', '50%');
      expect({ code, failed: document.failed }).toEqual({ code: 1, failed: true });
    }
  });

  it.each(['', ' ', '0', '0%', '100%', '5', '-1%', 'NaN', '5 percent'])(
    'is refused as %j',
    async (share) => {
      const { code, stderr } = await compare('1', '2', `--fail-if-slower=${share}`);
      expect(code).toBe(2);
      expect(stderr).toMatch(/a share such as 5% or 0.05|expected a SHARE/);
      const other = await compare('1', '2', `--equivalent=${share}`);
      expect(other).toMatchObject({
        code: 2,
        stderr: stderr.replaceAll('fail-if-slower', 'equivalent'),
      });
    },
  );
});

describe('the selector of a side', () => {
  it.each([
    ['', 'SIDES is an empty word'],
    ['1:', 'a part is empty'],
    [':ipc=pipe', 'a part is empty'],
    ['1:2:3', 'expected a database, a sweep or AXIS=VALUE, got "2"'],
    ['1:ipc=pipes', 'ipc: expected one of pipe, local, tcp, shmem, got "pipes"'],
    ['1:ipc', 'expected a database, a sweep or AXIS=VALUE, got "ipc"'],
    ['1:ipc=', 'ipc: expected one of pipe, local, tcp, shmem, got ""'],
    ['1:ipc=pipe=local', 'got "pipe=local"'],
    ['1:ipc=pipe,ipc=local', 'ipc is named twice'],
    ['1:mode=3proc', 'mode: expected one of 2proc, 2thread'],
    ['1:socket_buffers=maybe', 'socket_buffers: expected one of true, false, got "maybe"'],
    ['1:buffer_size=big', '"big" is not a size'],
    ['1:colour=red', 'no axis is called colour'],
    ['1:buffer_size=4KiB', 'sweep speeds-1 has no cell with buffer_size=4096'],
    ['nosuch', 'the database holds no sweep nosuch'],
    ['other.db:1', 'there is no database other.db'],
    ['programs/answers:1', 'file is not a database'],
  ])('is refused when it is %j', async (text, said) => {
    const { code, stderr, stdout } = await compare(text, '1');
    expect(stderr).toContain(said);
    expect(stderr).not.toContain('  at ');
    expect([2, 3]).toContain(code);
    expect(stdout).toBe('');
  });

  it('may hold a size in any spelling, a word, or a switch', () => {
    const { cells } = parseSelector('1:buffer_size=4KiB,mode=2proc,socket_buffers=false');
    expect([...parseSelector('x-1:ipc=pipe,host=ssh://b:22').cells]).toEqual([
      ['ipc', 'pipe'],
      ['host', 'ssh://b:22'],
    ]);
    expect(parseSelector('host=root@b')).toMatchObject({ sweep: undefined, file: undefined });
    expect(() => parseSelector('host=-x')).toThrow('is not a host');
    expect([...cells]).toEqual([
      ['buffer_size', 4096],
      ['mode', '2proc'],
      ['socket_buffers', false],
    ]);
  });

  it('must leave one counterpart for each cell', async () => {
    const { code, stderr } = await compare('1:ipc=pipe', '1');
    expect(code).toBe(2);
    expect(stderr).toContain('differ only in ipc');
    expect((await compare('1:ipc=pipe', '1:ipc=pipe')).code).toBe(0);
    expect((await compare('1:buffer_size=512', '1:buffer_size=1KiB,ipc=pipe')).code).toBe(2);
  });

  it('is needed twice', async () => {
    const { code, stderr } = await compare('1');
    expect(code).toBe(2);
    expect(stderr).toContain('expected two things to compare');
  });
});

describe('the warnings of a comparison', () => {
  const change = (sql: string) => {
    cpSync(place.path('old.db'), place.path('changed.db'));
    const db = new Database(place.path('changed.db'));
    db.exec(sql);
    db.close();
  };

  it('name a sweep that is not complete', async () => {
    change("UPDATE sweep SET state = 'running' WHERE id = 3");
    const { document } = await verdicts('1', 'changed.db:3');
    expect(document.warnings).toContainEqual({
      code: 'incomplete',
      message: 'B is not complete: sweep speeds-3 is running',
    });
  });

  it('name another kernel, another length of a run, and a tracer on one side only', async () => {
    change(
      `UPDATE environment SET os_release = 'other' WHERE sweep_id = 3;
       UPDATE sweep SET iterations = 9, tracer = 'bpftrace' WHERE id = 3;
       UPDATE run SET traced = 1`,
    );
    const { document, verdicts: found } = await verdicts('1', 'changed.db:3');
    const codes = document.warnings.map(({ code }: { code: string }) => code);
    expect(codes).toEqual(expect.arrayContaining(['tracing', 'iterations', 'kernel']));
    expect(found).toEqual(Array(4).fill('slower'));
  });

  it('name what harms the runs of a cell, before the figures and beside the verdict', async () => {
    change(
      `INSERT INTO warning (run_id, code, message, suspect)
         SELECT run_id, 'foreign-benchmark', 'another one', 0 FROM run_overview
         WHERE sweep_id = 3 AND cell = 2;
       UPDATE sample SET bandwidth_bytes_per_s = bandwidth_bytes_per_s * (1 + run_id / 10.0)
         WHERE run_id IN (SELECT run_id FROM run_overview WHERE sweep_id = 1 AND cell = 1)`,
    );
    const { document } = await verdicts('changed.db:1', 'changed.db:3');
    const doubts = (at: number, side: 'a' | 'b'): string[] => document.cells[at][side].doubts;
    expect(doubts(0, 'a')).toContain('drift');
    expect(doubts(1, 'b')).toContain('foreign-benchmark');
    for (const calm of [doubts(0, 'b'), doubts(1, 'a')]) {
      expect(calm).not.toEqual(expect.arrayContaining(['drift']));
      expect(calm).not.toEqual(expect.arrayContaining(['foreign-benchmark']));
    }
    const messages = document.warnings.map(({ message }: { message: string }) => message);
    expect(messages).toContainEqual(
      expect.stringMatching(/^B: 11 of 44 runs, all of .*: another benchmark ran at the same time/),
    );
    expect(messages).toContainEqual(expect.stringMatching(/^A: 1 of 4 cells: values rise over/));
    const { stdout } = await compare('changed.db:1', 'changed.db:3', '--out', 'doubted');
    expect(stdout).toMatch(/slower .*\bB: foreign-benchmark\b/);
    expect(place.csv('doubted/comparison.csv')[0]).toMatchObject({
      a_doubts: expect.stringContaining('drift'),
    });
  });

  it('are each explained once in docs/compare.md', () => {
    const page = readFileSync(new URL('../../docs/compare.md', import.meta.url), 'utf8');
    const [, warnings = ''] = /^## Warnings\n(.*?)^## /ms.exec(page) ?? [];
    const codes = [...warnings.matchAll(/^\| `([a-z-]+)`/gm)].map(([, code]) => code);
    expect(codes).toEqual([...new Set(codes)]);
    const given = ['comparison-warnings', 'repeat-lines'].flatMap((file) => {
      const source = readFileSync(new URL(`../../src/cli/${file}.ts`, import.meta.url), 'utf8');
      return [...source.matchAll(/\bcode(?:: | = )'([a-z-]+)'/g)].map(([, code]) => code);
    });
    expect(given).toContain('not-interleaved');
    for (const code of given) expect(warnings).toMatch(new RegExp(`^\\| [^|]*\`${code}\``, 'm'));
  });

  it('are not given for a database of a newer version, which is refused', async () => {
    change('PRAGMA user_version = 99');
    const { code, stderr } = await compare('1', 'changed.db:1');
    expect(code).toBe(3);
    expect(stderr).toContain('was written by a newer ipc-sweep');
  });
});
