import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SweepRow } from '../store/reader.ts';
import { type CsvFile, SHEET_ROWS, writeCsv } from './csv.ts';
import { dataPackage } from './data-package.ts';
import { writeWhole } from './safe-file.ts';
import type { Table } from './table.ts';
import type { WriterOptions, WrittenFiles } from './written-files.ts';

/** Writes a CSV file for each table, and beside them what describes them to programs. */
export async function writePackage(
  folder: string,
  sweep: SweepRow,
  tables: readonly Table[],
  options: WriterOptions,
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
