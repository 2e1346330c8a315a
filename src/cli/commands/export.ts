import { join } from 'node:path';
import { ExitCode, type ExitCodeValue } from '../../errors.ts';
import type { CsvOptions } from '../../export/csv.ts';
import { FORMATS, writeFiles } from '../../export/files.ts';
import { sweepTables } from '../../export/tables.ts';
import type { Selection } from '../../store/cell-data.ts';
import { openForReading } from '../../store/open.ts';
import { chooseSweep } from '../../store/reader.ts';
import { storageError } from '../../store/storage-errors.ts';
import { listed } from '../listed.ts';
import { databaseFile } from '../options.ts';
import { Ownership } from '../ownership.ts';
import type { Terminal } from '../terminal.ts';

export interface ExportArguments extends CsvOptions, Selection {
  readonly sweep: string | undefined;
  readonly results: string;
  readonly db: string | undefined;
  readonly out: string | undefined;
  readonly format: readonly string[];
}

/** Writes the files of a stored sweep. */
export async function exportSweep(
  args: ExportArguments,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const formats = listed('format', args.format, FORMATS);
  const owner = new Ownership(process.env, process.geteuid?.());
  const db = openForReading(databaseFile(args));
  try {
    // One moment of the database for all files, even while a sweep is running.
    db.exec('BEGIN');
    const sweep = chooseSweep(db, args.sweep);
    const folder = args.out ?? join(args.results, `${sweep.name}-${sweep.id}`);
    owner.folder(folder);
    const { files, warnings } = await writeFiles(folder, sweep, sweepTables(db, sweep, args), {
      ...args,
      formats,
    });
    for (const { path } of files) {
      owner.file(path);
      terminal.out(path);
    }
    for (const warning of warnings) terminal.talk(`warning: ${warning}`);
    return ExitCode.ok;
  } catch (error) {
    throw storageError(databaseFile(args), error);
  } finally {
    db.close();
    owner.handBack();
  }
}
