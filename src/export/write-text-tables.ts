import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SweepRow } from '../store/reader.ts';
import { PAPER_TABLES, paperTables } from './paper-tables.ts';
import { writeWhole } from './safe-file.ts';
import type { Table } from './table.ts';
import type { TextTable } from './text-table.ts';
import type { WriterOptions, WrittenFile, WrittenFiles } from './written-files.ts';

/**
 * Writes the tables that make sense on paper as `FOLDER/TABLE.EXTENSION`, and removes those of an
 * earlier export that are empty now.
 */
export async function writeTextTables(
  format: { readonly extension: string; readonly draw: (table: TextTable, id: string) => string },
  folder: string,
  sweep: SweepRow,
  tables: readonly Table[],
  options: WriterOptions,
): Promise<WrittenFiles> {
  const files: WrittenFile[] = [];
  const made = paperTables(sweep, tables, options);
  for (const name of PAPER_TABLES) {
    const path = join(folder, `${name}.${format.extension}`);
    const table = made.find((one) => one.name === name);
    if (table === undefined) {
      await rm(path, { force: true });
      continue;
    }
    await writeWhole(path, format.draw(table, `${sweep.name}-${sweep.id}`));
    files.push({ path, unit: 'row', count: table.rows.length });
  }
  return { files, warnings: [] };
}
