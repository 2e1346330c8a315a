import { join } from 'node:path';
import { ExitCode, type ExitCodeValue, UserError } from '../../../errors.ts';
import { requireReplaceable } from '../../../export/safe-file.ts';
import { ownVersion } from '../../../own-version.ts';
import { reportDocument } from '../../../report/json/documents.ts';
import { sweepResults } from '../../../results/sweep-results.ts';
import type { Selection } from '../../../store/cell-data.ts';
import { withCorrectedState } from '../../corrected-state.ts';
import { writeOneFile } from '../../one-file.ts';
import { databaseFile } from '../../options.ts';
import { printJson } from '../../print-json.ts';
import { fromStoredSweep } from '../../stored-sweep.ts';
import { sweepFolder } from '../../sweep-folder.ts';
import type { Terminal } from '../../terminal.ts';

export interface ReportArguments extends Selection {
  readonly sweep: string | undefined;
  readonly results: string;
  readonly db: string | undefined;
  readonly out: string | undefined;
  readonly json: boolean;
}

/**
 * Writes the report of a stored sweep as one HTML file, or prints it as JSON. Works while the sweep
 * runs.
 */
export async function report(args: ReportArguments, terminal: Terminal): Promise<ExitCodeValue> {
  if (args.json && args.out !== undefined) {
    throw new UserError('--out names the HTML file, and --json prints instead of writing one', {
      hint: 'leave one of them out; `ipc-sweep report --json > FILE` keeps what is printed',
    });
  }
  requireReplaceable([args.out]);
  return fromStoredSweep(args, async ({ db, sweep: stored, owner }) => {
    const [sweep = stored] = withCorrectedState(databaseFile(args), [stored]);
    if (args.json) {
      const results = sweepResults(db, sweep, args);
      printJson(reportDocument(databaseFile(args), results), terminal);
      return ExitCode.ok;
    }
    const { reportPage } = await import('../../../report/html/report-page.ts');
    const page = await reportPage(db, sweep, args, ownVersion());
    const path = args.out ?? join(await sweepFolder(args, db, sweep, owner), 'report.html');
    await writeOneFile(path, page, owner);
    terminal.out(path);
    return ExitCode.ok;
  });
}
