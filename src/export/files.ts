import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredMissing } from '../store/missing.ts';
import type { SweepRow } from '../store/reader.ts';
import { type CsvFile, type CsvOptions, SHEET_ROWS, writeCsv } from './csv.ts';
import { dataPackage } from './data-package.ts';
import { writeFolder, writeWhole } from './safe-file.ts';
import type { Table } from './table.ts';
import type { WrittenFiles } from './written-files.ts';

export const FORMATS = ['csv', 'xlsx', 'parquet'] as const;
export type Format = (typeof FORMATS)[number];

export interface FileOptions extends CsvOptions {
  readonly formats: readonly Format[];
  /** Things that the spec asks for and the sweep does not have. */
  readonly missing?: readonly StoredMissing[];
}

/**
 * Writes the tables of a sweep in every requested format.
 * @throws UserError when the folder cannot be written
 */
export async function writeFiles(
  folder: string,
  sweep: SweepRow,
  tables: readonly Table[],
  options: FileOptions,
): Promise<WrittenFiles> {
  return writeFolder(folder, 'the files', async () => {
    const parts: WrittenFiles[] = [];
    for (const format of FORMATS) {
      if (options.formats.includes(format))
        parts.push(await WRITERS[format](folder, sweep, tables, options));
    }
    return {
      files: parts.flatMap(({ files }) => files),
      warnings: parts.flatMap(({ warnings }) => warnings),
    };
  });
}

type Writer = typeof writeFiles;

const WRITERS: Readonly<Record<Format, Writer>> = {
  csv: writePackage,
  // The libraries of these formats are only loaded when needed.
  xlsx: async (folder, sweep, tables) =>
    (await import('./workbook.ts')).writeWorkbook(folder, sweep, tables),
  parquet: async (folder, _, tables) => (await import('./parquet.ts')).writeParquet(folder, tables),
};

async function writePackage(
  folder: string,
  sweep: SweepRow,
  tables: readonly Table[],
  options: FileOptions,
): Promise<WrittenFiles> {
  const description = join(folder, 'datapackage.json');
  // It must never stand beside files that it does not describe.
  await rm(description, { force: true });
  const written = await writeCsv(folder, tables, options);
  const text = JSON.stringify(dataPackage(sweep, written, options), null, 2);
  await writeWhole(description, `${text}\n`);
  return {
    files: [
      ...written.map(({ path, rows }) => ({ path, unit: 'row' as const, count: rows })),
      { path: description, unit: 'table', count: written.length },
    ],
    warnings: written.flatMap(tooLong),
  };
}

function tooLong({ path, rows }: CsvFile): readonly string[] {
  if (rows < SHEET_ROWS) return [];
  return [
    `${path} has ${rows} rows; a sheet holds ${SHEET_ROWS - 1}: use the wide and summary tables`,
  ];
}
