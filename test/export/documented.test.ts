import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Table } from '../../src/export/table.ts';
import { sweepTables } from '../../src/export/tables.ts';
import { openForWriting } from '../../src/store/open.ts';
import { chooseSweep } from '../../src/store/reader.ts';
import { exampleResult, exampleSweep } from '../store/example-sweep.ts';

const text = readFileSync(new URL('../../docs/csv.md', import.meta.url), 'utf8');

/** The first words of a section's table rows, by the section's title. */
const documented = new Map(
  text.split(/^#+ /m).map((section) => {
    const rows = section.split('\n').filter((line) => line.startsWith('| `'));
    const names = rows.flatMap((row) => (row.split(' | ')[0] ?? '').match(/`\w+`/g) ?? []);
    return [section.split('\n')[0] ?? '', names.map((name) => name.slice(1, -1))];
  }),
);

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-documented-'));
let tables: readonly Table[];
beforeAll(() => {
  const { db, close } = openForWriting(join(folder, 'sweep.db'));
  exampleSweep(db).store(exampleResult(1));
  tables = sweepTables(db, chooseSweep(db, undefined), { suspect: false });
  close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One column for each name that was counted, and one for each key of a script's. */
const isFixed = (table: string, column: string, at: number, columns: readonly string[]) =>
  !(table === 'syscalls_wide' && at > columns.indexOf('runs')) && !/^key_\d+$/.test(column);

describe('docs/csv.md', () => {
  it('explains every column of every table, in the section of its file', () => {
    const unexplained = tables.flatMap(({ name, columns }) =>
      columns
        .filter((column, at) => isFixed(name, column, at, columns))
        .filter((column) => !documented.get(`${name}.csv`)?.includes(column))
        .map((column) => `${name}.csv: ${column}`),
    );
    expect(unexplained).toEqual([]);
    expect(documented.get('aggregations.csv')).toContain('key_1');
  });

  it('explains no file and no column that is not there', () => {
    const files = [...documented.keys()].filter((title) => title.endsWith('.csv'));
    expect(files.sort()).toEqual(tables.map(({ name }) => `${name}.csv`).sort());
    const gone = tables.flatMap(({ name, columns }) =>
      (documented.get(`${name}.csv`) ?? [])
        .filter((column) => !columns.includes(column) && !/^key_\d+$/.test(column))
        .map((column) => `${name}.csv: ${column}`),
    );
    expect(gone).toEqual([]);
  });
});
