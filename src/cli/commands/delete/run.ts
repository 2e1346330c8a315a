import { existsSync, statSync } from 'node:fs';
import { ExitCode, type ExitCodeValue, UserError } from '../../../errors.ts';
import { removeWritten } from '../../../export/remove-written.ts';
import { deleteSweep, giveBackSpace, sweepSize } from '../../../store/sweep-changes.ts';
import { changeSweep } from '../../changed-sweep.ts';
import { confirm } from '../../confirm.ts';
import { countAndNoun } from '../../count-and-noun.ts';
import { databaseFile } from '../../options.ts';
import { fromStoredSweep } from '../../stored-sweep.ts';
import { folderDatabase, pathOfSweepFolder } from '../../sweep-folder.ts';
import type { Terminal } from '../../terminal.ts';

export interface DeleteArguments {
  readonly sweep: string;
  readonly yes: boolean;
  readonly folder: boolean;
  readonly results: string;
  readonly db: string | undefined;
}

/** Deletes a sweep. */
export async function deleteStored(
  args: DeleteArguments,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const file = databaseFile(args);
  const { sweep, size, source } = await fromStoredSweep(args, async ({ db, sweep: found }) => ({
    ...{ sweep: found, size: sweepSize(db, found.id), source: folderDatabase(args, db) },
  }));
  const name = `${sweep.name}-${sweep.id}`;
  const content = `sweep ${name} with ${countAndNoun(size.runs, 'run')} of ${countAndNoun(size.cells, 'cell')} (about ${bytesText(size.bytes)}, started ${sweep.started_at.slice(0, 10) || 'elsewhere'})`;
  const folder = pathOfSweepFolder(args, sweep);
  const files = args.folder && existsSync(folder) ? `, and what was written to ${folder}/` : '';
  if (!args.yes && !(await confirm(`delete ${content} from ${file}${files}?`, terminal))) {
    terminal.talk('nothing was deleted');
    return ExitCode.ok;
  }
  const { before, full } = changeSweep(args, sweep, (db, own) => {
    const before = sizeOf(file);
    deleteSweep(db, own, new Date());
    try {
      giveBackSpace(db);
      return { before, full: undefined };
    } catch (error) {
      // The sweep has been deleted by now, and the rest of the database is as it was.
      if (!/^SQLITE_(FULL|IOERR|NOMEM|BUSY)/.test((error as { code?: string }).code ?? ''))
        throw error;
      return { before, full: error as Error };
    }
  });
  terminal.out(`deleted ${content}`);
  if (args.folder) removeFolder(folder, source, terminal);
  else if (existsSync(folder)) terminal.talk(`${folder}/ stays: its files were not deleted`);
  if (full !== undefined) {
    throw new UserError(`the space of the sweep stays in ${file}: ${full.message}`, {
      hint: 'the next sweeps fill it; once the disk has free room for twice the size of the database, the next `delete` gives it back',
      exitCode: ExitCode.machine,
    });
  }
  terminal.out(`${file}: ${bytesText(before)} before, ${bytesText(sizeOf(file))} now`);
  return ExitCode.ok;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function removeFolder(
  folder: string,
  source: ReturnType<typeof folderDatabase>,
  terminal: Terminal,
): void {
  const removed = removeWritten(folder, source);
  switch (removed.state) {
    case 'absent':
      return;
    case 'kept':
      terminal.talk(`warning: ${folder} was not removed: ${removed.reason}`);
      return;
    case 'removed':
      terminal.out(
        removed.left.length === 0
          ? `removed ${folder}/`
          : `removed ${countAndNoun(removed.files, 'file')} of ${folder}/; files that ipc-sweep did not write stay: ${removed.left.slice(0, 5).join(', ')}`,
      );
  }
}

/** `3.2 MiB`: three significant digits are enough to judge what the deletion gains. */
function bytesText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB'];
  let at = 0;
  let value = bytes;
  while (value >= 1024 && at < units.length - 1) {
    value /= 1024;
    at++;
  }
  return `${at === 0 ? value : Number(value.toPrecision(3))} ${units[at]}`;
}
