import { dirname, join } from 'node:path';
import { ExitCode, type ExitCodeValue } from '../../../errors.ts';
import { writeFolder, writeWhole } from '../../../export/safe-file.ts';
import { ownVersion } from '../../../own-version.ts';
import { reportPage } from '../../../report/html/report-page.ts';
import type { Selection } from '../../../store/cell-data.ts';
import { databaseFile } from '../../options.ts';
import { fromStoredSweep } from '../../stored-sweep.ts';
import { sweepFolder } from '../../sweep-folder.ts';
import type { Terminal } from '../../terminal.ts';
import { withTrueState } from '../../true-state.ts';

export interface ReportArguments extends Selection {
  readonly sweep: string | undefined;
  readonly results: string;
  readonly db: string | undefined;
  readonly out: string | undefined;
}

/** Writes the report of a stored sweep: one HTML file. Works while the sweep runs. */
export async function report(args: ReportArguments, terminal: Terminal): Promise<ExitCodeValue> {
  return fromStoredSweep(args, async ({ db, sweep: stored, owner }) => {
    const [sweep = stored] = withTrueState(databaseFile(args), [stored]);
    const page = await reportPage(db, sweep, args, ownVersion());
    const path = args.out ?? join(await sweepFolder(args, db, sweep, owner), 'report.html');
    owner.folder(dirname(path));
    await writeFolder(dirname(path), 'the report', () => writeWhole(path, page));
    owner.file(path);
    terminal.out(path);
    return ExitCode.ok;
  });
}
