import type { SweepRow } from '../store/reader.ts';
import { TABLE_FORMATS, type TableFormat, writerOf } from './formats.ts';
import { writeFolder } from './safe-file.ts';
import type { Table } from './table.ts';
import type { WriterOptions, WrittenFiles } from './written-files.ts';

/**
 * Writes the tables of a sweep in every requested format.
 * @throws UserError when the folder cannot be written
 */
export async function writeTableFiles(
  folder: string,
  sweep: SweepRow,
  tables: readonly Table[],
  options: WriterOptions & { readonly formats: readonly TableFormat[] },
): Promise<WrittenFiles> {
  return writeFolder(folder, 'the files', async () => {
    const parts: WrittenFiles[] = [];
    for (const format of TABLE_FORMATS) {
      if (!options.formats.includes(format)) continue;
      parts.push(await writerOf(format)(folder, sweep, tables, options));
    }
    return {
      files: parts.flatMap(({ files }) => files),
      warnings: parts.flatMap(({ warnings }) => warnings),
    };
  });
}
