import { join } from 'node:path';
import { ExitCode, type ExitCodeValue } from '../../errors.ts';
import { type CsvOptions, SHEET_ROWS, writeCsv } from '../../export/csv.ts';
import { sweepTables } from '../../export/tables.ts';
import type { Selection } from '../../store/cell-data.ts';
import { openForReading } from '../../store/open.ts';
import { chooseSweep } from '../../store/reader.ts';
import { databaseFile } from '../options.ts';
import { Ownership } from '../ownership.ts';
import type { Terminal } from '../terminal.ts';

export interface ExportArguments extends CsvOptions, Selection {
  readonly sweep: string | undefined;
  readonly results: string;
  readonly db: string | undefined;
  readonly out: string | undefined;
}

/** Writes the CSV files of a stored sweep. */
export async function exportSweep(
  args: ExportArguments,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const owner = new Ownership(process.env, process.geteuid?.());
  const db = openForReading(databaseFile(args));
  try {
    // One moment of the database for all files, even while a sweep is running.
    db.exec('BEGIN');
    const sweep = chooseSweep(db, args.sweep);
    const folder = args.out ?? join(args.results, `${sweep.name}-${sweep.id}`);
    owner.folder(folder);
    for (const { path, rows } of await writeCsv(folder, sweepTables(db, sweep, args), args)) {
      owner.file(path);
      terminal.out(path);
      if (rows >= SHEET_ROWS) {
        terminal.talk(
          `${path} has ${rows} rows; a sheet holds ${SHEET_ROWS - 1}: use the wide and summary tables`,
        );
      }
    }
    return ExitCode.ok;
  } finally {
    db.close();
    owner.handBack();
  }
}
