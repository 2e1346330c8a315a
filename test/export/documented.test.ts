import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renewed } from '../../src/export/column-docs.ts';
import { CHAPTERS } from '../../src/export/definitions.ts';
import { SYSCALLS_WIDE } from '../../src/export/syscalls-wide.ts';
import { headerOf, type Table, tableOf } from '../../src/export/table.ts';
import { sweepTables } from '../../src/export/tables.ts';
import { sweepResults } from '../../src/results/sweep-results.ts';
import { openForWriting } from '../../src/store/open.ts';
import { chooseSweep } from '../../src/store/reader.ts';
import { exampleResult, exampleSweep } from '../store/example-sweep.ts';

const text = readFileSync(new URL('../../docs/csv.md', import.meta.url), 'utf8');
const definitions = Object.values(CHAPTERS).flat();

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-documented-'));
let tables: readonly Table[];
beforeAll(() => {
  const { db, close } = openForWriting(join(folder, 'sweep.db'));
  exampleSweep(db).store(exampleResult(1));
  tables = sweepTables(sweepResults(db, chooseSweep(db, undefined), { suspect: false }));
  close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('docs/csv.md', () => {
  it('has tables that are made from the definitions; `npm run docs` renews them', () => {
    expect(text).toBe(renewed(text));
  });

  it('has a section for every file that is written, and for no other', () => {
    const sections = [...text.matchAll(/^## (\w+)\.csv$/gm)].map(([, name]) => name);
    const ofCommands = [CHAPTERS.comparison!, CHAPTERS.history!, CHAPTERS.check!]
      .flat()
      .map(({ name }) => name);
    expect(sections.sort()).toEqual([...tables.map(({ name }) => name), ...ofCommands].sort());
  });

  it('links only to headings and pages that exist', () => {
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
      title!
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    const anchors = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
    expect(anchors.filter((anchor) => !headings.includes(anchor!))).toEqual([]);
    const pages = [...text.matchAll(/\]\((\w+\.md)\)/g)].map(([, page]) => page!);
    expect(pages.length).toBeGreaterThan(5);
    for (const page of pages) readFileSync(new URL(`../../docs/${page}`, import.meta.url));
  });
});

describe('the definitions', () => {
  it('describe every table and column in one line', () => {
    for (const { name, description, columns } of definitions) {
      for (const words of [description, ...columns.map((column) => column.description)]) {
        expect([name, words]).toEqual([name, expect.stringMatching(/^\S[^\n]*\S$/)]);
      }
    }
  });

  it('have keys that are columns, and refer to columns of tables that are always written', () => {
    for (const { name, columns, primaryKey = [], references = {} } of definitions) {
      const own = columns.flatMap((column) => ('family' in column ? [] : [column]));
      for (const key of primaryKey) {
        expect([name, key, own.find((column) => column.name === key)?.required]).toEqual([
          name,
          key,
          true,
        ]);
      }
      for (const [column, other] of Object.entries(references)) {
        const target = definitions.find((definition) => definition.name === other);
        expect([other, target?.optional ?? false]).toEqual([other, false]);
        const names = target?.columns.flatMap((it) => ('family' in it ? [] : [it.name]));
        expect(own.map((it) => it.name)).toContain(column);
        // Both sides of a comparison's pair are told by the pair.
        expect(names).toContain(column);
      }
    }
  });

  it('give a unit to every column that has one in its name', () => {
    const units = { _bytes: 'bytes', _ns: 'ns', _khz: 'kHz', _bytes_per_s: 'bytes/s' };
    for (const [end, unit] of Object.entries(units)) {
      const named = definitions
        .flatMap(({ columns }) => columns.flatMap((it) => ('family' in it ? [] : [it])))
        .filter((column) => column.name.endsWith(end));
      expect(named.length).toBeGreaterThan(0);
      expect(named.filter((column) => column.unit !== unit).map(({ name }) => name)).toEqual([]);
    }
  });

  it('give each column a unique name that is not a formula, whatever a system call is called', () => {
    const medians = {
      names: ['read', 'runs', 'cell', '=1+1', ' x', 'y ', 'a\nb', '', '435'],
      byCell: new Map(),
    };
    const header = headerOf(tableOf(SYSCALLS_WIDE, () => [], medians));
    const made = [2, 3, 4, 5, 6, 7, 8].map((at) => `column_${at}`);
    expect(header.slice(-9)).toEqual(['read', ...made, '435']);
    for (const table of tables) {
      expect(new Set(headerOf(table)).size).toBe(headerOf(table).length);
    }
  });
});
