import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { UserError } from '../../src/errors.ts';
import { type Cell, cellKey } from '../../src/experiment/cell.ts';
import type { GivenOption } from '../../src/experiment/given-options.ts';
import { orderRuns, type PlannedRun } from '../../src/plan/order.ts';
import { recordEnvironment } from '../../src/store/environment-writer.ts';
import { hostProgress } from '../../src/store/host-progress.ts';
import { findDamage } from '../../src/store/integrity.ts';
import { originsWithMachines } from '../../src/store/merge/origins.ts';
import { cellsOf, expectationsOf, listSweeps, runsDone } from '../../src/store/reader.ts';
import { runWriter } from '../../src/store/run-writer.ts';
import { assignHosts, recordSweepHost } from '../../src/store/sweep-hosts.ts';
import { optionsOf, setOptions } from '../../src/store/sweep-options.ts';
import { shardsIn } from '../../src/store/sweep-shards.ts';
import { createSweep, markSweep, type NewSweep } from '../../src/store/sweep-writer.ts';
import { CELL, ENVIRONMENT, exampleResult, NEW_SWEEP } from './example-sweep.ts';
import { dump, merge, sum, write } from './merging.ts';

const root = mkdtempSync(join(tmpdir(), 'ipc-sweep-merge-as-one-test-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let number = 0;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(root, `${++number}-`));
});
const at = (name: string) => join(folder, name);

const CELLS: readonly Cell[] = Array.from({ length: 8 }, (_, n) => ({
  ...CELL,
  bufferBytes: 512 * (n + 1),
}));
const TRIALS = 3;
const PLAN = orderRuns(CELLS, {
  ...{ trials: TRIALS, warmup: 0, order: 'shuffled', seed: 1, traced: true, controls: true },
});
const SPEC = 'name: lab\nmatrix: { buffer_size: 512, total_size: 1024 }\n';

interface Made {
  readonly machine: string;
  /** The runs that are made of the plan. */
  readonly runs?: (run: PlannedRun) => boolean;
  readonly shard?: readonly [number, number];
  readonly change?: Partial<NewSweep>;
  readonly host?: string;
  readonly benchmark?: string;
}

/** Makes runs of the plan on a machine, in a new sweep of a database. */
function make(file: string, made: Made): string {
  const { machine, runs = () => true, shard, change, host = 'local', benchmark = machine } = made;
  write(file, (db) => {
    const id = createSweep(db, {
      ...NEW_SWEEP,
      ...{ name: 'lab', identity: `lab on ${machine}`, specText: SPEC, cells: CELLS },
      ...{ plannedRuns: PLAN.length, trials: { min: TRIALS, max: TRIALS, relativeCi: undefined } },
      ...{ controls: true, expectations: [], ...change },
    });
    if (shard) {
      db.prepare('UPDATE sweep SET shard = ?, shards = ?').run(...shard);
      db.prepare('UPDATE cell SET other_shard = ? WHERE number % ? <> ?').run(
        ...[99, shard[1], shard[0] - 1],
      );
    }
    const environment = recordEnvironment(db, id, { ...ENVIRONMENT, machine, host }, []);
    recordSweepHost(db, id, {
      ...{ name: host, machine, benchmarkPath: '/b', benchmarkSha256: benchmark, programs: [] },
      traceProgramSha256: 't',
    });
    assignHosts(
      db,
      id,
      CELLS.map((cell) => [cell, host] as const),
    );
    const store = runWriter(db, id, environment);
    for (const planned of PLAN.filter(runs)) {
      store({ ...exampleResult(planned.trial), planned, wallNs: planned.ordinal });
    }
    markSweep(db, id, 'stopped', new Date(1000));
  });
  return file;
}

/** The runs of a sweep as the plan has them. */
function rows(file: string, sweepId = 1) {
  return write(file, (db) =>
    db
      .prepare<[number], { ordinal: number; key: string; trial: number; traced: number }>(
        `SELECT ordinal, key, trial, traced FROM run JOIN cell ON cell.id = cell_id
         WHERE sweep_id = ? ORDER BY ordinal, key`,
      )
      .all(sweepId),
  );
}
const planned = PLAN.map(({ ordinal, cell, trial, traced }) => ({
  ...{ ordinal, key: cellKey(cell), trial, traced: Number(traced) },
}));

function refusal(work: () => unknown): UserError {
  try {
    work();
  } catch (error) {
    return error as UserError;
  }
  throw new Error('it was not refused');
}

const AS_ONE = { asOne: true };

describe('shards of one sweep', () => {
  const shardOf = (number: number, of = 4) => ({
    machine: `node-${number % 2}`,
    shard: [number, of] as const,
    runs: ({ cellIndex }: PlannedRun) => (cellIndex + 1) % of === number - 1,
  });
  const four = () => [1, 2, 3, 4].map((n) => make(at(`shard-${n}.db`), shardOf(n)));

  it('make up the plan, row for row', () => {
    const files = four();
    expect(merge(files, at('c.db'), AS_ONE).map(({ state }) => state)).toEqual([
      ...['new', 'joined', 'joined', 'joined'],
    ]);
    expect(rows(at('c.db'))).toEqual(planned);
    write(at('c.db'), (db) => {
      const [sweep, ...others] = listSweeps(db);
      expect(others).toEqual([]);
      expect(sweep).toMatchObject({ name: 'lab', state: 'ended', planned_runs: PLAN.length });
      expect(runsDone(db, 1)).toBe(PLAN.length);
      expect(cellsOf(db, 1).map(({ cell, host, host_axis: axis }) => [cell, host, axis])).toEqual(
        CELLS.map((_, n) => [n + 1, `node-${((n + 1) % 2) + 1 === 2 ? 0 : 1}`, 0]),
      );
      expect(hostProgress(db, 1).map(({ name, machine, done }) => [name, machine, done])).toEqual([
        ...[['node-0', 'node-0', 24] as const, ['node-1', 'node-1', 24] as const],
      ]);
      expect(originsWithMachines(db, 1)).toMatchObject(
        files.map((file, n) => ({ file, originalId: 1, machines: [`node-${(n + 1) % 2}`] })),
      );
      expect(db.prepare('SELECT DISTINCT shard, shards FROM sweep').all()).toEqual([
        { shard: null, shards: null },
      ]);
    });
    expect(findDamage(at('c.db'))).toEqual([]);
  });

  it('can be joined in any order and any number of steps, and again without a change', () => {
    const files = four();
    for (const file of files.toReversed()) merge([file], at('c.db'), AS_ONE);
    expect(rows(at('c.db'))).toEqual(planned);
    const before = dump(at('c.db'));
    expect(sum(merge(files, at('c.db'), AS_ONE))).toEqual({ sweeps: 0, runs: 0 });
    expect(sum(merge(files, at('c.db')))).toEqual({ sweeps: 0, runs: 0 });
    expect(dump(at('c.db'))).toEqual(before);
  });

  it('do not claim a database into which they are merged, apart or as one', () => {
    const files = four();
    merge(files, at('apart.db'));
    merge(files, at('one.db'), AS_ONE);
    for (const name of ['apart.db', 'one.db']) expect(write(at(name), shardsIn)).toEqual([]);
    expect(write(files[0]!, shardsIn)).toEqual([{ number: 1, of: 4 }]);
  });

  it('are not the whole plan while one is missing, or has not ended', () => {
    const files = four().slice(0, 3);
    make(at('part.db'), {
      ...shardOf(4),
      runs: ({ ordinal, cellIndex }) => cellIndex % 4 === 2 && ordinal < 9,
    });
    merge([...files, at('part.db')], at('c.db'), AS_ONE);
    write(at('c.db'), (db) => {
      expect(listSweeps(db)).toMatchObject([{ state: 'stopped', planned_runs: PLAN.length }]);
      expect(runsDone(db, 1)).toBeLessThan(PLAN.length);
      expect(cellsOf(db, 1)).toHaveLength(CELLS.length);
    });
  });

  it('are refused when they were divided differently from the rest', () => {
    const whole = make(at('whole.db'), { machine: 'node-0' });
    const { message } = refusal(() => merge([...four(), whole], at('c.db'), AS_ONE));
    expect(message).toContain('divided into shards: yes and no');
  });
});

describe('the same experiment on several machines', () => {
  const boards = () =>
    ['pi', 'x86', 'arm'].map((machine) => make(at(`${machine}.db`), { machine }));

  it('becomes one sweep with a host for each, like `assign: every-host`', () => {
    merge(boards(), at('c.db'), AS_ONE);
    write(at('c.db'), (db) => {
      expect(listSweeps(db)).toMatchObject([{ state: 'ended', planned_runs: 3 * PLAN.length }]);
      const cells = cellsOf(db, 1);
      expect(cells.map(({ cell }) => cell)).toEqual(Array.from({ length: 24 }, (_, n) => n + 1));
      expect([...new Set(cells.map(({ host }) => host))]).toEqual(['pi', 'x86', 'arm']);
      expect(cells.every(({ host_axis: axis }) => axis === 1)).toBe(true);
      const keys = db.prepare('SELECT key FROM cell ORDER BY number').pluck().all();
      expect(keys[8]).toBe(cellKey({ ...CELLS[0]!, host: 'x86' }));
      const hosts = db
        .prepare('SELECT DISTINCT host, machine FROM run_overview ORDER BY run_id')
        .all();
      expect(hosts).toEqual(['pi', 'x86', 'arm'].map((name) => ({ host: name, machine: name })));
      expect(runsDone(db, 1)).toBe(3 * PLAN.length);
    });
    const before = dump(at('c.db'));
    merge([at('x86.db')], at('c.db'));
    merge(
      ['arm', 'pi', 'x86'].map((name) => at(`${name}.db`)),
      at('c.db'),
      AS_ONE,
    );
    expect(dump(at('c.db'))).toEqual(before);
  });

  it('keeps the names of its hosts when a database has grown, whatever the options say', () => {
    const some = ({ trial }: PlannedRun) => trial < TRIALS;
    make(at('alice.db'), { machine: 'pi', runs: some });
    make(at('bob.db'), { machine: 'pi' });
    merge([at('alice.db'), at('bob.db')], at('c.db'), { asOne: true, hostsBy: 'file' });
    write(at('alice.db'), (db) => {
      const store = runWriter(db, 1, 1);
      for (const each of PLAN.filter((run) => !some(run))) {
        store({ ...exampleResult(each.trial), planned: each });
      }
    });
    expect(sum(merge([at('alice.db')], at('c.db'), AS_ONE))).toEqual({
      ...{ sweeps: 0, runs: 2 * CELLS.length },
    });
    write(at('c.db'), (db) => {
      expect(hostProgress(db, 1).map(({ name, done }) => [name, done])).toEqual([
        ['alice', PLAN.length],
        ['bob', PLAN.length],
      ]);
    });
  });

  it('is refused where two machines have the same name, with options that distinguish them', () => {
    make(at('a.db'), { machine: 'raspberrypi' });
    make(at('b.db'), { machine: 'raspberrypi', benchmark: 'raspberrypi' });
    const { message, hint } = refusal(() => merge([at('a.db'), at('b.db')], at('d.db'), AS_ONE));
    expect(message).toMatch(
      /b\.db: sweep lab-1 has another traced run of cell .*, trial 1 than .*a\.db: .* on raspberrypi/,
    );
    expect(hint).toContain('--hosts-by file');
    // What was taken over before it is there as a whole.
    expect(rows(at('d.db'))).toHaveLength(PLAN.length);
    merge([at('a.db'), at('b.db')], at('e.db'), { asOne: true, hostsBy: 'file' });
    write(at('e.db'), (db) => {
      expect([...new Set(cellsOf(db, 1).map(({ host }) => host))]).toEqual(['a', 'b']);
    });
  });

  it('is refused where the benchmark of a host has changed', () => {
    make(at('a.db'), { machine: 'pi', benchmark: 'one', runs: ({ trial }) => trial === 1 });
    make(at('b.db'), { machine: 'pi', benchmark: 'two', runs: ({ trial }) => trial === 2 });
    const { message } = refusal(() => merge([at('a.db'), at('b.db')], at('c.db'), AS_ONE));
    expect(message).toMatch(/b\.db: the benchmark of host pi differs/);
  });

  it('is refused where conditions differ, with their names and values, before anything is written', () => {
    make(at('a.db'), { machine: 'pi' });
    make(at('b.db'), {
      machine: 'x86',
      change: {
        ...{ warmup: 1, iterations: 5 },
        specText: `${SPEC}benchmark: { iterations: 5 }\nwarmup: 1\ntrace: { attach: per-run }\nprepare: [sync]\n`,
      },
    });
    const { message, hint } = refusal(() => merge([at('a.db'), at('b.db')], at('c.db'), AS_ONE));
    expect(message).toMatch(
      /the sweeps lab of .*a\.db and .*b\.db were made under different conditions: /,
    );
    for (const part of [
      'warmup: 0 and 1',
      'iterations: 2 and 5',
      'trace.attach: session and per-run',
      'prepare: nothing and ["sync"]',
    ]) {
      expect(message).toContain(part);
    }
    expect(hint).toContain('without --as-one');
    expect(existsSync(at('c.db'))).toBe(false);
  });

  it('joins the newest sweep of each database, and leaves older and other sweeps apart', () => {
    make(at('a.db'), { machine: 'pi' });
    make(at('a.db'), { machine: 'pi' });
    make(at('a.db'), { machine: 'pi', change: { name: 'other' } });
    make(at('b.db'), { machine: 'x86' });
    const taken = merge([at('a.db'), at('b.db')], at('c.db'), AS_ONE);
    expect(taken.map(({ id, state }) => [id, state])).toEqual([
      ...[[1, 'new'] as const, [2, 'new'] as const, [3, 'new'] as const, [2, 'joined'] as const],
    ]);
    // Another one does not take the place of that which has been joined.
    make(at('a.db'), { machine: 'pi' });
    const again = merge([at('a.db')], at('c.db'), AS_ONE);
    expect(again.map(({ id, state }) => [id, state])).toEqual([
      ...[[1, 'known'] as const, [2, 'known'] as const, [3, 'known'] as const, [4, 'new'] as const],
    ]);
  });

  it('keeps the options of its spec, and has the expectations of all its parts', () => {
    const part = (
      name: string,
      expectations: readonly string[],
      options: readonly GivenOption[],
    ) => {
      make(at(name), { machine: name.slice(0, 1), change: { expectations } });
      write(at(name), (db) => setOptions(db, 1, options));
      return at(name);
    };
    const trials = (value: string) => ({ option: '--trials', value });
    const failed = 'runs.failed == 0';
    const a = part('a.db', [failed], [trials('3')]);
    const b = part('b.db', ['runs.suspect == 0', failed], [trials('2'), trials('4')]);
    for (const [files, output] of [
      [[a, b], 'c.db'],
      [[a, b, b, a], 'd.db'],
    ] as const) {
      merge(files, at(output), AS_ONE);
      write(at(output), (db) => {
        expect(optionsOf(db, 1)).toEqual([trials('3')]);
        expect(expectationsOf(db, 1)).toEqual([failed, 'runs.suspect == 0']);
      });
    }
  });

  it('is not joined with sweeps that were merged apart before', () => {
    const files = boards();
    merge(files, at('c.db'));
    const before = dump(at('c.db'));
    const { message, hint } = refusal(() => merge(files, at('c.db'), AS_ONE));
    expect(message).toMatch(/c\.db has sweep 1 of .*pi\.db as a sweep of its own/);
    expect(hint).toContain('into a new file');
    expect(dump(at('c.db'))).toEqual(before);
  });

  it('is refused as one where its parts are already stored apart, and they are kept', () => {
    const [pi = '', x86 = ''] = boards();
    merge([pi], at('one.db'), AS_ONE);
    merge([pi, x86], at('two.db'), AS_ONE);
    merge([pi, x86], at('c.db'));
    const before = dump(at('c.db'));
    for (const joined of ['one.db', 'two.db']) {
      const { message, hint } = refusal(() => merge([at(joined)], at('c.db')));
      expect(message).toMatch(
        /sweep lab-1 of .* was joined .* and .*c\.db has sweeps of these apart/,
      );
      expect(hint).toBe('merge into a new file');
    }
    expect(dump(at('c.db'))).toEqual(before);
  });

  it('stays joined in another database, and grows with any of the databases that it came from', () => {
    const [pi = '', x86 = '', arm = ''] = boards();
    merge([pi, x86], at('c.db'), AS_ONE);
    merge([pi, arm], at('d.db'), AS_ONE);
    merge([at('c.db')], at('e.db'));
    expect(rows(at('e.db'))).toEqual(rows(at('c.db')));
    expect(sum(merge([pi, x86], at('e.db'), AS_ONE))).toEqual({ sweeps: 0, runs: 0 });
    // Both have what was made on pi.
    merge([at('d.db')], at('e.db'));
    write(at('e.db'), (db) => {
      expect(listSweeps(db)).toHaveLength(1);
      expect(hostProgress(db, 1).map(({ name, done }) => [name, done])).toEqual([
        ...[['pi', PLAN.length] as const, ['x86', PLAN.length] as const],
        ['arm', PLAN.length],
      ]);
    });
  });
});
