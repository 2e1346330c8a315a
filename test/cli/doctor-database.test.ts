import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workplace } from './workplace.ts';

const place = new Workplace();
const RUNS = 120;
afterAll(() => place.remove());

beforeAll(async () => {
  const spec = place.spec('whole', 'answers', `matrix: { buffer_size: 512 }\ntrials: ${RUNS}`);
  expect((await place.run('run', spec)).code).toBe(0);
});

/** A copy of the good database with the pages of one table overwritten. */
function damaged(name: string, table: string, pages: 'first' | 'last'): string {
  const file = place.path(name);
  for (const side of ['', '.recovered']) rmSync(file + side, { force: true });
  copyFileSync(place.path('results/ipc-sweep.db'), file);
  const db = new Database(file, { readonly: true });
  const { page } = db
    .prepare(
      `SELECT ${pages === 'first' ? 'min' : 'max'}(pageno) AS page FROM dbstat WHERE name = ?`,
    )
    .get(table) as { page: number };
  const size = db.pragma('page_size', { simple: true }) as number;
  db.close();
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.alloc(size, 0xa5), 0, size, (page - 1) * size);
  closeSync(descriptor);
  return name;
}

describe('a command that reads a damaged database', () => {
  it.each([
    ['status', ['status']],
    ['export', ['export', '--out', 'out']],
    ['compare', ['compare', '1', '1']],
  ])('says so and how to save it: %s', async (_, words) => {
    const name = damaged('unread.db', 'run', 'first');
    const { code, stderr } = await place.run(...words, '--db', name);
    expect(stderr).toMatch(
      /^ipc-sweep: cannot use the database unread\.db: .*malformed \(SQLITE_CORRUPT\w*\)\nhint: `npx ipc-sweep doctor --db unread\.db` saves what can be read\n$/,
    );
    expect(code).toBe(3);
  });
});

describe('doctor --db', () => {
  it('says that an undamaged database is whole', async () => {
    const { code, stdout, stderr } = await place.run('doctor', '--db', 'results/ipc-sweep.db');
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: 'results/ipc-sweep.db is whole\n',
      stderr: '',
    });
    const json = await place.run('doctor', '--db', 'results/ipc-sweep.db', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      ...{ document: 'doctor', schema_version: 1 },
      database: 'results/ipc-sweep.db',
      whole: true,
      damage: [],
      recovered: null,
    });
  });

  it.each([
    ['sample', 'last', RUNS],
    ['run', 'last', undefined],
    ['io_size', 'first', RUNS],
  ] as const)(
    'saves what is left after damage to %s, and `run` goes on',
    async (table, pages, runs) => {
      const name = damaged(`bent-${table}.db`, table, pages);
      const { code, stdout, stderr } = await place.run('doctor', '--db', name);
      expect(code).toBe(1);
      expect(stdout).toMatch(new RegExp(`^${name} is damaged:\n.+`));
      const saved = /^saved what can be read: 1 sweep, (\d+) runs in (.*); go on with --db /.exec(
        stderr,
      );
      expect(saved?.[2]).toBe(`${name}.recovered`);
      const kept = Number(saved?.[1]);
      if (runs !== undefined) expect(kept).toBe(runs);
      expect(kept).toBeGreaterThan(20);
      expect(kept).toBeLessThanOrEqual(RUNS);
      expect(existsSync(place.path(`${name}.recovered.partial`))).toBe(false);
      expect((await place.run('doctor', '--db', `${name}.recovered`)).code).toBe(0);
      const again = await place.run('run', 'whole.yaml', '--db', `${name}.recovered`);
      expect(again.code).toBe(0);
      expect(again.stdout).toContain(`${RUNS} completed; sweep whole-1`);
    },
  );

  it('changes nothing in the damaged database itself', async () => {
    const name = damaged('kept.db', 'run', 'first');
    const before = place.read(name);
    await place.run('doctor', '--db', name);
    expect(place.read(name)).toBe(before);
    expect(statSync(place.path(name)).size).toBeGreaterThan(0);
  });

  it('needs a file that is there', async () => {
    const { code, stderr } = await place.run('doctor', '--db', 'absent.db');
    expect(code).toBe(2);
    expect(stderr).toContain('there is no database absent.db');
    expect(existsSync(place.path('absent.db'))).toBe(false);
  });
});
