import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { leaveHalfChanged } from '../store/half-changed.ts';
import { MAIN, Workplace } from './workplace.ts';

const place = new Workplace();
const spec = place.spec('small', 'answers', 'matrix: { buffer_size: 512 }\ntrials: 1');
afterAll(() => {
  const left = place.processes();
  place.remove();
  expect(left).toEqual([]);
});

/** Checks that every command says why the database cannot be used, and changes nothing in it. */
async function refused(db: string, said: RegExp, reader = 'status'): Promise<void> {
  for (const words of [['run', spec], [reader]]) {
    const { code, stdout, stderr } = await place.run(...words, '--db', db);
    expect({ words, code, stdout }).toEqual({ words, code: 3, stdout: '' });
    expect(stderr).toMatch(said);
    expect(stderr).toMatch(/^hint: /m);
    expect(stderr).not.toContain('bug');
  }
}

describe('a database that cannot be used is refused with exit code 3', () => {
  it('because a newer ipc-sweep wrote it', async () => {
    expect((await place.run('run', spec, '--results', 'newer')).code).toBe(0);
    const db = new Database(place.path('newer/ipc-sweep.db'));
    db.pragma('user_version = 999');
    db.close();
    const said = /written by a newer ipc-sweep \(database version 999/;
    await refused('newer/ipc-sweep.db', said, 'export');
    expect(place.query('SELECT state FROM run', 'newer/ipc-sweep.db')).toHaveLength(1);
  });

  it('because a sweep in it has a name that leads out of results/, or moves the cursor', async () => {
    expect((await place.run('run', spec, '--results', 'named')).code).toBe(0);
    for (const name of ['../../outside', '/tmp/outside', 'a\x1b[2J']) {
      const db = new Database(place.path('named/ipc-sweep.db'));
      db.prepare('UPDATE sweep SET name = ?').run(name);
      db.close();
      for (const words of [['status'], ['export'], ['run', spec], ['compare', '1', '1']]) {
        const { code, stdout, stderr } = await place.run(...words, '--results', 'named');
        expect({ words, code, stdout }).toEqual({ words, code: 3, stdout: '' });
        expect(stderr).toContain(
          `is called ${JSON.stringify(name)}, but a sweep can only have a name of letters, digits, dot`,
        );
        expect(stderr).toContain('\nhint: no spec can have that name');
      }
    }
    expect(readdirSync(place.path('named')).sort()).toEqual([
      ...['ipc-sweep.db', 'ipc-sweep.db.lock', 'small-1'],
    ]);
    expect(readdirSync(place.folder)).not.toContain('outside-1');
  });

  it('because it is not a database', async () => {
    place.write('notes.txt', 'These are my notes, and they are longer than a header.\n'.repeat(30));
    const before = place.read('notes.txt');
    await refused('notes.txt', /cannot use the database notes\.txt: file is not a database/);
    expect(place.read('notes.txt')).toBe(before);
    expect(readdirSync(place.folder).filter((name) => name.startsWith('notes.txt'))).toEqual([
      'notes.txt',
    ]);
  });

  it('because it belongs to another application', async () => {
    const db = new Database(place.path('other.db'));
    db.exec('CREATE TABLE recipe (name TEXT)');
    db.close();
    await refused('other.db', /other\.db is not a database of ipc-sweep/);
    expect(place.query('SELECT name FROM sqlite_schema', 'other.db')).toEqual([{ name: 'recipe' }]);
  });

  it('because it is a folder', async () => {
    mkdirSync(place.path('folder'));
    await refused('folder', /folder is a folder, not a file/);
  });

  it('because a file stands where its folder should be', async () => {
    place.write('file', '');
    const { code, stderr } = await place.run('run', spec, '--results', 'file');
    expect(code).toBe(3);
    expect(stderr).toMatch(/cannot use file\/ipc-sweep\.db.*not a directory/);
  });

  it('because its folder is read-only', (context) => {
    // Root may write everywhere: somebody else has to try.
    if (process.getuid?.() !== 0) return context.skip('needs root, to become somebody else');
    const as = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath];
    if (spawnSync('setpriv', [...as, MAIN, '--version']).status !== 0) {
      return context.skip('nobody may read this checkout');
    }
    chmodSync(place.folder, 0o755);
    mkdirSync(place.path('nobodys'));
    chownSync(place.path('nobodys'), 65534, 65534);
    const nobody = (...words: string[]) =>
      spawnSync('setpriv', [...as, MAIN, ...words], {
        ...{ cwd: place.folder, encoding: 'utf8' },
        env: { ...process.env, XDG_CACHE_HOME: place.path('nobodys') },
      });
    mkdirSync(place.path('locked'));
    const fresh = nobody('run', spec, '--results', 'locked');
    expect(fresh).toMatchObject({ status: 3, stdout: '' });
    expect(fresh.stderr).toMatch(
      /cannot use the database locked\/ipc-sweep\.db: .*\nhint: check the/,
    );
    const absent = nobody('run', spec, '--results', 'locked/deeper');
    expect(absent.status).toBe(3);
    expect(absent.stderr).toContain('EACCES');
    rmSync(place.path('locked'), { recursive: true });
  });

  it('because a killed program has half changed it, and only somebody else may write to it', async (context) => {
    if (process.getuid?.() !== 0) return context.skip('needs root, to become somebody else');
    const as = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath];
    if (spawnSync('setpriv', [...as, MAIN, '--version']).status !== 0) {
      return context.skip('nobody may read this checkout');
    }
    chmodSync(place.folder, 0o755);
    expect((await place.run('run', spec, '--results', 'half')).code).toBe(0);
    const file = place.path('half/ipc-sweep.db');
    leaveHalfChanged(file);
    const before = readFileSync(file);
    const { status, stderr } = spawnSync('setpriv', [...as, MAIN, 'status', '--db', file], {
      ...{ cwd: place.folder, encoding: 'utf8' },
    });
    expect(status).toBe(3);
    expect(stderr).toMatch(/SQLITE_READONLY.*\nhint: a program was killed while it wrote to it/);
    expect(readFileSync(file)).toEqual(before);
    expect((await place.run('status', '--db', file)).code).toBe(0);
  });
});
