import { ExitCode, type ExitCodeValue } from '../../../errors.ts';
import type { CsvOptions } from '../../../export/csv.ts';
import { writeTableFiles } from '../../../export/files.ts';
import { TABLE_FORMATS } from '../../../export/formats.ts';
import { sweepTables } from '../../../export/tables.ts';
import { sweepResults } from '../../../results/sweep-results.ts';
import type { Selection } from '../../../store/cell-data.ts';
import { knownWords } from '../../comma-list.ts';
import { fromStoredSweep } from '../../stored-sweep.ts';
import { sweepFolder } from '../../sweep-folder.ts';
import type { Terminal } from '../../terminal.ts';
import { printable } from '../../terminal-text.ts';

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
  const formats = knownWords('format', args.format, TABLE_FORMATS);
  return fromStoredSweep(args, async ({ db, sweep, owner }) => {
    const folder = args.out ?? (await sweepFolder(args, db, sweep, owner));
    owner.folder(folder);
    const results = sweepResults(db, sweep, args);
    const { files, warnings } = await writeTableFiles(folder, sweep, sweepTables(results), {
      ...args,
      formats,
      missing: results.missing,
    });
    for (const { path } of files) {
      owner.file(path);
      terminal.out(path);
    }
    for (const warning of warnings) terminal.talk(`warning: ${printable(warning)}`);
    return ExitCode.ok;
  });
}
