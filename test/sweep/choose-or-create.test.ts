import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { parseExperiment } from '../../src/experiment/read-experiment.ts';
import { openForWriting } from '../../src/store/open.ts';
import { expectationsOf, listSweeps, sweepById } from '../../src/store/reader.ts';
import { renameSweep } from '../../src/store/sweep-changes.ts';
import { optionsOf } from '../../src/store/sweep-options.ts';
import { chooseOrCreate } from '../../src/sweep/choose-or-create.ts';
import type { Prepared } from '../../src/sweep/prepare.ts';
import { requireSameHost } from '../../src/sweep/same-host.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-choose-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The result of `prepare` on a machine without a tracer. */
function preparedOn(hostname: string): Prepared {
  const host = {
    host: { name: 'local', machine: { hostname, platform: 'linux' } },
    programs: new Map([['', { path: '/b', sha256: 'b' }]]),
    request: { instruments: [] },
    ...{
      chosen: undefined,
      traceProgram: undefined,
      scripts: [],
      placed: [],
      missing: [],
      traced: false,
    },
  };
  return {
    hosts: [host],
    ...{ away: [], scripts: [] },
    identityAs: (name: string) => `conditions as ${name}`,
    close: async () => {},
  } as unknown as Prepared;
}

const CONTINUE = { fresh: false, shard: undefined, onlyFailed: false };
const experiment = (name: string, expected = 'runs.failed == 0') =>
  parseExperiment('spec.yaml', `name: ${name}\nexpect: ["${expected}"]\n`, { allowLarge: false });
const TRIALS = { option: '--trials', value: '3' };
const SHARDED = 'name: lab\ntrials: 3\nmatrix: { buffer_size: [1KiB, 2KiB, 4KiB, 8KiB] }\n';
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

it('a sweep adopts all of a new spec, or none of it', () => {
  const { db, close } = openForWriting(join(folder, 'all-or-none.db'));
  const here = preparedOn('here');
  const id = chooseOrCreate(db, experiment('lab'), here, CONTINUE, () => {});
  const withOption = { ...experiment('lab', 'runs.failed < 2'), options: [TRIALS] };
  db.exec(
    "CREATE TEMP TRIGGER full BEFORE INSERT ON sweep_option BEGIN SELECT RAISE(FAIL, 'full'); END",
  );
  expect(() => chooseOrCreate(db, withOption, here, CONTINUE, () => {})).toThrow('full');
  expect(expectationsOf(db, id)).toEqual(['runs.failed == 0']);
  db.exec('DROP TRIGGER full');
  chooseOrCreate(db, withOption, here, CONTINUE, () => {});
  expect(expectationsOf(db, id)).toEqual(['runs.failed < 2']);
  expect(optionsOf(db, id)).toEqual([TRIALS]);
  close();
});

it('a shard plans the runs of the cells that it was given, even if cells would be divided differently now', () => {
  const { db, close } = openForWriting(join(folder, 'shard.db'));
  const here = preparedOn('here');
  const shard = { ...CONTINUE, shard: { number: 1, of: 2 } };
  const matrix = parseExperiment('spec.yaml', SHARDED, { allowLarge: false });
  const id = chooseOrCreate(db, matrix, here, shard, () => {});
  db.prepare('UPDATE cell SET other_shard = 2 WHERE number > 1').run();
  expect(chooseOrCreate(db, matrix, here, shard, () => {})).toBe(id);
  expect(sweepById(db, id).planned_runs).toBe(3);
  close();
});
