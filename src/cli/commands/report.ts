import { dirname, join } from 'node:path';
import type { Argv } from 'yargs';
import { ExitCode, type ExitCodeValue } from '../../errors.ts';
import { ownVersion } from '../../execute/environment.ts';
import { writeFolder, writeWhole } from '../../export/safe-file.ts';
import { reportPage } from '../../report/html/report-page.ts';
import type { Selection } from '../../store/cell-data.ts';
import { openForReading } from '../../store/open.ts';
import { chooseSweep } from '../../store/reader.ts';
import { isBeingWritten } from '../../store/writer-lock.ts';
import { databaseFile, withDatabase, withSelection } from '../options.ts';
import { Ownership } from '../ownership.ts';
import type { Terminal } from '../terminal.ts';
import { withoutWriter } from './status.ts';

export interface ReportArguments extends Selection {
  readonly sweep: string | undefined;
  readonly results: string;
  readonly db: string | undefined;
  readonly out: string | undefined;
}

export const reportOptions = (yargs: Argv) =>
  withSelection(withDatabase(yargs))
    .positional('sweep', { type: 'string', describe: 'Its id, name, or name-id [default: newest]' })
    .option('out', {
      type: 'string',
      requiresArg: true,
      describe: 'The file [default: RESULTS/NAME-ID/report.html]',
    });

/** Writes the report of a stored sweep: one HTML file. Works while the sweep runs. */
export async function report(args: ReportArguments, terminal: Terminal): Promise<ExitCodeValue> {
  const owner = new Ownership(process.env, process.geteuid?.());
  const file = databaseFile(args);
  const db = openForReading(file);
  try {
    // One moment of the database for the whole page.
    db.exec('BEGIN');
    const stored = chooseSweep(db, args.sweep);
    const sweep = isBeingWritten(file) ? stored : withoutWriter(stored);
    const page = await reportPage(db, sweep, args, ownVersion());
    const path = args.out ?? join(args.results, `${sweep.name}-${sweep.id}`, 'report.html');
    owner.folder(dirname(path));
    await writeFolder(dirname(path), 'the report', () => writeWhole(path, page));
    owner.file(path);
    terminal.out(path);
    return ExitCode.ok;
  } finally {
    db.close();
    owner.handBack();
  }
}
