import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Boards } from './boards.ts';
import { Workplace } from './workplace.ts';

const places: Workplace[] = [];
function boards(): { readonly place: Workplace; readonly boards: Boards } {
  const place = new Workplace();
  places.push(place);
  place.write('programs/answers.log', '');
  return { place, boards: new Boards(place) };
}
afterAll(() => {
  for (const place of places) {
    const left = place.processes();
    place.remove();
    expect(left).toEqual([]);
  }
});

const MATRIX = 'matrix: { buffer_size: [512, 1KiB, 2KiB, 4KiB], total_size: 4KiB }\ntrials: 5';
const TABLES = ['runs', 'samples', 'summary', 'syscalls_wide', 'run_conditions', 'environment'];
const hostsIn = (place: Workplace, sweep: string, table: string) => [
  ...new Set(place.csv('results', sweep, `${table}.csv`).map((row) => row.host)),
];

describe('a sweep in which each host makes the whole matrix', () => {
  const { place, boards: two } = boards();
  beforeAll(async () => {
    place.spec('each', 'answers', `hosts: [board-1, board-2]\nassign: every-host\n${MATRIX}`);
    const { code, stderr } = await two.run('run', 'each.yaml');
    expect([code, stderr]).toEqual([0, expect.stringContaining('40 runs of 8 cells')]);
  });

  it('has a column for the host in every table that names a run, a cell or an environment', () => {
    for (const table of TABLES) {
      expect([table, hostsIn(place, 'each-1', table).sort()]).toEqual([
        table,
        ['board-1', 'board-2'],
      ]);
    }
    const runs = place.csv('results', 'each-1', 'runs.csv');
    expect(runs).toHaveLength(40);
    expect(new Set(runs.map(({ host, machine }) => `${host} ${machine}`)).size).toBe(2);
    if (two.named) expect(runs.every(({ host, machine }) => host === machine)).toBe(true);
  });

  it('stores what the kernel says of each run', () => {
    for (const run of place.csv('results', 'each-1', 'runs.csv')) {
      for (const name of ['user_ns', 'system_ns', 'max_rss_bytes', 'voluntary_switches']) {
        expect([name, run[name]]).toEqual([name, expect.stringMatching(/^\d+$/)]);
      }
      expect(Number(run.max_rss_bytes)).toBeGreaterThan(0);
    }
  });

  it('shows the hosts in `status`, each with what it has done', async () => {
    const { stdout } = await two.run('status', 'each');
    expect(stdout).toMatch(/^host +machine +cells +runs +not good +state$/m);
    expect(stdout).toMatch(/^board-1 +\S+ +4 +20\/20 +0 +done$/m);
    expect(stdout).toMatch(/^board-2 +\S+ +4 +20\/20 +0 +done$/m);
    const { sweeps } = JSON.parse((await two.run('status', 'each', '--json')).stdout);
    expect(sweeps[0].hosts).toMatchObject([
      {
        host: 'board-1',
        cells: 4,
        planned_runs: 20,
        done_runs: 20,
        not_good_runs: 0,
        trouble: null,
      },
      {
        host: 'board-2',
        cells: 4,
        planned_runs: 20,
        done_runs: 20,
        not_good_runs: 0,
        trouble: null,
      },
    ]);
  });

  it('shows the hosts in `top`', async () => {
    const { stdout } = await two.run('top', 'each', '--once');
    expect(stdout).toMatch(/^board-1 +\S+ +4 +20\/20 +0 +done$/m);
    expect(stdout).toMatch(/^last runs +host +channel/m);
  });

  it('never puts figures of two machines into one median: the summary has a row for each host', async () => {
    const rows = place.csv('results', 'each-1', 'summary.csv');
    expect(rows.map(({ host, buffer_bytes: size, n }) => `${host} ${size} ${n}`)).toEqual(
      ['board-1', 'board-2'].flatMap((host) =>
        [512, 1024, 2048, 4096].map((size) => `${host} ${size} 5`),
      ),
    );
    const { stdout } = await two.run('status', 'each');
    const shown = stdout
      .split('\n')
      .filter((line) => /board-[12]:?.* (KiB|B)|^board-\d: pipe/.test(line));
    expect(shown.length).toBeGreaterThan(0);
  });

  it('draws a series for each host', async () => {
    const { code } = await two.run('plot', 'each', '--format', 'svg', '--out', 'figures');
    expect(code).toBe(0);
    expect(place.read('figures', 'bandwidth.svg')).toMatch(/>board-1<.*>board-2</s);
    const spec = place.read('figures', 'bandwidth.vl.json');
    expect(spec).not.toContain('Cells of 2 hosts');
  });

  it('describes each machine in a part of its own in the report', async () => {
    const { code } = await two.run('report', 'each', '--out', 'each.html');
    expect(code).toBe(0);
    const page = place.read('each.html');
    expect(page).toMatch(/<h3>board-1.*<h3>board-2/s);
    expect(page).toContain('no figure is made from runs of more than one of them');
  });

  it('compares one host with another, cell by cell', async () => {
    const { code, stdout, stderr } = await two.run(
      ...['compare', 'host=board-1', 'each:host=board-2', '--out', 'compared'],
    );
    expect([code, stderr]).not.toEqual([2, expect.anything()]);
    expect(stdout).toContain(
      'pipe 2proc 512 B of 4 KiB on board-1 / pipe 2proc 512 B of 4 KiB on board-2',
    );
    const rows = place.csv('compared', 'comparison.csv');
    expect(rows.map((row) => `${row.a_host} ${row.b_host} ${row.a_n} ${row.b_n}`)).toEqual(
      Array(4).fill('board-1 board-2 5 5'),
    );
  });

  it('says that no cell has the host that a side asks for', async () => {
    const { code, stderr } = await two.run('compare', 'host=board-3', 'host=board-1');
    expect(code).toBe(2);
    expect(stderr).toContain('has no cell with host=board-3');
  });
});

describe('a sweep whose cells are shared out among hosts', () => {
  const { place, boards: two } = boards();
  beforeAll(async () => {
    place.spec('shared', 'answers', `hosts: [board-1, local]\n${MATRIX}`);
    const { code, stderr } = await two.run('run', 'shared.yaml');
    expect([code, stderr]).toEqual([0, expect.stringContaining('20 runs of 4 cells')]);
  });

  it('says in the tables and in the summary where each cell was made', async () => {
    const byCell = new Map<string, Set<string>>();
    for (const { cell = '', host = '' } of place.csv('results', 'shared-1', 'runs.csv')) {
      byCell.set(cell, (byCell.get(cell) ?? new Set()).add(host));
    }
    expect([...byCell.values()].map((hosts) => hosts.size)).toEqual([1, 1, 1, 1]);
    const summary = place.csv('results', 'shared-1', 'summary.csv');
    for (const { cell = '', host = '' } of summary) expect([...byCell.get(cell)!]).toEqual([host]);
    expect(new Set(summary.map(({ host }) => host))).toEqual(new Set(['board-1', 'local']));
    const { stdout } = await two.run('status', 'shared');
    expect(stdout).toMatch(/^host +buffer/m);
    expect(stdout).toMatch(/^(board-1|local) +512 B/m);
  });

  it('says in its charts and its report that cells of several machines stand side by side', async () => {
    expect((await two.run('plot', 'shared', '--out', 'figures')).code).toBe(0);
    expect(place.read('figures', 'bandwidth.svg')).toContain('Cells of 2 hosts: board-1, local');
    expect((await two.run('report', 'shared', '--out', 'shared.html')).code).toBe(0);
    const page = place.read('shared.html');
    expect(page).toContain(
      'share the cells: between cells of different hosts, what differs may be',
    );
    expect(page).toContain('Cells of 2 hosts: board-1, local');
  });

  it('names the machines when a side has cells of several', async () => {
    const { stderr } = await two.run('compare', 'shared', 'shared');
    expect(stderr).toContain('the cells of A and B were made on several hosts: board-1, local');
  });

  it('tells why the cells of one host have no counterpart on another', async () => {
    const { code, stderr } = await two.run('compare', 'host=board-1', 'host=local');
    expect(code).toBe(2);
    expect(stderr).toContain('each cell is made on one of them');
  });

  it('names a host that is away, and the runs that are left to do there', async () => {
    const other = boards();
    other.place.spec('away', 'answers', `hosts: [board-1, board-2]\n${MATRIX}`);
    other.boards.turnOff('board-2');
    const { stderr } = await other.boards.run('run', 'away.yaml');
    expect(stderr).toContain('board-2 is set aside');
    const { stdout } = await other.boards.run('status', 'away');
    expect(stdout).toMatch(/^board-1 +\S+ +2 +10\/10 +0 +done$/m);
    expect(stdout).toMatch(/^board-2 +- +2 +0\/10 +0 +set aside: /m);
    rmSync(other.place.path('off', 'board-2'));
    expect((await other.boards.run('run', 'away.yaml')).code).toBe(0);
    const after = (await other.boards.run('status', 'away')).stdout;
    expect(after).toMatch(/^board-2 +\S+ +2 +10\/10 +0 +done$/m);
    expect(hostsIn(other.place, 'away-1', 'runs').sort()).toEqual(['board-1', 'board-2']);
  });
});

describe('a plan for several hosts', () => {
  const { place, boards: two } = boards();

  it('says which host makes which runs, and lasts as long as the busiest host', async () => {
    place.spec('share', 'answers', `hosts: [board-1, board-2, board-3]\n${MATRIX}`);
    const { stdout } = await two.run('plan', 'share.yaml');
    expect(stdout).toMatch(/^cell +host +ipc/m);
    expect(stdout).toMatch(/^ *1 +board-1 +pipe/m);
    expect(stdout).toMatch(/^hosts \(whole-cells\):$/m);
    expect(stdout).toMatch(/^ +board-1 +2 +10 /m);
    expect(stdout).toMatch(/^ +board-3 +1 +5 /m);
    expect(stdout).toContain('20 runs of 4 cells, about');
    expect(stdout).toContain('with 3 hosts side by side');
    const plan = JSON.parse((await two.run('plan', 'share.yaml', '--json')).stdout);
    expect(plan.hosts.map(({ host, runs }: Record<string, unknown>) => [host, runs])).toEqual([
      ['board-1', 10],
      ['board-2', 5],
      ['board-3', 5],
    ]);
    const seconds = plan.hosts.map((host: { estimate_s: number }) => host.estimate_s);
    expect(plan.estimate_s).toBe(Math.max(...seconds));
  });

  it('has the matrix once for each host, without the cells that a condition excludes there', async () => {
    place.spec(
      'each',
      'answers',
      `hosts: [board-1, board-2]
assign: every-host
matrix: { buffer_size: [512, 1KiB], total_size: 4KiB, where: host != "board-2" || buffer_size > 512 }
trials: 1
expect: ['runs.failed == 0 when host == "board-2"']`,
    );
    const { stdout } = await two.run('plan', 'each.yaml', '--json');
    const plan = JSON.parse(stdout);
    expect(
      plan.cells.map((cell: Record<string, unknown>) => `${cell.host} ${cell.buffer_bytes}`),
    ).toEqual(['board-1 512', 'board-1 1024', 'board-2 1024']);
    expect(plan.left_out).toMatchObject([{ host: 'board-2', buffer_bytes: 512, cause: 'where' }]);
  });

  it('refuses a condition on the host where cells do not differ in it', async () => {
    place.spec(
      'shared',
      'answers',
      `hosts: [board-1, board-2]
matrix: { buffer_size: [512, 1KiB], total_size: 4KiB, where: host == "board-2" }
expect: ['runs.failed == 0 when host == "board-1"']`,
    );
    const { code, stderr } = await two.run('plan', 'shared.yaml');
    expect(code).toBe(2);
    expect(stderr).toContain('the host is no axis here');
  });
});
