import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databaseId } from '../../src/store/database-identity.ts';
import { environmentsOf } from '../../src/store/environment-rows.ts';
import {
  allOrigins,
  environmentOrigins,
  namesOfOrigin,
  tellingNames,
} from '../../src/store/merge/origins.ts';
import { merge, resumed, student, write } from './merging.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-origins-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

describe('the names of a database', () => {
  it.each([
    ['alice.db', ['alice', 'alice.db']],
    ['lab/alice.db', ['alice', 'lab', 'alice.db']],
    ['/home/bob/results/ipc-sweep.db', ['bob', 'home', 'ipc-sweep.db']],
    ['../carol/./ipc-sweep.db', ['carol', 'ipc-sweep.db']],
    ['results/ipc-sweep.db', ['ipc-sweep', 'ipc-sweep.db']],
    ['x.sqlite', ['x', 'x.sqlite']],
    ['x.sqlite3', ['x', 'x.sqlite3']],
    ['x.db.old', ['x.db.old', 'x.db.old']],
    ['x.sqlite33', ['x.sqlite33', 'x.sqlite33']],
  ])(
    'are the parts of its path that tell something, and the whole file name: %s',
    (file, names) => {
      expect(namesOfOrigin(file)).toEqual(names);
    },
  );

  it('are told by the first part that no other database has', () => {
    const from = (database: string, file: string) => ({
      ...{ database, file, originalId: 1, mark: 'm', asOne: false },
    });
    const [alice, bob, again] = [
      from('A', 'lab/alice/x.db'),
      from('B', 'lab/bob/x.db'),
      from('B', 'lab/bob/x.db'),
    ];
    const nameOf = tellingNames(
      new Map([
        [1, [alice]],
        [2, [bob]],
        [3, [again]],
      ]),
    );
    expect([alice, bob, again].map(nameOf)).toEqual(['alice', 'bob', 'bob']);
    const one = [from('A', 'y.db'), from('B', 'y.db')] as const;
    expect(one.map(tellingNames(new Map([[1, one]])))).toEqual(['y', 'y']);
  });
});

describe('the origins of the sweeps of a database', () => {
  it('say which sweeps were joined, and from where; own sweeps have none', () => {
    const [a, b] = ['a.db', 'b.db'].map((name) => student(at(name), { sweeps: 1 }));
    student(at('c.db'), { sweeps: 1 });
    merge([a!, b!], at('c.db'));
    const ids = [a!, b!].map((file) => write(file, databaseId));
    const origin = (n: number, asOne: boolean) => ({
      ...{ database: ids[n], originalId: 1, file: [a, b][n], asOne },
      mark: '1970-01-01T00:00:00.000Z',
    });
    expect([...write(at('c.db'), allOrigins)].map(([id, of]) => [id, of])).toMatchObject([
      [2, [origin(0, false)]],
      [3, [origin(1, false)]],
    ]);
    merge([a!, b!], at('d.db'), { asOne: true, hostsBy: 'file' });
    expect([...write(at('d.db'), allOrigins)].map(([id, of]) => [id, of])).toMatchObject([
      [1, [origin(0, true), origin(1, true)]],
    ]);
  });

  it('are those of its environments, each in its own database', () => {
    student(at('a.db'), { sweeps: 1 });
    write(at('a.db'), (db) => resumed(db, 1));
    student(at('b.db'), { sweeps: 2 });
    merge([at('b.db'), at('a.db')], at('c.db'));
    const [a, b] = ['a.db', 'b.db'].map((name) => write(at(name), databaseId));
    write(at('c.db'), (db) => {
      const origins = (sweepId: number) => {
        const of = environmentOrigins(db, sweepId);
        return environmentsOf(db, sweepId).map(({ id }) => of.get(id));
      };
      const ofA = { database: a, originalId: 1, file: at('a.db') };
      expect(origins(3)).toEqual([ofA, ofA]);
      expect(origins(2)).toEqual([{ database: b, originalId: 2, file: at('b.db') }]);
    });
    expect(write(at('a.db'), (db) => environmentOrigins(db, 1).size)).toBe(0);
  });
});
