import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { parseExperiment } from '../../src/experiment/load.ts';
import { openForWriting } from '../../src/store/open.ts';
import { expectationsOf, listSweeps, sweepById } from '../../src/store/reader.ts';
import { renameSweep } from '../../src/store/sweep-changes.ts';
import { chooseOrCreate } from '../../src/sweep/choose-or-create.ts';
import type { Prepared } from '../../src/sweep/prepare.ts';
import { requireSameHost } from '../../src/sweep/same-host.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-choose-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What `prepare` finds on a machine without a tracer. */
function preparedOn(hostname: string): Prepared {
  const host = {
    host: { name: 'local', machine: { hostname, platform: 'linux' } },
    programs: new Map([['', { path: '/b', sha256: 'b' }]]),
    request: { instruments: [] },
    ...{ chosen: undefined, traceProgram: undefined, scripts: [], missing: [], traced: false },
  };
  return {
    hosts: [host],
    ...{ away: [], scripts: [] },
    identityAs: (name: string) => `conditions as ${name}`,
    close: async () => {},
  } as unknown as Prepared;
}

const CONTINUE = { fresh: false, shard: undefined };
const experiment = (name: string, expected = 'runs.failed == 0') =>
  parseExperiment('spec.yaml', `name: ${name}\nexpect: ["${expected}"]\n`, { allowLarge: false });
const choose = (db: Parameters<typeof chooseOrCreate>[0], name: string, prepared: Prepared) =>
  chooseOrCreate(db, experiment(name, 'runs.failed < 2'), prepared, CONTINUE, () => {});

it('a sweep that another machine has begun is refused before anything of it is changed', () => {
  const { db, close } = openForWriting(join(folder, 'other.db'));
  const there = preparedOn('there');
  const id = chooseOrCreate(db, experiment('lab'), there, CONTINUE, () => {});
  requireSameHost(db, id, there.hosts[0]!);
  const before = listSweeps(db);
  expect(() => choose(db, 'lab', preparedOn('here'))).toThrow('this sweep was begun on there');
  expect(listSweeps(db)).toEqual(before);
  expect(expectationsOf(db, id)).toEqual(['runs.failed == 0']);
  expect(choose(db, 'lab', there)).toBe(id);
  expect(expectationsOf(db, id)).toEqual(['runs.failed < 2']);
  close();
});

it('a renamed sweep goes on with a spec of its new name; one of the old name begins anew', () => {
  const { db, close } = openForWriting(join(folder, 'renamed.db'));
  const here = preparedOn('here');
  const id = choose(db, 'lab', here);
  renameSweep(db, sweepById(db, id), 'aside');
  const anew = choose(db, 'lab', here);
  expect(anew).not.toBe(id);
  expect(choose(db, 'aside', here)).toBe(id);
  expect(choose(db, 'lab', here)).toBe(anew);
  close();
});
