import { existsSync } from 'node:fs';
import { ExitCode, type ExitCodeValue, UserError } from '../../../errors.ts';
import { SWEEP_NAME, SWEEP_NAME_EXPECTED } from '../../../experiment/sweep-name.ts';
import { renameSweep } from '../../../store/sweep-changes.ts';
import { changeSweep } from '../../changed-sweep.ts';
import { asTypedHere } from '../../own-command.ts';
import { fromStoredSweep } from '../../stored-sweep.ts';
import { pathOfSweepFolder } from '../../sweep-folder.ts';
import type { Terminal } from '../../terminal.ts';

export interface RenameArguments {
  readonly sweep: string;
  readonly name: string;
  readonly results: string;
  readonly db: string | undefined;
}

/** Gives a sweep another name. */
export async function rename(args: RenameArguments, terminal: Terminal): Promise<ExitCodeValue> {
  const { name } = args;
  if (!SWEEP_NAME.test(name)) {
    throw new UserError(
      `the name of a sweep: expected ${SWEEP_NAME_EXPECTED}, got ${JSON.stringify(name)}`,
      {
        hint: 'it must be a name that a spec could have: the folder of the sweep is named after it',
      },
    );
  }
  const found = await fromStoredSweep(args, async ({ sweep }) => sweep);
  changeSweep(args, found, (db, sweep) => renameSweep(db, sweep, name));
  const [before, after] = [`${found.name}-${found.id}`, `${name}-${found.id}`];
  if (before === after) {
    terminal.out(`sweep ${before} has that name already`);
    return ExitCode.ok;
  }
  terminal.out(`sweep ${before} is ${after} now`);
  terminal.talk(`\`run\` continues it when the spec has the name ${name}`);
  const folder = pathOfSweepFolder(args, found);
  if (existsSync(folder)) {
    const again = asTypedHere('ipc-sweep export');
    terminal.talk(
      `${folder}/ stays as it is, with the old name; \`${again} @${found.id}\` writes ${pathOfSweepFolder(args, { ...found, name })}/`,
    );
  }
  return ExitCode.ok;
}
