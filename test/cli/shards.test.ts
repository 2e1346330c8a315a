import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Workplace } from './workplace.ts';

const MATRIX = 'matrix: { buffer_size: [512, 1KiB, 2KiB, 4KiB], total_size: 4KiB }';

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
  place.spec('s', 'answers', `${MATRIX}\ntrials: 2`);
});
afterEach(() => place.remove());

const make = (shard: string, db: string, ...more: string[]) =>
  place.run('run', 's.yaml', '--shard', shard, '--db', db, '--results', `of-${db}`, ...more);

interface Row {
  readonly ordinal: number;
  readonly cell: number;
  readonly trial: number;
}
const ROWS = `SELECT ordinal, cell.number AS cell, trial FROM run JOIN cell ON cell.id = cell_id
  WHERE state = 'completed' ORDER BY ordinal`;

/** Changes a stored database, as if other things had happened. */
function change(file: string, sql: string): void {
  const db = new Database(place.path(file));
  db.exec(sql);
  db.close();
}

describe('the shards of a sweep', () => {
  it('together make the whole plan: every run once, no cell divided, with one identity and seed', async () => {
    const shown = JSON.parse((await place.run('plan', 's.yaml', '--json')).stdout);
    const rows: Row[][] = [];
    for (const number of [1, 2, 3]) {
      const made = await make(`${number}/3`, `${number}.db`);
      expect(made.code, made.stderr).toBe(0);
      const own = place.query<Row & Record<string, unknown>>(ROWS, `${number}.db`);
      const planned = await place.run('plan', 's.yaml', '--shard', `${number}/3`, '--json');
      const runs = (JSON.parse(planned.stdout).runs as Row[]).map(({ ordinal, cell, trial }) => ({
        ...{ ordinal, cell, trial },
      }));
      expect(own).toEqual(runs);
      rows.push(own);
    }
    const all = rows.flat().sort((a, b) => a.ordinal - b.ordinal);
    expect(all).toEqual(
      (shown.runs as Row[]).map(({ ordinal, cell, trial }) => ({ ordinal, cell, trial })),
    );
    const cellsOf = (own: readonly Row[]) => new Set(own.map(({ cell }) => cell)).size;
    expect(rows.map(cellsOf).reduce((sum, each) => sum + each, 0)).toBe(4);
    const sweeps = [1, 2, 3].map((number) =>
      place.query(
        'SELECT identity, seed, (SELECT count(*) FROM cell) AS cells FROM sweep',
        `${number}.db`,
      ),
    );
    expect(sweeps[1]).toEqual(sweeps[0]);
    expect(sweeps[2]).toEqual(sweeps[0]);
    expect(sweeps[0]).toMatchObject([{ cells: 4 }]);
  });

  it('are complete with their own runs, and say that the other runs belong to other shards', async () => {
    expect((await make('2/4', 'b.db')).code).toBe(0);
    const shown = await place.run('status', 's', '--db', 'b.db');
    expect(shown.stdout).toContain('ended, 2 of 2 runs');
    expect(shown.stdout).toContain(
      'shard 2/4: 1 cell here; 3 cells in the databases of the other shards',
    );
    const { sweeps } = JSON.parse(
      (await place.run('status', 's', '--db', 'b.db', '--json')).stdout,
    );
    expect(sweeps).toMatchObject([
      { shard: 2, shards: 4, cells_of_other_shards: 3, planned_runs: 2, done_runs: 2 },
    ]);
    const again = await make('2/4', 'b.db');
    expect(again.stderr).toContain('is complete (2 runs)');
    place.spec('s', 'answers', `${MATRIX}\ntrials: 3`);
    expect((await make('2/4', 'b.db')).stderr).toContain('2 of 3 runs are done');
    expect(place.query(ROWS, 'b.db')).toHaveLength(3);
  });

  it('are kept apart: each database holds one shard of one division', async () => {
    expect((await make('1/2', 'a.db')).code).toBe(0);
    for (const [words, reason] of [
      [['--shard', '2/2'], 'a.db is for shard 1/2, and shard 2/2 needs a database of its own'],
      [['--shard', '1/3'], 'a.db is for shard 1/2, and shard 1/3 needs a database of its own'],
      [[], 'a.db is for shard 1/2 of a sweep, but `run` without --shard makes all of it'],
    ] as const) {
      const refused = await place.run('run', 's.yaml', '--db', 'a.db', ...words);
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain(reason);
    }
    expect((await place.run('run', 's.yaml', '--db', 'whole.db')).code).toBe(0);
    expect((await make('1/2', 'whole.db')).stderr).toContain('whole.db is for whole sweeps');
    place.spec('s', 'answers', 'matrix: { buffer_size: [512, 1KiB], total_size: 4KiB }');
    const changed = await make('1/2', 'a.db');
    expect(changed.code).toBe(2);
    expect(changed.stderr).toContain('the matrix of the spec has changed since s-1 was divided');
  });

  it('judge an expectation by their own cells', async () => {
    place.spec('s', 'answers', `${MATRIX}\nexpect: ['bandwidth.n > 0']`);
    const made = await make('1/4', 'a.db');
    expect(made.stdout).not.toMatch(/expected|not met/);
    expect(made.code, made.stdout + made.stderr).toBe(0);
  });

  it('continue with a warning on a machine of the same kind, and on no other machine', async () => {
    expect((await make('1/2', 'a.db')).code).toBe(0);
    place.spec('s', 'answers', `${MATRIX}\ntrials: 3`);
    change(
      'a.db',
      "UPDATE host SET name = 'elsewhere'; UPDATE sweep_host SET machine = 'elsewhere'",
    );
    const moved = await make('1/2', 'a.db');
    expect(moved.code, moved.stderr).toBe(0);
    expect(moved.stderr).toContain('shard-moved: the shard has runs of elsewhere and goes on here');
    expect(
      place.query("SELECT 1 FROM environment_warning WHERE code = 'shard-moved'", 'a.db'),
    ).toHaveLength(1);
    place.spec('s', 'answers', `${MATRIX}\ntrials: 4`);
    change('a.db', "UPDATE environment SET cpu_model = 'a toy'");
    const stored = () => place.query('SELECT * FROM sweep', 'a.db');
    const before = stored();
    const refused = await make('1/2', 'a.db', '--set', 'timeout=9s');
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(
      /started on elsewhere, but \S+ is another kind of machine: its cpu_model is /,
    );
    expect(stored()).toEqual(before);
    expect(place.query('SELECT 1 FROM sweep_option', 'a.db')).toEqual([]);
  });

  it.each([
    [['--shard', '5/4'], '--shard: expected K/N'],
    [
      ['--shard', '1/5'],
      '5 shards are too many: each needs at least one cell, so there can be at most 4',
    ],
    [['--shard', '1/2', '--host', 'board-1'], '--shard makes one shard of a sweep on this machine'],
  ])('are refused when their numbers are impossible: %j', async (words, reason) => {
    for (const command of ['run', 'plan']) {
      const refused = await place.run(command, 's.yaml', ...words);
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain(reason);
    }
  });

  it('are refused for a sweep in which every host makes the whole matrix', async () => {
    place.spec('s', 'answers', `${MATRIX}\nassign: every-host`);
    expect((await make('1/2', 'a.db')).stderr).toContain('assign: every-host each host');
  });
});
