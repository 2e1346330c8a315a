import { spawnSync } from 'node:child_process';
import { lstatSync, symlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Db, openForWriting } from '../../src/store/open.ts';
import { sweepToCompare } from '../store/compared-sweeps.ts';
import { Workplace } from './workplace.ts';

const SIZES = [4096, 65536, 2 ** 20];

const place = new Workplace();
const compare = (...words: string[]) => place.run('compare', ...words, '--db', 'all.db');
const json = async (...words: string[]) => {
  const { code, stdout, stderr } = await compare(...words, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
};

function stored(file: string, fill: (db: Db) => void): void {
  const { db, close } = openForWriting(place.path(file));
  try {
    fill(db);
  } finally {
    close();
  }
}

beforeAll(() => {
  stored('all.db', (db) => {
    const sizes = SIZES;
    sweepToCompare(db, { name: 'first', sizes });
    // Slower at one size alone.
    const speed = ({ bufferBytes }: { bufferBytes: number }) => (bufferBytes === 65536 ? 0.9 : 1);
    sweepToCompare(db, { name: 'second', sizes, speed, kernel: '6.6' });
    sweepToCompare(db, { name: 'third', sizes, speed: () => 1.2, kernel: '6.6' });
    const board = ({ host }: { host?: string }) => (host === 'board-2' ? 0.8 : 1);
    const hosts = ['board-1', 'board-2', 'ssh://board-3:2222'];
    sweepToCompare(db, { name: 'boards', sizes, hosts, speed: board });
    sweepToCompare(db, { name: 'few', sizes: SIZES.slice(0, 1), trials: 3 });
  });
});
afterAll(() => place.remove());

type Row = Record<string, unknown> & { readonly side: string };
const ofSide = (cells: readonly Row[], side: string) => cells.filter((cell) => cell.side === side);

describe('several sides of a comparison', () => {
  it('are compared with the first one, cell by cell, with the same estimates as two sides', async () => {
    const all = await json('first', 'second', 'third');
    expect(all.base).toMatchObject({ side: 'A', selector: 'first', database: 'all.db', sweep: 1 });
    expect(all.sides).toMatchObject([
      { side: 'B', selector: 'second', only_a: [], only_b: [] },
      { side: 'C', selector: 'third', only_a: [], only_b: [] },
    ]);
    expect(all.cells.map(({ side, verdict }: Row) => [side, verdict])).toEqual([
      ...[
        ['B', 'inconclusive'],
        ['C', 'faster'],
        ['B', 'slower'],
      ],
      ...[
        ['C', 'faster'],
        ['B', 'inconclusive'],
        ['C', 'faster'],
      ],
    ]);
    for (const [side, other] of [
      ['B', 'second'],
      ['C', 'third'],
    ] as const) {
      const two = await json('first', other);
      // Only what is corrected for the number of pairs may be another.
      const own = (cell: Row) => {
        const { side: _, p_corrected: __, detectable_slowdown: ___, verdict: ____, ...rest } = cell;
        return rest;
      };
      expect(ofSide(all.cells, side).map(own)).toEqual(two.cells.map(own));
    }
  });

  it('have p values that are corrected for all cells of all sides together', async () => {
    const { cells } = await json('first', 'second', 'third');
    const ps = cells.map(({ p }: Row) => p as number).sort((a: number, b: number) => b - a);
    const corrected = new Map<number, number>();
    let least = 1;
    ps.forEach((p: number, above: number) => {
      least = Math.min(least, (p * ps.length) / (ps.length - above));
      corrected.set(p, least);
    });
    expect(ps).toHaveLength(6);
    for (const cell of cells) {
      expect(cell.p_corrected).toBeCloseTo(corrected.get(cell.p as number)!, 12);
    }
  });

  it('have the same figures in --json and in the CSV files, which name each side', async () => {
    const { cells } = await json('first', 'second', 'third');
    const { code } = await compare('first', 'second', 'third', '--out', 'compared');
    expect(code).toBe(0);
    const rows = place.csv('compared/comparison.csv');
    expect(rows.map(({ side, b_selector: selector }) => `${side} ${selector}`)).toEqual(
      SIZES.flatMap(() => ['B second', 'C third']),
    );
    const text = (value: unknown) => (value === null ? '' : String(value));
    rows.forEach((row, at) => {
      const { a, b, ...own } = cells[at];
      for (const [name, value] of Object.entries(row)) {
        if (name === 'gate' || /_(selector|doubts)$/.test(name)) continue;
        const [, side, short = ''] = /^([ab])_(.*)/.exec(name) ?? [];
        const found = side === 'a' ? a[short] : side === 'b' ? b[short] : own[name];
        expect([name, text(found)]).toEqual([name, value]);
      }
    });
  });

  it('become Markdown with a line that sums them up, a row for each, and the rest folded', async () => {
    const { code, stdout, stderr } = await compare(
      ...['first', 'second', 'third', 'few', '--markdown', '--fail-if-slower', '5%'],
    );
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const [table = '', rest = ''] = stdout.split('<details>');
    expect(table).toMatch(
      /^\*\*1 of 7 pairs of cells slower, 3 faster, 2 inconclusive, 1 with too few runs\*\* \(3 sides against A\)\n\n- B: 1 of 3 cells slower/,
    );
    expect(table).toContain('**Not slower by 5%:** 9 cells: 5 pass, 1 slower, 1 undecided, 2 that');
    const rows = table.split('\n').filter((line) => line.startsWith('|'));
    expect(rows).toHaveLength(2 + 7);
    const columns = rows.map((row) => row.split('|').length);
    expect(new Set(columns).size).toBe(1);
    expect(rows[4]).toMatch(
      /^\| pipe 2proc 4 KiB of 1 MiB \| D \| \d+ \| \d+ \| - \| - \| - \| too few/,
    );
    expect(rest).toMatch(/^<summary>.*<\/summary>\n\n- A: first \(sweep first-1/);
    expect(rest).toContain('\n- B and C: the kernel differs: 6.1 and 6.6\n');
    expect(rest).toContain('<code>ipc-sweep compare first second third few --fail-if-slower 5%');
    expect(rest).toMatch(/\n\n<\/details>\n$/);
  });

  it('keep a long table short in Markdown: only what differs stands outside the fold', async () => {
    const sizes = Array.from({ length: 250 }, (_, at) => 4096 * (at + 1));
    stored('long.db', (db) => {
      sweepToCompare(db, { name: 'first', sizes, trials: 5 });
      const speed = ({ bufferBytes }: { bufferBytes: number }) => (bufferBytes === 8192 ? 0.5 : 1);
      sweepToCompare(db, { name: 'second', sizes, trials: 5, speed });
    });
    const { stdout } = await place.run(
      ...['compare', 'first', 'second', '--markdown', '--fail-if-slower', '20%', '--db', 'long.db'],
    );
    const [open = '', folded = ''] = stdout.split('<details>');
    expect(open.split('\n').filter((line) => line.startsWith('| pipe'))).toEqual([
      expect.stringMatching(/ 8 KiB of .* slower \|$/),
    ]);
    expect(open).toContain('1 of 250 rows: those that differ or do not pass.');
    expect(folded.split('\n').filter((line) => line.startsWith('| pipe'))).toHaveLength(200);
    expect(folded).toContain('And 50 more: `compare --out FOLDER` writes all.');
    expect(stdout.length).toBeLessThan(65_536);
  });

  it('make a page without a figure when there is nothing to draw', async () => {
    const { code, stderr } = await compare('first', 'few', '--html', 'few.html');
    expect({ code, said: stderr.includes('wrote few.html') }).toEqual({ code: 0, said: true });
    expect(place.read('few.html')).toContain('Not drawn: no pair of cells has enough runs');
    const plot = await compare('first', 'few', '--plot', 'few.svg');
    expect(plot).toMatchObject({ code: 2 });
    expect(plot.stderr).toContain('the comparison cannot be drawn: no pair of cells');
    const other = await compare('first', 'second', '--plot', 'figure.jpg');
    expect(other).toMatchObject({ code: 2, stdout: '' });
    expect((await compare('first', 'second', '--plot', 'figure.svg')).code).toBe(0);
    expect(place.read('figure.svg')).toMatch(/^<svg .*<\/svg>\n$/s);
  });

  it('never write a figure or a page over anything that is not a file', async () => {
    spawnSync('mkfifo', [place.path('fifo.html')]);
    symlinkSync('elsewhere', place.path('link.svg'));
    for (const [option, file, kind] of [
      ['--html', 'fifo.html', 'a named pipe (fifo), not a file'],
      ['--plot', 'link.svg', 'a symbolic link, which is not followed'],
    ] as const) {
      const { code, stdout, stderr } = await compare('first', 'second', option, file);
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toContain(`${file} is ${kind}`);
    }
    expect(lstatSync(place.path('fifo.html')).isFIFO()).toBe(true);
    expect(lstatSync(place.path('link.svg')).isSymbolicLink()).toBe(true);
  });

  it('are compared with another one by --base, which may be one of them', async () => {
    const { base, sides, cells } = await json('first', 'second', 'third', '--base', 'third');
    expect(base.selector).toBe('third');
    expect(sides.map(({ selector }: { selector: string }) => selector)).toEqual([
      ...['first', 'second'],
    ]);
    const back = await json('third', 'first', 'second');
    expect(cells).toEqual(back.cells);
    expect((await json('first', '--base', 'second')).cells).toEqual(
      (await json('second', 'first')).cells,
    );
    const alone = await compare('first', '--base', 'first');
    expect(alone).toMatchObject({ code: 2, stdout: '' });
    expect(alone.stderr).toContain('there is nothing to compare first with');
  });

  it('have a row for each side, below the row of the cell, within 100 columns', async () => {
    const { stdout, stderr } = await compare('first', 'second', 'third');
    const lines = stdout.split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'A: first (sweep first-1, 3 of its cells, started 1970-01-01T00:00:00.000Z)',
      'B: second (sweep second-2, 3 of its cells, started 1970-01-01T00:00:00.000Z)',
      'C: third (sweep third-3, 3 of its cells, started 1970-01-01T00:00:00.000Z)',
    ]);
    const table = lines.slice(4, 14);
    expect(table[0]).toMatch(/^cell +side +MiB\/s +ratio to A \(95%\) +p +could find +verdict$/);
    expect(table[1]).toMatch(/^pipe 2proc 4 KiB of 1 MiB +A +1\d\d$/);
    expect(table[2]).toMatch(/^ +B +1\d\d +[\d.]+ \([\d.-]+\) +[\d.]+ +[\d.]+% +inconclusive$/);
    expect(table[3]).toMatch(/^ +C +1\d\d +1\.2\d\d \([\d.-]+\) +\S+ +[\d.]+% +faster$/);
    expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(stdout).toContain('\nB: 1 of 3 cells slower, 2 inconclusive\nC: 3 of 3 cells faster\n');
    expect(stderr).toContain('warning: B and C: the kernel differs: 6.1 and 6.6\n');
    expect(stderr).toContain('warning: B and C: made in another sweep than A');
  });

  it('must all pass the gate', async () => {
    const { code, stdout } = await compare('first', 'third', 'second', '--fail-if-slower', '5%');
    expect(code).toBe(1);
    expect(stdout).toContain('not slower by 5%: 6 cells: 5 pass, 1 slower, 0 undecided\n');
    expect(stdout).toMatch(/\n {2}C, pipe 2proc 64 KiB of 1 MiB: slower, by [\d.]+% to 1\d%\n/);
    expect((await compare('first', 'third', 'third', '--fail-if-slower', '5%')).code).toBe(0);
    const lacking = await compare('first', 'third', 'few', '--fail-if-slower', '50%');
    expect(lacking.code).toBe(1);
    expect(lacking.stdout).toContain('1 undecided, 2 that C does not have');
    expect(lacking.stdout).toContain('in A and not in C: pipe 2proc 64 KiB of 1 MiB; pipe 2proc 1');
  });

  it('are refused when one of them has nothing in common with the base, and that one is named', async () => {
    const { code, stderr } = await compare(
      ...['first:buffer_size=4KiB', 'third:buffer_size=4KiB', 'boards:host=board-1'],
    );
    expect(code).toBe(2);
    expect(stderr).toContain('cannot be compared: cells 1 and');
    expect(stderr).toContain('differ only in buffer_size of boards:host=board-1');
    const mode = await compare('first', 'second', 'boards');
    expect(mode).toMatchObject({ code: 2 });
    expect(mode.stderr).toContain('no cell of first has a counterpart in boards');
  });
});

it('--json and --markdown exclude each other', async () => {
  const { code, stderr } = await compare('first', 'second', '--json', '--markdown');
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('exclude') });
});

describe('--over', () => {
  it('makes a side of each host of a sweep, and names the machines that are compared', async () => {
    const { base, sides, cells } = await json('boards', '--over', 'host');
    expect(base).toMatchObject({
      selector: 'boards:host=board-1',
      machines: ['machine of board-1'],
    });
    expect(sides).toMatchObject([
      { selector: 'boards:host=board-2', machines: ['machine of board-2'] },
      { selector: 'boards:host=ssh://board-3:2222', machines: ['machine of ssh://board-3:2222'] },
    ]);
    expect(cells.map(({ side, verdict }: Row) => `${side} ${verdict}`)).toEqual(
      SIZES.flatMap(() => ['B slower', 'C inconclusive']),
    );
    const named = await json(
      base.selector,
      ...sides.map((it: { selector: string }) => it.selector),
    );
    expect(named.cells).toEqual(cells);
  });

  it('takes any axis, and a base among its values', async () => {
    const { base, sides } = await json(
      ...['first', '--over', 'buffer_size', '--base', 'first:buffer_size=64KiB'],
    );
    expect([base, ...sides].map(({ selector }: { selector: string }) => selector)).toEqual([
      ...['first:buffer_size=64KiB', 'first:buffer_size=4096', 'first:buffer_size=1048576'],
    ]);
  });

  it('takes several sweeps, each with all its hosts', async () => {
    const { base, sides } = await json(
      ...['boards:buffer_size=4KiB', 'boards:buffer_size=64KiB', '--over', 'host'],
    );
    expect([base, ...sides].map(({ selector }: { selector: string }) => selector)).toEqual(
      ['4KiB', '64KiB'].flatMap((size) =>
        ['board-1', 'board-2', 'ssh://board-3:2222'].map(
          (host) => `boards:buffer_size=${size},host=${host}`,
        ),
      ),
    );
  });

  it('takes the newest sweep when none is named', async () => {
    stored('newest.db', (db) => {
      for (const name of ['older', 'newer']) sweepToCompare(db, { name, sizes: SIZES });
    });
    const over = async (...words: string[]) => {
      const { code, stdout } = await place.run(
        ...['compare', ...words, '--over', 'buffer_size', '--db', 'newest.db', '--json'],
      );
      expect(code).toBe(0);
      return JSON.parse(stdout);
    };
    const newest = await over();
    expect(newest.base.selector).toBe('newer-2:buffer_size=4096');
    expect(newest).toEqual(await over('newer-2'));
  });

  it('is refused for an axis with one value only, and for a word that is not an axis', async () => {
    const one = await compare('first', '--over', 'ipc');
    expect(one).toMatchObject({ code: 2, stdout: '' });
    expect(one.stderr).toContain('the cells of first all have the same ipc');
    const none = await compare('first', '--over', 'hosts');
    expect(none).toMatchObject({ code: 2, stdout: '' });
    expect(none.stderr).toMatch(
      /--over: expected an axis \(host, program, .*\), got hosts\nhint: did you mean host\?/s,
    );
  });
});
