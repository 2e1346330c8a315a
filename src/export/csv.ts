import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Options, stringify } from 'csv-stringify/sync';
import { MEBIBYTES } from './columns.ts';
import { writeFolder, writeWhole } from './safe-file.ts';
import { spreadsheetConverts } from './spreadsheet-conversion.ts';
import { type Column, headerOf, isEmpty, type Table, type Value } from './table.ts';

export const PRESETS = ['analysis', 'spreadsheet'] as const;
export type Preset = (typeof PRESETS)[number];

export interface CsvOptions {
  readonly preset: Preset;
  /** Semicolons between fields and decimal commas, for the locales that use them. */
  readonly semicolon: boolean;
}

export interface CsvFile {
  readonly path: string;
  readonly table: Table;
  /** The number of rows without the header. */
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** The row limit of a sheet, including the header. */
export const SHEET_ROWS = 1_048_576;

/**
 * Writes each table as `FOLDER/NAME.csv`, some rows at a time; a file appears once it is complete.
 * No symbolic link in the folder is followed, and the folder itself must not be one.
 * @throws UserError when the folder cannot be written
 */
export async function writeCsv(
  folder: string,
  tables: readonly Table[],
  options: CsvOptions,
): Promise<readonly CsvFile[]> {
  return writeFolder(folder, 'the CSV files', () => writeTables(folder, tables, options));
}

async function writeTables(
  folder: string,
  tables: readonly Table[],
  options: CsvOptions,
): Promise<readonly CsvFile[]> {
  const written: CsvFile[] = [];
  for (const table of tables) {
    const path = join(folder, `${table.name}.csv`);
    if (table.optional && isEmpty(table)) {
      await rm(path, { force: true });
      continue;
    }
    written.push({ path, table, ...(await writeTable(path, table, options)) });
  }
  return written;
}

async function writeTable(path: string, table: Table, options: CsvOptions) {
  let rows = 0;
  let bytes = 0;
  const hash = createHash('sha256');
  const chunks = function* () {
    for (const part of csvParts(table, options)) {
      const chunk = Buffer.from(part.text);
      rows += part.rows;
      bytes += chunk.length;
      hash.update(chunk);
      yield chunk;
    }
  };
  await writeWhole(path, (file) => pipeline(Readable.from(chunks()), file));
  return { rows, bytes, sha256: hash.digest('hex') };
}

/** The number of characters that are written at once. */
const PART = 2 ** 16;

interface CsvPart {
  readonly text: string;
  /** The number of rows that it holds. */
  readonly rows: number;
}

/** The text of a table, in parts of whole rows; the first begins with the header. */
export function* csvParts(table: Table, options: CsvOptions): Generator<CsvPart> {
  const fields = table.columns.map((column) => fieldText(column, options));
  const delimiter = options.semicolon ? ';' : ',';
  const end = options.preset === 'spreadsheet' ? '\r\n' : '\n';
  let text = stringify([], csvSettings(headerOf(table), options));
  let rows = 0;
  for (const row of table.rows()) {
    if (text.length >= PART) {
      yield { text, rows };
      text = '';
      rows = 0;
    }
    for (let at = 0; at < fields.length; at++) {
      if (at > 0) text += delimiter;
      text += fields[at]!(row[at]!);
    }
    text += end;
    rows++;
  }
  yield { text, rows };
}

/** Matches text that may need quotes, or that a spreadsheet may take for the start of a formula. */
const SPECIAL = /[",;\r\n]|^[^\p{L}\p{N}]/u;

/**
 * Returns a function that converts the values of a column to text. Only values that csv-stringify
 * might change are passed to it; passing every number and every plain word would take most of the
 * time of an export.
 */
function fieldText({ type, unit }: Column, options: CsvOptions): (value: Value) => string {
  const { columns: _, ...rules } = csvSettings([], options);
  const settings = { ...rules, header: false, bom: false, eof: false };
  const spreadsheet = options.preset === 'spreadsheet';
  const untyped = type === 'any' && spreadsheet;
  const ofNumber = numberText(options, spreadsheet && unit === MEBIBYTES ? 4 : undefined);
  const ofString = (value: string) => {
    const text = untyped ? asText(value) : value;
    return SPECIAL.test(text) ? stringify([[text]], settings) : text;
  };
  // Rows of the same run follow each other, and have most values in common.
  let last: Value = null;
  let lastText = '';
  return (value) => {
    if (value === last) return lastText;
    last = value;
    switch (typeof value) {
      case 'string':
        lastText = ofString(value);
        break;
      case 'number':
        lastText = ofNumber(value);
        break;
      case 'bigint':
      case 'boolean':
        lastText = String(value);
        break;
      default:
        lastText = '';
    }
    return lastText;
  };
}

/**
 * Marks text in a column with numbers, so that a spreadsheet keeps it as text: 5.10 is a version.
 */
function asText(value: string): string {
  return spreadsheetConverts(value) ? `'${value}` : value;
}

/**
 * The rules of both presets. Analysis: UTF-8 without a byte-order mark, LF. Spreadsheet: a
 * byte-order mark for Excel, CRLF, and an apostrophe before text that a spreadsheet would take for
 * a formula.
 */
export function csvSettings(columns: readonly string[], options: CsvOptions): Options {
  const spreadsheet = options.preset === 'spreadsheet';
  return {
    header: true,
    columns: [...columns],
    bom: spreadsheet,
    record_delimiter: spreadsheet ? 'windows' : 'unix',
    delimiter: options.semicolon ? ';' : ',',
    // CWE-1236: text that begins like a formula stays text; numbers are left unchanged.
    escape_formulas: spreadsheet,
    // Fields with a lone CR must be quoted too, or readers see a line break.
    quoted_match: /[\r\n]/,
    cast: {
      boolean: (value) => String(value),
      number: numberText(options),
    },
  };
}

/**
 * Converts numbers to text; anything that is not a finite number becomes empty.
 * @param digits how many significant digits are written; undefined for all
 */
function numberText({ semicolon }: CsvOptions, digits?: number): (value: number) => string {
  return (value) => {
    if (!Number.isFinite(value)) return '';
    const text = String(digits === undefined ? value : Number(value.toPrecision(digits)));
    return semicolon ? text.replace('.', ',') : text;
  };
}
