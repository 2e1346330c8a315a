import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workplace } from './workplace.ts';

const place = new Workplace();
const spec = place.spec('small', 'answers', 'matrix: { buffer_size: 512 }\ntrials: 1');
afterAll(() => {
  const left = place.processes();
  place.remove();
  expect(left).toEqual([]);
});
beforeAll(async () => {
  expect((await place.run('run', spec)).code).toBe(0);
});

const COMMANDS = [
  ...[['run', spec], ['status'], ['status', 'small'], ['top', '--once'], ['report']],
  ...[['export'], ['replay'], ['compare', 'small', 'small'], ['doctor']],
];

/** A copy of the good database, with something planted under a name beside it. */
function planted(side: string, plant: (path: string) => void): string {
  const folder = place.path('planted');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  if (side !== '') copyFileSync(place.path('results/ipc-sweep.db'), `${folder}/x.db`);
  plant(`${folder}/x.db${side}`);
  return 'planted/x.db';
}

const fifo = (path: string) => {
  expect(spawnSync('mkfifo', [path]).status).toBe(0);
};

/** One that writes, one that reads, and one that does both. */
const FEW = [['run', spec], ['status'], ['doctor']];

/** The commands end at once, with a message, and leave the folder as it is. */
async function expectRefused(db: string, said: RegExp, commands = FEW): Promise<void> {
  const before = readdirSync(place.path('planted')).sort();
  // All at once: a command that waits for ever must not keep the others from being looked at.
  const ended = await Promise.all(commands.map((words) => place.run(...words, '--db', db)));
  expect(
    ended.map(({ code, stdout, stderr }, at) => [commands[at], code, stdout, said.test(stderr)]),
  ).toEqual(commands.map((words) => [words, 3, '', true]));
  expect(readdirSync(place.path('planted')).sort()).toEqual(before);
}

describe('a planted file beside a database', () => {
  it.each(['', '-wal', '-shm', '-journal', '.lock', '.lock-journal', '.holder'])(
    'is refused if x.db%s is a fifo, and no command waits for it',
    async (side) => {
      const db = planted(side, fifo);
      await expectRefused(
        db,
        /x\.db\S* is a named pipe \(fifo\), not a file\nhint: /,
        side === '' ? COMMANDS : FEW,
      );
    },
  );

  it.each(['', '-wal', '-shm', '-journal', '.lock', '.lock-journal', '.holder'])(
    'is not written through if x.db%s is a dangling link',
    async (side) => {
      const db = planted(side, (path) => symlinkSync('../made', path));
      await expectRefused(db, /x\.db\S* is a symbolic link, which is not followed\nhint: /);
      expect(existsSync(place.path('made'))).toBe(false);
    },
  );

  it.each(['-wal', '-shm', '-journal', '.lock', '.holder'])(
    'is refused and unchanged if x.db%s is another name of some other file',
    async (side) => {
      place.write('precious', 'What stands here must not change.\n');
      const db = planted(side, (path) => linkSync(place.path('precious'), path));
      await expectRefused(db, /x\.db\S* has 2 names \(hard links\)/);
      expect(place.read('precious')).toBe('What stands here must not change.\n');
    },
  );

  it('is refused if it is a .lock with contents, which ipc-sweep never writes', async () => {
    const db = planted('.lock', (path) => copyFileSync(place.path('results/ipc-sweep.db'), path));
    const { code, stderr } = await place.run('run', spec, '--db', db);
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /x\.db\.lock is not a lock file of ipc-sweep, which is empty\nhint: remove it/,
    );
  });

  it('is not written through if it is a link with a name that a rescue uses', async () => {
    const copy = planted('.recovered', (path) => symlinkSync('../made', path));
    symlinkSync('../made', place.path('planted/x.db.recovered.partial'));
    place.write(copy, Buffer.alloc(4096, 0xa5));
    const { code, stderr } = await place.run('doctor', '--db', copy);
    expect(code).toBe(3);
    expect(stderr).toContain('x.db.recovered is there already');
    expect(existsSync(place.path('made'))).toBe(false);
  });
});

describe('something that is not a file', () => {
  const make: Readonly<Record<string, (path: string) => boolean>> = {
    device: (path) => spawnSync('mknod', [path, 'c', '1', '3']).status === 0,
    folder: (path) => mkdirSync(path, { recursive: true }) !== undefined,
  };

  it.for(Object.keys(make))(
    'is refused as a database, and nothing is made beside it: a %s',
    async (kind, context) => {
      let made = false;
      // In a folder of its own: like /dev/null, of which nobody wants more files beside it.
      const db = planted('', (path) => {
        made = make[kind]?.(path) === true;
      });
      if (!made) return context.skip('needs root, to make a device');
      await expectRefused(
        db,
        new RegExp(`x\\.db is a ${kind}, not a file\nhint: name another`),
        COMMANDS,
      );
    },
  );
});

describe('in results/', () => {
  it('links and fifos in place of files are replaced, and no command waits or writes through them', async () => {
    const folder = place.path('results/small-1');
    for (const name of ['runs.csv', 'datapackage.json', 'report.html', 'summary.parquet']) {
      rmSync(`${folder}/${name}`, { force: true });
      if (name.startsWith('r')) fifo(`${folder}/${name}`);
      else symlinkSync('../../made', `${folder}/${name}`);
    }
    const exported = await place.run('export', '--format', 'csv,parquet');
    expect(exported).toMatchObject({ code: 0, stderr: '' });
    expect((await place.run('report')).code).toBe(0);
    expect(existsSync(place.path('made'))).toBe(false);
  });

  it('a fifo or a link is not accepted as the mark of the folder', async () => {
    const mark = place.path('results/small-1/.ipc-sweep');
    for (const plant of [fifo, (path: string) => symlinkSync('../../made', path)]) {
      rmSync(mark, { force: true });
      plant(mark);
      expect((await place.run('export')).code).toBe(0);
      expect(place.read('results/small-1/.ipc-sweep')).toMatch(/^\{"database":"[0-9a-f]{32}"/);
    }
    expect(existsSync(place.path('made'))).toBe(false);
  });

  it('no command follows a link in place of the folder of a sweep', async () => {
    mkdirSync(place.path('elsewhere'));
    mkdirSync(place.path('linked'));
    copyFileSync(place.path('results/ipc-sweep.db'), place.path('linked/ipc-sweep.db'));
    symlinkSync('../elsewhere', place.path('linked/small-1'));
    for (const words of [['export'], ['report'], ['plot']]) {
      const { code, stderr } = await place.run(...words, '--results', 'linked');
      expect({ words, code }).toEqual({ words, code: 3 });
      expect(stderr).toContain('linked/small-1 is a symbolic link, which is not followed');
    }
    expect(readdirSync(place.path('elsewhere'))).toEqual([]);
  });

  it('a spec’s schema is not written into a fifo', async () => {
    fifo(place.path('schema.json'));
    const { code, stderr } = await place.run('schema', '--write', 'schema.json');
    expect(code).toBe(3);
    expect(stderr).toContain('schema.json is a named pipe (fifo), not a file');
  });
});

describe('two databases with one folder for results', () => {
  it('do not overwrite each other’s tables: the second one is refused before it measures', async () => {
    expect((await place.run('run', spec, '--results', 'both', '--db', 'first.db')).code).toBe(0);
    const before = place.read('both/small-1/runs.csv');
    const second = await place.run('run', spec, '--results', 'both', '--db', 'second.db');
    expect(second).toMatchObject({ code: 3, stdout: '' });
    expect(second.stderr).toMatch(
      /both\/small-1 holds the tables of a sweep of another database, first\.db: .*\nhint: name another folder with --results/,
    );
    expect(place.query('SELECT * FROM sweep', 'second.db')).toEqual([]);
    expect(place.read('both/small-1/runs.csv')).toBe(before);
    // As the hint says.
    expect((await place.run('run', spec, '--results', 'other', '--db', 'second.db')).code).toBe(0);
    for (const words of [['export'], ['report'], ['plot']]) {
      const { code } = await place.run(...words, '--results', 'both', '--db', 'second.db');
      expect({ words, code }).toEqual({ words, code: 3 });
    }
    expect(place.read('both/small-1/runs.csv')).toBe(before);
  });

  it('leave the folder to a database that was deleted and made again', async () => {
    expect((await place.run('run', spec, '--results', 'again')).code).toBe(0);
    const first = place.read('again/small-1/.ipc-sweep');
    rmSync(place.path('again/ipc-sweep.db'));
    expect((await place.run('run', spec, '--results', 'again')).code).toBe(0);
    const second = place.read('again/small-1/.ipc-sweep');
    expect(second).toMatch(/^\{"database":"[0-9a-f]{32}"/);
    expect(second).not.toBe(first);
  });
});

it('a planted program called sqlite3 is not run, and neither is SQL from a damaged database', async () => {
  const copy = planted('.none', () => {});
  mkdirSync(place.path('bin'));
  place.write('bin/sqlite3', `#!/bin/sh\ntouch ${place.path('carried-out')}\n`);
  chmodSync(place.path('bin/sqlite3'), 0o755);
  const PATH = `${place.path('bin')}:${process.env.PATH}`;
  const { default: Database } = await import('better-sqlite3');
  const db = new Database(place.path(copy));
  db.unsafeMode(true);
  db.pragma('writable_schema = ON');
  db.exec(`INSERT INTO sqlite_schema VALUES ('table', 'x', 'x', 0,
    'CREATE TABLE x(a); ATTACH ''${place.path('attached')}'' AS y; CREATE TABLE y.z(a)')`);
  db.exec(
    "UPDATE sqlite_schema SET sql = 'CREATE VIEW good_run AS SELECT load_extension(''x'')' WHERE name = 'good_run'",
  );
  db.close();
  const { code, stderr } = await place.start(['doctor', '--db', copy], { PATH }).ended;
  expect([1, 3]).toContain(code);
  expect(stderr).not.toContain('bug');
  expect(existsSync(place.path('carried-out'))).toBe(false);
  expect(existsSync(place.path('attached'))).toBe(false);
});
