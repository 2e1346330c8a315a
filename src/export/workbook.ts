import { join } from 'node:path';
import writeExcelFile, { type CellObject, type SheetData } from 'write-excel-file/node';
import type { SweepRow } from '../store/reader.ts';
import { MEBIBYTES } from './columns.ts';
import { SHEET_ROWS } from './csv.ts';
import { writeWhole } from './safe-file.ts';
import { sheetText } from './sheet-text.ts';
import { type Column, headerOf, isEmpty, type Table, type Value } from './table.ts';
import type { WrittenFiles } from './written-files.ts';
import { withoutTimes } from './zip-times.ts';

/** Limits the size, because a workbook is made in memory, first as objects and then as text. */
const MOST_CELLS = 2_000_000;

interface Sheet {
  readonly name: string;
  readonly data: SheetData;
  readonly widths: readonly number[];
}

interface Limits {
  readonly rows: number;
  readonly cells: number;
}

/** Writes all tables as sheets of one workbook `NAME-ID.xlsx`. Only loaded when it is asked for. */
export async function writeWorkbook(
  folder: string,
  sweep: SweepRow,
  tables: readonly Table[],
  limits: Limits = { rows: SHEET_ROWS - 1, cells: MOST_CELLS },
): Promise<WrittenFiles> {
  const name = `${sweep.name}-${sweep.id}`;
  const sheets: Sheet[] = [];
  const about = [
    line(
      name,
      '',
      'workbook',
      '',
      `a sweep of ipc-sweep, started ${sweep.started_at || 'elsewhere'}${sweep.note === '' ? '' : `; note: ${sweep.note}`}`,
    ),
  ];
  const warnings: string[] = [];
  let left = limits.cells;
  for (const table of tables) {
    if (table.optional && isEmpty(table)) continue;
    const most = Math.min(limits.rows, Math.floor(left / table.columns.length));
    const { sheet, rows } = sheetOf(table, most);
    if (sheet) {
      left -= rows * table.columns.length;
      sheets.push(sheet);
      about.push(line(table.name, '', 'sheet', 'rows', table.description), ...columnLines(table));
    } else {
      const reason =
        rows > limits.rows
          ? `a sheet holds ${limits.rows}`
          : `this workbook holds ${limits.cells} cells`;
      const words = `left out: ${rows} rows, and ${reason}; ${table.name}.csv has them (--format csv)`;
      about.push(line(table.name, '', 'left out', 'rows', words));
      warnings.push(`${name}.xlsx: ${table.name} is ${words}`);
    }
  }
  const all = [sheetOfLines(about), ...sheets];
  const path = join(folder, `${name}.xlsx`);
  const file = writeExcelFile(
    all.map(({ name: sheet, data, widths }) => ({
      ...{ sheet, data, stickyRowsCount: 1 },
      columns: widths.map((width) => ({ width })),
    })),
  );
  // The library writes the current time into every part.
  await writeWhole(path, withoutTimes(await file.toBuffer()));
  return { files: [{ path, unit: 'sheet', count: all.length }], warnings };
}

/** @returns no sheet for a table with more rows than `most` */
function sheetOf(table: Table, most: number): { sheet: Sheet | undefined; rows: number } {
  const formats = table.columns.map(formatOf);
  const widths = headerOf(table).map((name) => name.length);
  const data: SheetData = [headerRow(headerOf(table))];
  let rows = 0;
  for (const row of table.rows()) {
    if (++rows > most) continue;
    data.push(row.map((value, at) => cellOf(value, table.columns[at]!, formats[at])));
    row.forEach((value, at) => {
      widths[at] = Math.max(widths[at]!, displayLength(value));
    });
  }
  if (rows > most) return { sheet: undefined, rows };
  return { sheet: { name: table.name, data, widths: widths.map(widthOf) }, rows };
}

function cellOf(value: Value, { type }: Column, format: string | undefined): CellObject | null {
  if (value === null || value === '') return null;
  if (typeof value === 'boolean') return { value, type: Boolean };
  if (typeof value === 'bigint') return text(String(value));
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return null;
    // Sheets only keep 15 digits.
    if (Number.isInteger(value) && Math.abs(value) >= 1e15) return text(String(value));
    return { value, type: Number, ...(format === undefined ? {} : { format }) };
  }
  if (type === 'timestamp' || type === 'datetime') {
    const time = new Date(type === 'timestamp' ? value : `${value.replace(' ', 'T')}Z`);
    if (!Number.isNaN(time.getTime())) return { value: time, type: Date, format: format! };
  }
  return text(value);
}

function text(value: string): CellObject {
  return { value: sheetText(value), type: String };
}

function headerRow(names: readonly string[]): CellObject[] {
  return names.map((name) => ({ ...text(name), fontWeight: 'bold' }));
}

/** Times look the same as in CSV; numbers that name something have no thousands separators. */
function formatOf({ type, unit }: Column): string | undefined {
  switch (type) {
    case 'timestamp':
      return 'yyyy-mm-dd"T"hh:mm:ss.000"Z"';
    case 'datetime':
      return 'yyyy-mm-dd hh:mm:ss';
    case 'integer':
      return unit === undefined ? '0' : '#,##0';
    case 'number':
      if (unit === 'bytes/s') return '#,##0';
      // Four digits, and never fewer than stand before the point.
      if (unit === MEBIBYTES) return '[<10]0.000;[<100]0.00;#,##0.0';
      return unit === 'ratio' || unit === 'share' ? '0.0000' : undefined;
    default:
      return undefined;
  }
}

const ABOUT = ['sheet', 'column', 'type', 'unit', 'meaning'] as const;

function line(...words: readonly [string, string, string, string, string]): readonly string[] {
  return words;
}

function columnLines({ name, columns }: Table): readonly (readonly string[])[] {
  return columns.map((column) => {
    const type = column.values ? column.values.join(', ') : column.type;
    return line(name, column.name, type, column.unit ?? '', column.description);
  });
}

function sheetOfLines(lines: readonly (readonly string[])[]): Sheet {
  const widths = ABOUT.map((_, at) => Math.max(...lines.map((words) => words[at]!.length)));
  return {
    name: 'about',
    data: [
      headerRow(ABOUT),
      ...lines.map((words) => words.map((word) => (word === '' ? null : text(word)))),
    ],
    widths: widths.map(widthOf),
  };
}

/** Estimates the shown length of a value; a number has thousands separators and few decimals. */
function displayLength(value: Value): number {
  if (typeof value === 'number') return Math.ceil(Math.trunc(value).toString().length * 1.4);
  return value === null ? 0 : String(value).length;
}

function widthOf(length: number): number {
  return Math.min(Math.max(length, 6), 80) + 2;
}
