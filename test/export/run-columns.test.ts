import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/execute/outcome.ts';
import { AXES } from '../../src/experiment/axes.ts';
import type { Cell } from '../../src/experiment/cell.ts';
import { OF_CELL, OF_RUN } from '../../src/export/columns.ts';
import { CHAPTERS } from '../../src/export/definitions.ts';
import { headerOf, type Table } from '../../src/export/table.ts';
import { sweepTables } from '../../src/export/tables.ts';
import { COUNT_TABLES } from '../../src/instruments/instruments.ts';
import { sweepResults } from '../../src/results/sweep-results.ts';
import { openForWriting } from '../../src/store/open.ts';
import { AXIS_COLUMNS, chooseSweep } from '../../src/store/reader.ts';
import { CELL, exampleResult, exampleSweep } from '../store/example-sweep.ts';
import { HostileTables } from './hostile-tables.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-run-columns-'));
const hostile = new HostileTables();
afterAll(() => {
  hostile.remove();
  rmSync(folder, { recursive: true, force: true });
});

const namesOf = (columns: (typeof CHAPTERS)[string][number]['columns']) =>
  columns.map((column) => ('family' in column ? column.family : column.name));
const definitions = Object.values(CHAPTERS).flat();
const LEADING = OF_RUN.map(({ name }) => name);

describe('the columns of a run', () => {
  it('are the first in every table that names one, in one order and in the same words', () => {
    const ofRuns = definitions.filter(({ columns }) => namesOf(columns).includes('run_id'));
    expect(ofRuns.map(({ name }) => name).sort()).toEqual(
      [
        ...COUNT_TABLES.map(({ name }) => name),
        ...['aggregations', 'counters', 'events', 'pipe_events', 'run_conditions', 'runs'],
        ...['samples', 'warnings'],
      ].sort(),
    );
    for (const { name, columns } of ofRuns) {
      expect([name, columns.slice(0, OF_RUN.length)]).toEqual([name, OF_RUN]);
    }
  });

  it('are the cell, every axis, and what distinguishes runs in summaries', () => {
    expect(AXIS_COLUMNS).toHaveLength(AXES.length);
    expect(LEADING).toEqual([
      'run_id',
      ...OF_CELL.map(({ name }) => name),
      ...['trial', 'attempt', 'traced', 'warmup', 'state'],
    ]);
    expect(OF_CELL.map(({ name }) => name)).toEqual(['cell', ...AXIS_COLUMNS]);
  });
});

it('every column of bytes per second has one of MiB/s beside it', () => {
  let rates = 0;
  for (const { name: table, columns } of definitions) {
    columns.forEach((column, at) => {
      if (column.unit !== 'bytes/s') return;
      rates++;
      const next = columns[at + 1];
      expect([table, namesOf(columns)[at + 1], next?.unit]).toEqual([
        table,
        namesOf(columns)[at]!.replace('bytes_per_s', 'mib_per_s'),
        'MiB/s',
      ]);
    });
  }
  expect(rates).toBeGreaterThan(15);
});

/** The rows of a table as objects. */
function records(table: Table): readonly Readonly<Record<string, unknown>>[] {
  const header = headerOf(table);
  return [...table.rows()].map((row) =>
    Object.fromEntries(header.map((name, at) => [name, row[at]])),
  );
}

const leadingOf = (record: Readonly<Record<string, unknown>>) =>
  LEADING.map((name) => record[name]);

/** Every row about a run must say the same of it. @returns how many rows there were */
function expectAlike(tables: readonly Table[]): number {
  const runs = tables.find(({ name }) => name === 'runs')!;
  const known = new Map(records(runs).map((record) => [record.run_id, leadingOf(record)]));
  let rows = 0;
  for (const table of tables) {
    if (!headerOf(table).includes('run_id')) continue;
    for (const record of records(table)) {
      rows++;
      expect([table.name, leadingOf(record)]).toEqual([table.name, known.get(record.run_id)]);
    }
  }
  return rows;
}

it('every table says the same of a run as runs.csv, whatever was stored', () => {
  expect(expectAlike(hostile.tables)).toBeGreaterThan(200);
  const covered = hostile.tables.filter(
    (table) => headerOf(table).includes('run_id') && [...table.rows()].length > 0,
  );
  expect(covered.map(({ name }) => name).sort()).toEqual(
    definitions
      .filter(({ columns }) => namesOf(columns)[0] === 'run_id')
      .map(({ name }) => name)
      .sort(),
  );
});

const cells: fc.Arbitrary<Cell> = fc.record({
  ipc: fc.constantFrom('pipe', 'local', 'tcp'),
  mode: fc.constantFrom('2proc', '2thread'),
  bufferBytes: fc.constantFrom(512, 4096),
  totalBytes: fc.constantFrom(2 ** 20, 2 ** 22),
  socketBuffers: fc.boolean(),
  program: fc.constantFrom('old', 'new'),
});
const outcomes: fc.Arbitrary<'completed' | 'suspect' | 'failed'> = fc.constantFrom(
  'completed',
  'suspect',
  'failed',
);

it('runs that differ in cell, kind or end are distinguished in every table', () => {
  let number = 0;
  fc.assert(
    fc.property(
      fc.uniqueArray(cells, {
        minLength: 1,
        maxLength: 4,
        selector: (cell) => JSON.stringify(cell),
      }),
      fc.array(fc.tuple(fc.nat(3), fc.boolean(), fc.boolean(), outcomes), {
        minLength: 1,
        maxLength: 8,
      }),
      (matrix, made) => {
        const { db, close } = openForWriting(join(folder, `${++number}.db`));
        try {
          const { store } = exampleSweep(db, { cells: matrix });
          made.forEach(([at, traced, warmup, state], index) => {
            const cellIndex = at % matrix.length;
            const trial = index + 1;
            const example = exampleResult(trial);
            const { samples } = example.outcome as Extract<Outcome, { state: 'completed' }>;
            store({
              ...example,
              planned: {
                ...{
                  ordinal: trial,
                  block: trial,
                  cell: matrix[cellIndex] ?? CELL,
                  cellIndex,
                  trial,
                },
                ...{ warmup, traced },
              },
              outcome: state === 'failed' ? { state, reason: '' } : { state, samples },
            });
          });
          const tables = sweepTables(
            sweepResults(db, chooseSweep(db, undefined), { suspect: false }),
          );
          expect(expectAlike(tables)).toBeGreaterThan(5);
          const runs = records(tables.find(({ name }) => name === 'runs')!);
          expect(
            runs.map(({ cell, ipc, program, traced, warmup, state }) => [
              cell,
              ipc,
              program,
              traced,
              warmup,
              state,
            ]),
          ).toEqual(
            made.map(([at, traced, warmup, state]) => {
              const cell = matrix[at % matrix.length]!;
              return [1 + (at % matrix.length), cell.ipc, cell.program, traced, warmup, state];
            }),
          );
        } finally {
          close();
        }
      },
    ),
    { numRuns: 15 },
  );
});
