import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UserError } from '../../src/errors.ts';
import { type Cell, cellKey } from '../../src/experiment/cell.ts';
import type { GivenOption } from '../../src/experiment/given-options.ts';
import { orderRuns, type PlannedRun } from '../../src/plan/order.ts';
import type { Db } from '../../src/store/db.ts';
import { recordEnvironment } from '../../src/store/environment-writer.ts';
import {
  forgetTroubles,
  hostProgress,
  hostTroubles,
  noteTrouble,
} from '../../src/store/host-progress.ts';
import { writeImport } from '../../src/store/import-writer.ts';
import { findDamage } from '../../src/store/integrity.ts';
import { checkInputs } from '../../src/store/merge/inputs.ts';
import { joinable } from '../../src/store/merge/joinable.ts';
import { originsWithMachines } from '../../src/store/merge/origins.ts';
import { unambiguousNames } from '../../src/store/merge/sweeps-meant.ts';
import {
  cellsOf,
  chooseSweep,
  expectationsOf,
  listSweeps,
  runsDone,
  sweepById,
} from '../../src/store/reader.ts';
import { runWriter } from '../../src/store/run-writer.ts';
import { deleteSweep, renameSweep } from '../../src/store/sweep-changes.ts';
import { assignHosts, recordSweepHost } from '../../src/store/sweep-hosts.ts';
import { optionsOf, setOptions } from '../../src/store/sweep-options.ts';
import { shardsIn } from '../../src/store/sweep-shards.ts';
import {
  createSweep,
  markSweep,
  type NewSweep,
  updateSweep,
} from '../../src/store/sweep-writer.ts';
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

describe('the conditions of sweeps that are to be joined', () => {
  /** The message about two databases whose sweeps differ so. */
  const differing = (one: Partial<NewSweep>, other: Partial<NewSweep>, then = '') => {
    make(at('a.db'), { machine: 'pi', change: one });
    make(at('b.db'), { machine: 'x86', change: other });
    if (then !== '') write(at('b.db'), (db) => db.exec(then));
    const { message } = refusal(() => merge([at('a.db'), at('b.db')], at('c.db'), AS_ONE));
    return message.replace(/^.* were made under different conditions: /, '');
  };
  const script = (text: string): NewSweep['scripts'][number] => ({
    ...{ name: 'a.bt', path: '/a.bt', tracer: 'bpftrace', json: false, text },
    ...{ attached: 'session', attachedBecause: '' },
  });

  it('include the operating system', () => {
    expect(differing({}, {}, "UPDATE environment SET os_name = 'FreeBSD'")).toBe(
      'operating system: Linux and FreeBSD',
    );
  });

  it('include the texts of scripts, by a short hash', () => {
    expect(differing({ scripts: [script('BEGIN {}')] }, { scripts: [script('END {}')] })).toMatch(
      /^script a\.bt: ([0-9a-f]{12}) and (?!\1)[0-9a-f]{12}$/,
    );
  });

  it('include a script that only one of them has', () => {
    expect(differing({}, { scripts: [script('END {}')] })).toMatch(
      /^script a\.bt: nothing and [0-9a-f]{12}$/,
    );
  });

  it('are named once, although the spec also has them', () => {
    const change = { runOrder: 'sequential', specText: `${SPEC}order: sequential\n` };
    expect(differing({}, change)).toBe('run_order: shuffled and sequential');
  });

  it.each(['name: [', 'name: [1]\n'])(
    'are those of the whole spec where it cannot be read: %j',
    (specText) => {
      expect(differing({ specText }, { specText })).toBe('conditions: lab on pi and lab on x86');
      const same = { specText, identity: 'same' };
      make(at('d.db'), { machine: 'pi', change: same });
      make(at('e.db'), { machine: 'x86', change: same });
      const taken = merge([at('d.db'), at('e.db')], at('f.db'), AS_ONE);
      expect(taken.map(({ state }) => state)).toEqual(['new', 'joined']);
    },
  );

  it('do not matter for sweeps that stay apart', () => {
    make(at('a.db'), { machine: 'pi' });
    make(at('b.db'), { machine: 'x86', change: { warmup: 1 } });
    expect(sum(merge([at('a.db'), at('b.db')], at('c.db')))).toEqual({
      ...{ sweeps: 2, runs: 2 * PLAN.length },
    });
  });

  it('are compared with those of a sweep that has been joined in the output', () => {
    make(at('a.db'), { machine: 'pi' });
    make(at('b.db'), { machine: 'x86', change: { warmup: 1 } });
    merge([at('a.db')], at('c.db'), AS_ONE);
    const before = dump(at('c.db'));
    const { message } = refusal(() => merge([at('b.db')], at('c.db'), AS_ONE));
    expect(message).toContain('different conditions: warmup: 0 and 1');
    expect(dump(at('c.db'))).toEqual(before);
  });

  it('are read from an output that is closed again, whether they differ or not', () => {
    make(at('a.db'), { machine: 'pi' });
    make(at('b.db'), { machine: 'x86', change: { warmup: 1 } });
    merge([at('a.db')], at('c.db'), AS_ONE);
    const close = vi.spyOn(Database.prototype, 'close');
    try {
      checkInputs([at('a.db')], at('c.db'), AS_ONE);
      expect(() => checkInputs([at('b.db')], at('c.db'), AS_ONE)).toThrow('conditions');
      const closed = close.mock.contexts.map((db) => (db as Db).name);
      expect(closed.filter((name) => name === at('c.db'))).toHaveLength(2);
    } finally {
      close.mockRestore();
    }
  });

  it('are not compared with those of other sweeps in the output', () => {
    make(at('c.db'), { machine: 'here', change: { warmup: 1 } });
    make(at('x.db'), { machine: 'there', change: { warmup: 2 } });
    merge([at('x.db')], at('c.db'));
    const files = ['a', 'b'].map((name) => make(at(`${name}.db`), { machine: name }));
    expect(merge(files, at('c.db'), AS_ONE).map(({ id, state }) => [id, state])).toEqual([
      [3, 'new'],
      [3, 'joined'],
    ]);
  });
});

describe('sweeps that are joined', () => {
  const taken = (files: readonly string[], output = 'c.db') =>
    merge(files.map(at), at(output), AS_ONE).map(({ id, state }) => [id, state]);

  it('may have been renamed', () => {
    make(at('a.db'), { machine: 'pi' });
    make(at('b.db'), { machine: 'x86' });
    write(at('a.db'), (db) => renameSweep(db, sweepById(db, 1), 'mine'));
    expect(taken(['a.db', 'b.db'])).toEqual([
      [1, 'new'],
      [1, 'joined'],
    ]);
  });

  it('are not imports, which stay apart', () => {
    for (const name of ['a.db', 'b.db']) {
      write(at(name), (db) =>
        writeImport(db, {
          ...{ name: 'old', description: '', identity: 'i', file: '/n', bare: true },
          ...{ iterations: 1, rusage: false },
          runs: [
            {
              ...{ cell: CELL, warmup: false, facts: [] },
              samples: [{ iteration: 1, elapsedNs: 5, bandwidthBytesPerS: 9 }],
            },
          ],
        }),
      );
    }
    expect(taken(['a.db', 'b.db'])).toEqual([
      [1, 'new'],
      [2, 'new'],
    ]);
  });

  it('are named by their number, and are the same sweep whichever database came first', () => {
    make(at('pi.db'), { machine: 'm1' });
    taken(['pi.db']);
    make(at('x86.db'), { machine: 'm2', change: { name: 'other' } });
    make(at('x86.db'), { machine: 'm2' });
    taken(['x86.db']);
    make(at('pi.db'), { machine: 'm1', change: { name: 'other' } });
    expect(taken(['pi.db'])).toEqual([
      [1, 'known'],
      [2, 'joined'],
    ]);
    write(at('c.db'), (db) => {
      const sweeps = listSweeps(db);
      expect(unambiguousNames(db, sweeps, sweeps)).toEqual(['@2', '@1']);
      // Both come from the same two databases, so the word means the newer one.
      expect(chooseSweep(db, '@pi').id).toBe(2);
    });
  });

  /** A database in which the experiment was joined twice, from the same two databases. */
  function joinedTwice(): string {
    const files = ['pi', 'x86'].map((machine) => make(at(`${machine}.db`), { machine }));
    merge(files, at('one.db'), AS_ONE);
    for (const machine of ['pi', 'x86']) make(at(`${machine}.db`), { machine });
    merge(files.toReversed(), at('two.db'), AS_ONE);
    merge([at('one.db'), at('two.db')], at('both.db'));
    return at('both.db');
  }

  it('are the newest of those that came from the same databases, in whichever order', () => {
    write(joinedTwice(), (db) => {
      expect(listSweeps(db).map(({ id }) => id)).toEqual([2, 1]);
      expect(joinable(db, undefined, 'both.db')).toEqual(new Set([2]));
    });
  });

  it('are joined again from a file that has them and older ones, alone and with another', () => {
    const both = joinedTwice();
    make(at('arm.db'), { machine: 'arm' });
    expect(taken(['both.db', 'arm.db'])).toEqual([
      [1, 'new'],
      [2, 'new'],
      [2, 'joined'],
    ]);
    expect(rows(at('c.db'), 1)).toEqual(rows(both, 1));
    // The older ones of two.db stay apart, as they were.
    expect(taken(['two.db', 'arm.db'], 'd.db')).toEqual([
      [1, 'new'],
      [2, 'new'],
      [3, 'new'],
      [2, 'joined'],
    ]);
    const before = dump(at('d.db'));
    expect(taken(['arm.db', 'two.db'], 'd.db').map(([, state]) => state)).toEqual([
      ...['known', 'known', 'known', 'known'],
    ]);
    expect(dump(at('d.db'))).toEqual(before);
  });

  it('are one from each database, although all of them are in one file', () => {
    const files = ['pi', 'x86'].map((machine) => make(at(`${machine}.db`), { machine }));
    merge(files, at('apart.db'));
    expect(taken(['apart.db'])).toEqual([
      [1, 'new'],
      [1, 'joined'],
    ]);
  });

  it('stay those of which a part has been joined before', () => {
    joinedTwice();
    write(at('pi.db'), (db) => deleteSweep(db, sweepById(db, 2), new Date(0)));
    taken(['pi.db']);
    const chosen = (name: string) =>
      write(at(name), (db) => write(at('c.db'), (output) => [...joinable(db, output, name)]));
    expect(chosen('both.db')).toEqual([1]);
    // That which was joined of later ones has one of the databases in common with it.
    write(at('two.db'), (db) => {
      expect(db.prepare('SELECT id FROM sweep_origin WHERE sweep_id = 2').all()).toHaveLength(2);
    });
    expect(chosen('two.db')).toEqual([3, 1]);
  });

  it('are refused with all their files where only some of their parts are joined elsewhere', () => {
    const [pi, x86] = ['pi', 'x86'].map((machine) => make(at(`${machine}.db`), { machine }));
    merge([pi!, x86!], at('two.db'), AS_ONE);
    merge([pi!], at('c.db'), AS_ONE);
    merge([x86!], at('c.db'));
    const before = dump(at('c.db'));
    const { message, exitCode } = refusal(() => merge([at('two.db')], at('c.db')));
    expect(message).toBe(
      `sweep lab-1 of ${at('two.db')} was joined (--as-one) from ${pi}, ${x86}, and ${at('c.db')} has sweeps of these apart`,
    );
    expect(exitCode).toBe(3);
    expect(dump(at('c.db'))).toEqual(before);
  });

  it('have the cells in the order of the spec, in whichever order they were stored', () => {
    make(at('a.db'), { machine: 'pi' });
    write(at('a.db'), (db) => db.exec('UPDATE cell SET number = 9 - number'));
    taken(['a.db']);
    write(at('c.db'), (db) => {
      const sizes = cellsOf(db, 1).map(({ buffer_bytes: bytes }) => bytes);
      expect(sizes).toEqual(CELLS.map(({ bufferBytes }) => bufferBytes).toReversed());
    });
  });
});

describe('the cells of a sweep that is joined', () => {
  /** Asks a sweep for these cells only, as `run` does with a changed spec. */
  const ask = (name: string, cells: readonly Cell[]) =>
    write(at(name), (db) => {
      const trials = { min: TRIALS, max: TRIALS, relativeCi: undefined };
      updateSweep(db, 1, { ...NEW_SWEEP, specText: SPEC, cells, trials, expectations: [] });
    });
  const numbers = () =>
    write(at('c.db'), (db) => cellsOf(db, 1).map(({ cell, buffer_bytes }) => [cell, buffer_bytes]));
  const sizes = CELLS.map(({ bufferBytes }) => bufferBytes);

  it('are numbered from 1 without those that the spec no longer asks for', () => {
    make(at('a.db'), { machine: 'pi' });
    make(at('b.db'), { machine: 'x86' });
    for (const name of ['a.db', 'b.db']) ask(name, CELLS.slice(2));
    merge([at('a.db'), at('b.db')], at('c.db'), AS_ONE);
    const asked = sizes.slice(2);
    expect(numbers()).toEqual([...asked, ...asked].map((size, place) => [place + 1, size]));
  });

  it.each([
    ['in shards', [1, 2] as const],
    ['on one machine', undefined],
  ])('have a number each where a part %s asks for one that the first one left out', (_, shard) => {
    for (const [trial, name] of ['a.db', 'b.db'].entries()) {
      const runs = (run: PlannedRun) => run.trial === trial + 1;
      make(at(name), { machine: 'pi', runs, ...(shard ? { shard } : {}) });
    }
    ask('a.db', CELLS.slice(1));
    merge([at('a.db'), at('b.db')], at('c.db'), AS_ONE);
    const [first, ...others] = sizes;
    expect(numbers()).toEqual([...others, first].map((size, place) => [place + 1, size]));
  });
});

describe('the hosts of a sweep that is joined', () => {
  const hosts = (name: string) =>
    write(at(name), (db) => [...new Set(cellsOf(db, 1).map(({ host }) => host))]);
  const only =
    (index: number) =>
    ({ cellIndex }: PlannedRun) =>
      cellIndex === index;

  it.each([
    ['assigned', ''],
    ['not assigned', "UPDATE cell SET assigned_host = ''"],
    ['not recorded', 'DELETE FROM sweep_host'],
  ])('make the cells that have no run yet, when these are %s', (_, sql) => {
    make(at('a.db'), { machine: 'pi', runs: only(2) });
    write(at('a.db'), (db) => db.exec(sql));
    merge([at('a.db')], at('c.db'), AS_ONE);
    write(at('c.db'), (db) => {
      const rows = db.prepare('SELECT DISTINCT host, assigned_host FROM cell').raw().all();
      expect(rows).toEqual([['pi', 'pi']]);
    });
  });

  /** A sweep on `local` and on `board`; nobody has made the last cell yet. */
  function onTwoHosts(name: string): string {
    make(at(name), { machine: 'pi', runs: ({ cellIndex }) => cellIndex < 4 });
    write(at(name), (db) => {
      const board = { name: 'board', machine: 'arm', benchmarkPath: '/b', benchmarkSha256: 'x' };
      recordSweepHost(db, 1, { ...board, programs: [], traceProgramSha256: 't' });
      const place = { ...ENVIRONMENT, machine: 'arm', host: 'board', capturedAt: new Date(1) };
      const store = runWriter(db, 1, recordEnvironment(db, 1, place, []));
      for (const each of PLAN.filter(({ cellIndex }) => cellIndex > 3 && cellIndex < 7)) {
        store({ ...exampleResult(each.trial), planned: each });
      }
      db.exec("UPDATE cell SET assigned_host = '' WHERE number = 8");
    });
    return at(name);
  }

  it('keep their names, except for `local`, and a cell may still belong to none of several', () => {
    merge([onTwoHosts('a.db')], at('c.db'), AS_ONE);
    expect(hosts('c.db')).toEqual(['pi', 'board', '']);
    merge([at('a.db')], at('d.db'), { asOne: true, hostsBy: 'file' });
    expect(hosts('d.db')).toEqual(['a.local', 'a.board', '']);
  });

  it('are told apart by machine where one name was that of two', () => {
    make(at('a.db'), { machine: 'pi', runs: ({ trial }) => trial === 1 });
    write(at('a.db'), (db) => {
      const place = { ...ENVIRONMENT, machine: 'x86', capturedAt: new Date(1) };
      const store = runWriter(db, 1, recordEnvironment(db, 1, place, []));
      for (const each of PLAN.filter(({ trial }) => trial === 2)) {
        store({ ...exampleResult(2), planned: each });
      }
    });
    merge([at('a.db')], at('c.db'), AS_ONE);
    write(at('c.db'), (db) => {
      expect(
        db.prepare('SELECT DISTINCT host, machine FROM run_overview ORDER BY run_id').raw().all(),
      ).toEqual([
        ['pi', 'pi'],
        ['x86', 'x86'],
      ]);
    });
  });

  it('have the name of the machine that made the first run, wherever it was started before or later', () => {
    make(at('a.db'), { machine: 'before', runs: () => false });
    write(at('a.db'), (db) => {
      db.exec("UPDATE sweep_host SET machine = 'pi'");
      const [store] = ['pi', 'after'].map((machine, day) => {
        const place = { ...ENVIRONMENT, machine, capturedAt: new Date(day + 1) };
        return runWriter(db, 1, recordEnvironment(db, 1, place, []));
      });
      const planned = PLAN.find(({ cellIndex }) => cellIndex === 0)!;
      store!({ ...exampleResult(planned.trial), planned });
    });
    merge([at('a.db')], at('c.db'), AS_ONE);
    expect(hosts('c.db')).toEqual(['pi']);
  });

  it('keep the names that an earlier merge has given them', () => {
    make(at('a.db'), { machine: 'pi' });
    merge([at('a.db')], at('one.db'), AS_ONE);
    merge([at('one.db')], at('c.db'), { asOne: true, hostsBy: 'file' });
    expect(hosts('c.db')).toEqual(['pi']);
  });

  it.each([
    ['my  lab+x.db', 'host-my-lab-x'],
    ['local.db', 'host-local'],
    ['-dash.db', 'host--dash'],
    ['lab_1.2.db', 'lab_1.2'],
    [`a b${'c'.repeat(220)}.db`, `host-a-b${'c'.repeat(197)}`],
  ])('get names that a spec could give them: %s', (name, host) => {
    make(at(name), { machine: 'pi' });
    merge([at(name)], at('c'), { asOne: true, hostsBy: 'file' });
    expect(hosts('c')).toEqual([host]);
  });

  it('are in the trouble that they were in last', () => {
    make(at('a.db'), { machine: 'arm', host: 'board' });
    const after = (change: Parameters<typeof write>[1]) => {
      write(at('a.db'), change);
      merge([at('a.db')], at('c.db'), AS_ONE);
      return [...write(at('c.db'), (db) => hostTroubles(db, 1))];
    };
    const gone = { state: 'gone', reason: 'link' } as const;
    const away = { state: 'away', reason: 'no route' } as const;
    expect(after((db) => noteTrouble(db, 1, 'board', gone))).toEqual([['board', gone]]);
    expect(after((db) => noteTrouble(db, 1, 'board', away))).toEqual([['board', away]]);
    expect(after((db) => forgetTroubles(db, 1))).toEqual([]);
  });

  const changes: readonly (readonly [what: string, host: string, sql: string])[] = [
    ['machine', 'board', "UPDATE sweep_host SET machine = 'other'"],
    ['benchmark', 'local', "UPDATE sweep_host SET benchmark_sha256 = 'other'"],
    ['benchmark', 'local', "UPDATE sweep_program SET sha256 = 'other'"],
    ['benchmark', 'board', "UPDATE sweep_program SET sha256 = 'other'"],
    ['tracing program', 'local', "UPDATE sweep_host SET trace_program_sha256 = 'other'"],
  ];

  it.each(changes)('are refused where the %s of %s differs from before: %s', (what, host, sql) => {
    for (const [trial, name] of ['', 'a.db', 'b.db'].entries()) {
      if (name === '') continue;
      make(at(name), { machine: 'pi', host, runs: (run) => run.trial === trial });
      write(at(name), (db) =>
        db.exec(`INSERT INTO sweep_program VALUES (1, '${host}', 'base', 1, '/base', 'h')`),
      );
    }
    write(at('b.db'), (db) => db.exec(sql));
    const { message, hint, exitCode } = refusal(() =>
      merge([at('a.db'), at('b.db')], at('c.db'), AS_ONE),
    );
    expect(message).toBe(
      `${at('b.db')}: the ${what} of host ${host === 'local' ? 'pi' : host} differs from that in the sweep to which it would be joined`,
    );
    expect(hint).toContain('--hosts-by file');
    expect(exitCode).toBe(3);
  });

  it('may have a program that they did not have before', () => {
    make(at('a.db'), { machine: 'pi', runs: ({ trial }) => trial === 1 });
    make(at('b.db'), { machine: 'pi', runs: ({ trial }) => trial === 2 });
    write(at('a.db'), (db) =>
      db.exec("INSERT INTO sweep_program VALUES (1, 'local', 'base', 1, '/base', 'h')"),
    );
    write(at('b.db'), (db) =>
      db.exec(`INSERT INTO sweep_program VALUES (1, 'local', 'base', 1, '/base', 'h'),
        (1, 'local', 'new', 2, '/new', 'h2')`),
    );
    merge([at('a.db'), at('b.db')], at('c.db'), AS_ONE);
    write(at('c.db'), (db) => {
      expect(db.prepare('SELECT host, name FROM sweep_program ORDER BY 2').raw().all()).toEqual([
        ['pi', 'base'],
        ['pi', 'new'],
      ]);
    });
  });
});
