import { spawnSync } from 'node:child_process';
import { cpSync, lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Night, nightlySweeps } from '../store/nightly-sweeps.ts';
import { Workplace } from './workplace.ts';

let place: Workplace;

/** From this night on, the kernel is another one, and everything is slower by a tenth. */
const SLOWER = 30;
const slower = (night: number): Night =>
  night < SLOWER ? {} : { factor: 0.9, environment: { osRelease: '6.2' } };

/** Makes a database. @returns its name, relative to the workplace */
function made(name: string, count: number, nightOf?: (night: number) => Night): string {
  nightlySweeps(place.path(name), count, nightOf);
  return name;
}

beforeAll(() => {
  place = new Workplace();
  made('steps.db', 40, slower);
  made('quiet.db', 40);
});
afterAll(() => place.remove());

const history = (...words: string[]) => place.run('history', 'nightly', ...words);
const json = async (...words: string[]) => {
  const { stdout, stderr } = await history(...words, '--json');
  expect(stderr).toBe('');
  return JSON.parse(stdout);
};

describe('history', () => {
  it('says since when each cell is slower, by how much, and what came with it', async () => {
    const { code, stdout, stderr } = await history('--db', 'steps.db');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^history of nightly: 40 sweeps from 2026-01-01 \(nightly-1\) to 2026-02-09 \(nightly-40\)\n/,
    );
    expect(stdout).toMatch(
      /^pipe 2proc 4 KiB of 16 MiB +40 +\d+ +\d\.\d% +\d\.\d% +2026-01-31 nightly-31 +sure +0\.(89|90)\d \(0\.8\d\d-0\.9\d\d\) +\d{3,4} +\d{3,4}$/m,
    );
    expect(stdout).toMatch(
      /^since 2026-01-31 \(nightly-31\), the first sweep with the kernel 6\.2 \(before: 6\.1\): pipe 2proc 4 KiB of 16 MiB slower, 0\.\d+; pipe 2proc 64 KiB of 16 MiB slower, 0\.\d+$/m,
    );
  });

  it('gives a script everything as JSON, under the names of the columns', async () => {
    const { cells, failed } = await json('--db', 'steps.db');
    expect(failed).toBe(false);
    expect(cells).toHaveLength(2);
    for (const cell of cells) {
      expect(cell).toMatchObject({ machine: 'vm', state: 'looked-at', autocorrelated: false });
      expect(cell).toMatchObject({ socket_buffers: false, host: 'local', program: null });
      expect(cell).not.toHaveProperty('host_axis');
      expect(cell.points).toHaveLength(40);
      const [step, ...others] = cell.steps;
      expect(others).toEqual([]);
      expect(step).toMatchObject({
        since: { database: 'steps.db', sweep: 31, started_at: '2026-01-31T02:00:00.000Z' },
        changes: [{ code: 'kernel', before: '6.1', after: '6.2', sweep: 31 }],
        new: false,
      });
      expect(step.ratio_ci_low).toBeLessThan(0.9);
      expect(step.ratio_ci_high).toBeGreaterThan(0.9);
      expect(step.after_bytes_per_s / step.before_bytes_per_s).toBeCloseTo(step.ratio, 12);
    }
  });

  it('fails only on a new step: in the last sweeps, or since a day', async () => {
    const gate = async (...words: string[]) =>
      (await history('--db', 'steps.db', '--fail-on-step', ...words)).code;
    expect(await gate()).toBe(0);
    expect(await gate('--since', '10')).toBe(1);
    expect(await gate('--since', '9')).toBe(0);
    expect(await gate('--since', '2026-01-31')).toBe(1);
    expect(await gate('--since', '2026-02-01')).toBe(0);
    const { code, stdout } = await history('--db', 'quiet.db', '--fail-on-step', '--since', '40');
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nno step in the last 40 sweeps of a cell\n$/);
  });

  it('finds a step as soon as its second night is there', async () => {
    const after = (nights: number) => made(`after-${nights}.db`, SLOWER + nights, slower);
    const gate = (db: string) => history('--db', db, '--fail-on-step', '--since', '2');
    expect((await gate(after(1))).code).toBe(0);
    expect((await gate(after(2))).code).toBe(1);
  });

  it('shows CSV, or writes it with the steps to a folder', async () => {
    const { stdout } = await history('--db', 'steps.db', '--csv');
    const rows = parse(stdout, { columns: true }) as Record<string, string>[];
    expect(rows).toHaveLength(80);
    expect(rows.filter((row) => row.is_step === 'true')).toMatchObject([
      { sweep: '31', changed: 'kernel', cell: '1' },
      { sweep: '31', changed: 'kernel', cell: '2' },
    ]);
    await history('--db', 'steps.db', '--out', 'tables', '--since', '10');
    expect(place.csv('tables/history.csv')).toEqual(rows);
    expect(place.csv('tables/history_steps.csv')).toMatchObject([
      { cell: '1', sweep: '31', earliest_sweep: '31', latest_sweep: '31', new: 'true' },
      { cell: '2', sweep: '31', changed: 'kernel' },
    ]);
  });

  it('draws a panel for each cell, and writes a page that is complete in itself', async () => {
    const words = ['--plot', 'drawn/history.svg', '--html', 'history.html'];
    const { code, stderr } = await history('--db', 'steps.db', ...words);
    expect(code).toBe(0);
    expect(stderr).toBe('wrote drawn/history.svg\nwrote history.html\n');
    const svg = place.read('drawn/history.svg');
    for (const text of ['pipe 2proc 4 KiB of 16 MiB', 'pipe 2proc 64 KiB', 'kernel changed']) {
      expect(svg).toContain(text);
    }
    const page = place.read('history.html');
    expect(page).toContain('the first sweep with the kernel 6.2 (before: 6.1)');
    expect(page).not.toMatch(/(?:src|href)="(?!#)/);
    const { stderr: refused, code: usage } = await history('--db', 'steps.db', '--plot', 'a.gif');
    expect(usage).toBe(2);
    expect(refused).toContain('expected a name that ends in .svg, .png or .pdf');
  });

  it('never writes a figure or a page over anything that is not a file', async () => {
    spawnSync('mkfifo', [place.path('fifo.svg')]);
    symlinkSync('elsewhere', place.path('link.html'));
    for (const [option, file, kind] of [
      ['--plot', 'fifo.svg', 'a named pipe (fifo), not a file'],
      ['--html', 'link.html', 'a symbolic link, which is not followed'],
    ] as const) {
      const { code, stdout, stderr } = await history('--db', 'steps.db', option, file);
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toContain(`${file} is ${kind}`);
    }
    expect(lstatSync(place.path('fifo.svg')).isFIFO()).toBe(true);
    expect(lstatSync(place.path('link.html')).isSymbolicLink()).toBe(true);
  });

  it('finds three sweeps too few, and says so', async () => {
    const { stdout, code } = await history('--db', made('few.db', 3), '--fail-on-step');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^pipe 2proc 4 KiB of 16 MiB +3 +\d+ +- +- +too few sweeps \(4 /m);
  });
});

describe('several databases', () => {
  it('are one history, in which a copy of a sweep counts once', async () => {
    cpSync(place.path('steps.db'), place.path('copy.db'));
    const { cells, left_out: leftOut } = await json('--db', 'steps.db', 'copy.db');
    expect(cells).toHaveLength(2);
    expect(cells[0].points).toHaveLength(40);
    expect(leftOut).toHaveLength(40);
    expect(leftOut[0]).toMatchObject({ database: 'copy.db', sweep: 1 });
    expect(leftOut[0].why).toBe('it is the same as nightly-1 of steps.db');
  });

  it('never pool machines: each has its own history', async () => {
    made('other.db', 40, (night) => ({ ...slower(night + 20), environment: { machine: 'board' } }));
    const { cells } = await json('--db', 'steps.db', '--db', 'other.db');
    expect(cells.map((cell: Record<string, unknown>) => [cell.label, cell.machine])).toEqual([
      ['pipe 2proc 4 KiB of 16 MiB on vm', 'vm'],
      ['pipe 2proc 4 KiB of 16 MiB on board', 'board'],
      ['pipe 2proc 64 KiB of 16 MiB on vm', 'vm'],
      ['pipe 2proc 64 KiB of 16 MiB on board', 'board'],
    ]);
    const since = cells.map((cell: { steps: { since: { sweep: number } }[] }) =>
      cell.steps.map((step) => step.since.sweep),
    );
    expect(since).toEqual([[31], [11], [31], [11]]);
  });

  it('are read when one of them holds no sweep of that name, with a warning', async () => {
    made('else.db', 1, () => ({ sweep: { name: 'other' } }));
    const { code, stderr } = await history('--db', 'steps.db', 'else.db');
    expect(code).toBe(0);
    expect(stderr).toBe('warning: else.db holds no sweep of nightly\n');
  });
});

describe('sweeps that differ', () => {
  it('make separate series when they measure in different ways', async () => {
    made('ways.db', 20, (night) => (night % 2 ? { sweep: { iterations: 5 } } : {}));
    const { cells } = await json('--db', 'ways.db');
    expect(
      cells.map((cell: { label: string; points: unknown[] }) => [
        ...[cell.label, cell.points.length],
      ]),
    ).toEqual([
      ['pipe 2proc 4 KiB of 16 MiB, untraced, bare', 10],
      ['pipe 2proc 4 KiB of 16 MiB, untraced, bare, 5 iterations', 10],
      ['pipe 2proc 64 KiB of 16 MiB, untraced, bare', 10],
      ['pipe 2proc 64 KiB of 16 MiB, untraced, bare, 5 iterations', 10],
    ]);
  });

  it('are grouped by kernel, where nights on two kernels take turns', async () => {
    made('turns.db', 40, (night) =>
      night % 2 ? { factor: 0.9, environment: { osRelease: '6.2' } } : {},
    );
    const { stdout } = await history('--db', 'turns.db', '--by', 'kernel');
    expect(stdout).toContain(', ordered by kernel\n');
    expect(stdout).toMatch(
      /^since 2026-01-02 \(nightly-2\), the first sweep with the kernel 6\.2/m,
    );
    const { cells } = await json('--db', 'turns.db', '--by', 'kernel');
    expect(cells[0].steps).toHaveLength(1);
    expect(cells[0].groups).toMatchObject([
      { group: '6.1', sweeps: 20 },
      { group: '6.2', sweeps: 20 },
    ]);
  });

  it('have a doubt when they were interrupted', async () => {
    made('doubts.db', 12, (night) => (night === 5 ? { state: 'interrupted' } : {}));
    const { stdout, stderr } = await history('--db', 'doubts.db');
    expect(stderr).toBe('warning: 1 of 12 sweeps are not complete\n');
    expect(stdout).toContain('pipe 2proc 4 KiB of 16 MiB, of 12: incomplete 1');
  });
});

describe('bad input', () => {
  it.each([
    [['nothing'], 'steps.db holds no sweep of nothing', 'there are sweeps of nightly'],
    [['nightly-3'], 'steps.db holds no sweep of nightly-3', '`npx ipc-sweep history nightly`'],
    [['nightly:ipc=tcp'], 'no sweep of nightly has a good run of a cell with ipc=tcp', 'status'],
    [['ipc=pipe'], '"ipc=pipe" names no experiment', 'history nightly'],
    [['nightly', '--since', '0'], '--since: expected a number of sweeps such as 7, or a day', ''],
    [['nightly', '--since', '2026-13-01'], '--since: expected a number of sweeps', ''],
    [['nightly', '--json', '--csv'], '--json and --csv exclude each other', ''],
    [[], 'the name of the experiment is missing', 'ipc-sweep status'],
  ])('%j is refused with what is wrong and how to mend it', async (words, message, hint) => {
    const { code, stdout, stderr } = await place.run('history', ...words, '--db', 'steps.db');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  });

  it('does not change the databases', async () => {
    const before = readFileSync(place.path('steps.db'));
    await history('--db', 'steps.db');
    expect(readFileSync(place.path('steps.db')).equals(before)).toBe(true);
  });
});
