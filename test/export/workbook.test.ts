import { mkdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { sheetText } from '../../src/export/sheet-text.ts';
import type { Table, Value } from '../../src/export/table.ts';
import { writeWorkbook } from '../../src/export/workbook.ts';
import { withoutTimes } from '../../src/export/zip-times.ts';
import { HostileTables } from './hostile-tables.ts';
import { readZip } from './zip.ts';

const hostile = new HostileTables();
afterAll(() => hostile.remove());
afterEach(() => vi.useRealTimers());

async function written(
  folder: string,
  tables = hostile.tables,
  limits?: { rows: number; cells: number },
) {
  mkdirSync(hostile.path(folder), { recursive: true });
  const { files, warnings } = await writeWorkbook(
    hostile.path(folder),
    hostile.sweep,
    tables,
    limits,
  );
  const bytes = readFileSync(files[0]!.path);
  return { files, warnings, bytes, parts: readZip(bytes) };
}

const oneTable = (columns: Table['columns'], rows: Value[][]): readonly Table[] => [
  {
    ...{ name: 'one', description: 'of a test', primaryKey: [], references: {}, optional: false },
    columns,
    rows: () => rows,
  },
];

/** The cells of the sheet after "about", by address: attributes and content. */
function cellsOf(parts: ReturnType<typeof readZip>): ReadonlyMap<string, string> {
  const { text } = parts.find(({ name }) => name === 'xl/worksheets/sheet2.xml')!;
  return new Map(
    [...text.matchAll(/<c r="([A-Z]+\d+)"([^>]*?)(?:\/>|>(.*?)<\/c>)/g)].map(
      ([, address, attributes, content]) => [address!, `${attributes!.trim()} ${content ?? ''}`],
    ),
  );
}

describe('a workbook', () => {
  let first: Awaited<ReturnType<typeof written>>;
  beforeAll(async () => {
    first = await written('first');
  });

  it('has a sheet that explains the others, and one for each table with rows, in the order of the tables', () => {
    const { text } = first.parts.find(({ name }) => name === 'xl/workbook.xml')!;
    const names = [...text.matchAll(/<sheet [^>]*?name="(\w+)"/g)].map(([, name]) => name);
    const tables = hostile.tables.filter(
      (table) => !table.optional || [...table.rows()].length > 0,
    );
    expect(names).toEqual(['about', ...tables.map(({ name }) => name)]);
    expect(first.files).toEqual([
      { path: hostile.path('first/example-1.xlsx'), unit: 'sheet', count: names.length },
    ]);
    expect(first.warnings).toEqual([]);
  });

  it('has frozen headers, no formula and no merged cell', () => {
    const sheets = first.parts.filter(({ name }) => /^xl\/worksheets\/sheet\d+\.xml$/.test(name));
    expect(sheets.length).toBeGreaterThan(17);
    for (const { text } of sheets) {
      expect(text).toContain('<pane ySplit="1"');
      expect(text).toMatch(/<c r="A1"[^>]* t="s"/);
      expect(text).not.toMatch(/<f>|<mergeCell/);
    }
  });

  it('has the same bytes when it is written at another time', async () => {
    vi.useFakeTimers({ now: new Date('2031-05-06T07:08:10Z'), toFake: ['Date'] });
    const later = await written('later');
    expect(later.bytes).toEqual(first.bytes);
    const stamps = new Set(first.parts.flatMap((part) => part.stamps));
    expect([...stamps]).toEqual([0x00210000]);
  });

  it('has numbers, truth values and times as such, and the rest as text', async () => {
    const column = (name: string, type: Table['columns'][number]['type']) => ({
      ...{ name, type, description: '' },
    });
    const columns = [
      column('n', 'integer'),
      column('b', 'boolean'),
      column('t', 'timestamp'),
      column('s', 'string'),
    ];
    const rows = [
      [999_999_999_999_999, true, '2026-01-02T12:00:00.000Z', '=1+1'],
      [1e15, false, 'never', '0x081'],
      [Number.NaN, null, null, ''],
    ];
    const cells = cellsOf((await written('types', oneTable(columns, rows))).parts);
    expect(cells.get('A2')).toMatch(/^s="\d+" <v>999999999999999<\/v>$/);
    expect(cells.get('B2')).toBe('t="b" <v>1</v>');
    expect(cells.get('C2')).toMatch(/^s="\d+" <v>46024.5<\/v>$/);
    // Sixteen digits would lose one, and "never" is no time.
    for (const address of ['D2', 'A3', 'C3', 'D3']) expect(cells.get(address)).toMatch(/^t="s"/);
    for (const address of ['A4', 'B4', 'C4', 'D4']) expect(cells.get(address)).toBeUndefined();
  });

  it.each([
    ['rows', { rows: 2, cells: 100 }, '3 rows, and a sheet holds 2'],
    ['cells', { rows: 100, cells: 2 }, '3 rows, and this workbook holds 2 cells'],
  ])(
    'leaves out a table of too many %s, and says so in the workbook and in the messages',
    async (_, limits, words) => {
      const column = { name: 'n', type: 'integer', description: '' } as const;
      const { files, parts, warnings } = await written(
        'long',
        oneTable([column], [[1], [2], [3]]),
        limits,
      );
      expect(files[0]!.count).toBe(1);
      expect(warnings).toEqual([
        `example-1.xlsx: one is left out: ${words}; one.csv has them (--format csv)`,
      ]);
      const { text } = parts.find(({ name }) => name === 'xl/sharedStrings.xml')!;
      expect(text).toContain(`left out: ${words}; one.csv has them (--format csv)`);
    },
  );
});

describe('the text of a cell', () => {
  /** Reads a text as a spreadsheet does (ST_Xstring). */
  const read = (text: string) =>
    text
      .replace(/\0$/, '')
      .replace(/_x([0-9A-F]{4})_/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));

  it('reads back unchanged', () => {
    const texts = fc.oneof(
      // No workbook holds the sign for bytes that are no text.
      fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\ufffd')),
      fc.string({ unit: fc.constantFrom('_', 'x', '0', '4', '1', '\r', '\n', '\x01', 'A') }),
      fc.constantFrom('constructor', '__proto__', 'toString'),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(read(sheetText(text))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it('is cut at the limit of a cell, and has a question mark for what a workbook cannot hold', () => {
    expect(sheetText('x'.repeat(40_000))).toHaveLength(32_767);
    expect(sheetText('a\x80\ufffd\ufdd0\ud800b')).toBe('a????b');
    expect(sheetText('😀\u{203fe}')).toBe('😀\u{203fe}');
  });
});

describe('the times of a zip file', () => {
  it('are not looked for in something else', () => {
    expect(() => withoutTimes(Buffer.alloc(30))).toThrow('not a zip file');
    expect(() => withoutTimes(Buffer.alloc(3))).toThrow(RangeError);
  });
});
