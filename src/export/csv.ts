import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Options, stringify } from 'csv-stringify';
import { looksLikeMore } from './looks-like-more.ts';
import { writeFolder, writeWhole } from './safe-file.ts';
import { headerOf, isEmpty, type Table, type Value } from './table.ts';

export const PRESETS = ['analysis', 'spreadsheet'] as const;
export type Preset = (typeof PRESETS)[number];

export interface CsvOptions {
  readonly preset: Preset;
  /** Semicolons between fields and decimal commas, for the locales that want them. */
  readonly semicolon: boolean;
}

export interface CsvFile {
  readonly path: string;
  readonly table: Table;
  /** Rows without the header. */
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** A sheet's limit, header included. */
export const SHEET_ROWS = 1_048_576;

/**
 * Writes each table as `FOLDER/NAME.csv`, row by row; a file appears when it is whole. No symbolic
 * link in the folder is followed, and neither is the folder when it is one.
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
  const untyped = table.columns.flatMap(({ type }, at) => (type === 'any' ? [at] : []));
  const kept = (value: Value, at: number) =>
    options.preset === 'spreadsheet' && untyped.includes(at) ? asText(value) : value;
  const hash = createHash('sha256');
  const counted = function* () {
    for (const row of table.rows()) {
      rows++;
      yield untyped.length === 0 ? row : row.map((value, at) => kept(value, at));
    }
  };
  const summed = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      hash.update(chunk);
      yield chunk;
    }
  };
  await writeWhole(path, (file) =>
    pipeline(
      Readable.from(counted()),
      stringify(csvSettings(headerOf(table), options)),
      summed,
      file,
    ),
  );
  return { rows, bytes, sha256: hash.digest('hex') };
}

/** Beside numbers, a spreadsheet must be told of a text that it is one: 5.10 is a version. */
function asText(value: Value): Value {
  return typeof value === 'string' && looksLikeMore(value) ? `'${value}` : value;
}

/**
 * The rules of both presets. Analysis: UTF-8 without a mark, LF. Spreadsheet: a byte-order mark
 * for Excel, CRLF, and text that a spreadsheet would take for a formula gets an apostrophe.
 */
export function csvSettings(columns: readonly string[], options: CsvOptions): Options {
  const spreadsheet = options.preset === 'spreadsheet';
  return {
    header: true,
    columns: [...columns],
    bom: spreadsheet,
    record_delimiter: spreadsheet ? 'windows' : 'unix',
    delimiter: options.semicolon ? ';' : ',',
    // CWE-1236: text that begins like a formula stays text; numbers are left alone.
    escape_formulas: spreadsheet,
    // Fields with a lone CR must be quoted too, or readers see a line break.
    quoted_match: /[\r\n]/,
    cast: {
      boolean: (value) => (value ? 'true' : 'false'),
      number: (value) => {
        if (!Number.isFinite(value)) return '';
        return options.semicolon ? String(value).replace('.', ',') : String(value);
      },
    },
  };
}
