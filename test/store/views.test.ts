import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Outcome, RunResult } from '../../src/execute/outcome.ts';
import type { Cell } from '../../src/experiment/cell.ts';
import { headerOf } from '../../src/export/table.ts';
import { sweepTables } from '../../src/export/tables.ts';
import { sweepResults } from '../../src/results/sweep-results.ts';
import type { Db } from '../../src/store/db.ts';
import { openForWriting } from '../../src/store/open.ts';
import { AXIS_COLUMNS, listSweeps } from '../../src/store/reader.ts';
import { CELL, exampleResult, exampleSweep } from './example-sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-views-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Row = Readonly<Record<string, unknown>>;

/** The rows of an exported table, with truth as SQLite has it. */
function exported(db: Db, sweepId: number, name: string): readonly Row[] {
  const sweep = listSweeps(db).find(({ id }) => id === sweepId)!;
  const table = sweepTables(sweepResults(db, sweep, { suspect: false })).find(
    (each) => each.name === name,
  )!;
  const header = headerOf(table);
  const plain = (value: unknown) => (typeof value === 'boolean' ? Number(value) : value);
  return [...table.rows()].map((row) =>
    Object.fromEntries(header.map((column, at) => [column, plain(row[at])])),
  );
}

function viewed(db: Db, sql: string, ...values: unknown[]): readonly Row[] {
  const rows = db.prepare<unknown[], Row>(sql).all(...values);
  // A text that is not known is empty in the database, and an empty cell in a table.
  return rows.map((row) => ({
    ...row,
    ...('host' in row ? { host: row.host || null, program: row.program || null } : {}),
  }));
}

/** Some columns of some rows. */
function only(rows: readonly Row[], columns: readonly string[]): readonly Row[] {
  return rows.map((row) => Object.fromEntries(columns.map((name) => [name, row[name]])));
}

const CELLS: readonly Cell[] = [
  CELL,
  { ...CELL, ipc: 'local', bufferBytes: 2 ** 31, program: 'new' },
  { ...CELL, mode: '2thread', socketBuffers: true },
];

interface Made {
  readonly cell: number;
  readonly traced: boolean;
  readonly warmup: boolean;
  readonly state: 'completed' | 'suspect' | 'failed';
  readonly rates: readonly number[];
  readonly calls: Readonly<Record<string, number>>;
  readonly states: readonly number[];
}

const runs: fc.Arbitrary<Made> = fc.record({
  cell: fc.nat(2),
  traced: fc.boolean(),
  warmup: fc.boolean(),
  state: fc.constantFrom('completed', 'completed', 'completed', 'suspect', 'failed'),
  rates: fc.array(fc.double({ min: 1, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 4 }),
  calls: fc.dictionary(fc.constantFrom('read', 'close', '435', '=x'), fc.nat(9)),
  states: fc.uniqueArray(fc.oneof(fc.nat(0xfff), fc.nat(2 ** 31)), { maxLength: 4 }),
});

function resultOf(made: Made, at: number): RunResult {
  const trial = at + 1;
  const example = exampleResult(trial);
  const samples = made.rates.map((bandwidthBytesPerS, index) => ({
    ...{ iteration: index + 1, elapsedNs: 1000, bandwidthBytesPerS },
  }));
  const outcome: Outcome =
    made.state === 'failed' ? { state: 'failed', reason: '' } : { state: made.state, samples };
  return {
    ...example,
    planned: {
      ...{ ordinal: trial, block: trial, cell: CELLS[made.cell]!, cellIndex: made.cell, trial },
      ...{ warmup: made.warmup, traced: made.traced },
    },
    outcome,
    counts: made.traced
      ? {
          ...example.counts!,
          syscalls: Object.entries(made.calls).map(([syscall, count]) => ({
            ...{ role: 'sender', syscall, count },
          })),
          pipe_states: made.states.map((state) => ({
            ...{ role: 'receiver', operation: 'read', state, count: 3 },
          })),
        }
      : undefined,
  };
}

const OF_CELL = ['cell', ...AXIS_COLUMNS];
const BANDWIDTH = [
  ...['bandwidth_median_bytes_per_s', 'bandwidth_q1_bytes_per_s', 'bandwidth_q3_bytes_per_s'],
  ...['bandwidth_min_bytes_per_s', 'bandwidth_max_bytes_per_s', 'bandwidth_median_mib_per_s'],
];
const CALLS = ['calls_median', 'calls_q1', 'calls_q3', 'calls_min', 'calls_max'];

/** Holds every view against the tables of each sweep in a database. */
function expectSameAsTables(db: Db): void {
  for (const { id } of listSweeps(db)) {
    const summary = exported(db, id, 'summary').filter(({ n }) => n !== 0);
    const quoted = viewed(
      db,
      'SELECT *, 1 - traced AS untraced FROM cell_summary WHERE sweep_id = ? AND quoted ORDER BY cell',
      id,
    );
    const columns = [...OF_CELL, 'n', 'untraced', ...BANDWIDTH];
    expect(only(quoted, columns)).toEqual(only(summary, columns));
    const calls = [...OF_CELL, 'role', 'syscall', 'runs', 'deterministic', ...CALLS];
    expect(
      only(
        viewed(
          db,
          'SELECT * FROM syscall_summary WHERE sweep_id = ? ORDER BY cell, role, syscall',
          id,
        ),
        calls,
      ),
    ).toEqual(only(exported(db, id, 'syscalls_summary'), calls));
    const states = exported(db, id, 'pipe_states');
    expect(
      only(
        viewed(
          db,
          `SELECT * FROM pipe_state_named WHERE sweep_id = ?
           ORDER BY run_id, role, operation, pipe_state`,
          id,
        ),
        Object.keys(states[0] ?? {}),
      ),
    ).toEqual(states);
    const samples = exported(db, id, 'samples').filter(
      ({ state, warmup, warmup_iteration: first }) =>
        state === 'completed' && warmup === 0 && first === 0,
    );
    const sampled = ['run_id', ...OF_CELL, 'traced', 'iteration', 'bandwidth_mib_per_s'];
    for (const [traced, view] of ['good_sample_untraced', 'good_sample_traced'].entries()) {
      expect(
        only(
          viewed(db, `SELECT * FROM ${view} WHERE sweep_id = ? ORDER BY run_id, iteration`, id),
          sampled,
        ),
      ).toEqual(
        only(
          samples.filter((row) => row.traced === traced),
          sampled,
        ),
      );
    }
  }
}

describe('the views', () => {
  it('give the same numbers as summary.csv, syscalls_summary.csv, pipe_states.csv and samples.csv', () => {
    let number = 0;
    fc.assert(
      fc.property(
        fc.array(runs, { maxLength: 30 }),
        fc.boolean(),
        fc.boolean(),
        (made, controls, twice) => {
          const { db, close } = openForWriting(join(folder, `${++number}.db`));
          try {
            for (let sweep = 0; sweep < (twice ? 2 : 1); sweep++) {
              const { store } = exampleSweep(db, { cells: CELLS, controls });
              db.exec("UPDATE cell SET assigned_host = 'local'");
              made.forEach((each, at) => {
                store(resultOf(each, at));
              });
            }
            expectSameAsTables(db);
          } finally {
            close();
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('keep traced runs and controls apart, and say which of them stand for a cell', () => {
    const { db, close } = openForWriting(join(folder, 'apart.db'));
    const one: Made = {
      ...{ cell: 0, traced: true, warmup: false, state: 'completed', rates: [7, 100] },
      ...{ calls: {}, states: [] },
    };
    const { store } = exampleSweep(db, { cells: CELLS, controls: true });
    const made = [one, { ...one, traced: false, rates: [7, 200] }, { ...one, cell: 1 }];
    made.forEach((each, at) => {
      store(resultOf(each, at));
    });
    const sql = 'SELECT cell, traced, quoted, n, bandwidth_median_bytes_per_s FROM cell_summary';
    expect(db.prepare(sql).raw().all()).toEqual([
      [1, 0, 1, 1, 200],
      [1, 1, 0, 1, 100],
      [2, 1, 0, 1, 100],
    ]);
    expect(
      db.prepare('SELECT trial, bandwidth_mib_per_s FROM good_sample_untraced').raw().all(),
    ).toEqual([[2, 200 / 2 ** 20]]);
    close();
  });

  it('have every axis of a cell', () => {
    const { db, close } = openForWriting(join(folder, 'axes.db'));
    const views = db
      .prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'view'")
      .all();
    expect(views.length).toBeGreaterThan(6);
    for (const { name } of views) {
      const columns = db.prepare(`SELECT * FROM ${name}`).columns();
      const names = columns.map((column) => column.name);
      expect([name, names]).toEqual([name, expect.arrayContaining(OF_CELL)]);
    }
    close();
  });
});
