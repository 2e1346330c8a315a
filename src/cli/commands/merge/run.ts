import { ExitCode, type ExitCodeValue, UserError } from '../../../errors.ts';
import { removeStaleScratch } from '../../../host/scratch.ts';
import { checkInputs, readInput } from '../../../store/merge/inputs.ts';
import type { HostsBy } from '../../../store/merge/merge.ts';
import { type TakenSweep, takeOver } from '../../../store/merge/take-over.ts';
import { openForWriting } from '../../../store/open.ts';
import { storageError } from '../../../store/storage-errors.ts';
import { counted } from '../../counted.ts';
import { databaseFile } from '../../options.ts';
import { Ownership } from '../../ownership.ts';
import { printJson } from '../../print-json.ts';
import type { Terminal } from '../../terminal.ts';

export interface MergeArguments {
  readonly databases: readonly string[];
  readonly output: string | undefined;
  readonly asOne: boolean;
  readonly hostsBy: HostsBy;
  readonly json: boolean;
}

interface Merged {
  readonly file: string;
  readonly sweeps: readonly TakenSweep[];
}

/** check all -> take over one after the other, each in one transaction */
export function merge(args: MergeArguments, terminal: Terminal): ExitCodeValue {
  const output = outputOf(args);
  removeStaleScratch();
  const inputs = checkInputs(args.databases, output, args);
  const owner = new Ownership(process.env, process.geteuid?.());
  owner.database(output);
  const { db, checkInPlace, close } = openForWriting(output);
  try {
    const merged: Merged[] = [];
    for (const input of inputs) {
      const { file } = input;
      merged.push({ file, sweeps: readInput(input, (from) => takeOver(db, from, file, args)) });
      checkInPlace();
      if (!args.json) terminal.out(`${file}: ${whatIsNew(merged.slice(-1))}`);
    }
    if (args.json) printJson(mergedJson(output, merged), terminal);
    else terminal.out(`in ${output}: ${whatIsNew(merged)}`);
    return ExitCode.ok;
  } catch (error) {
    throw storageError(output, error);
  } finally {
    close();
    owner.handBack();
  }
}

function outputOf({ output }: MergeArguments): string {
  if (output !== undefined) return databaseFile({ db: output, results: '' });
  throw new UserError('the file to merge into is missing', {
    hint: 'name it with -o: `ipc-sweep merge alice.db bob.db -o class.db`',
  });
}

function newIn(merged: readonly Merged[]) {
  const sweeps = merged.flatMap((each) => each.sweeps);
  return {
    newSweeps: sweeps.filter(({ state }) => state === 'new').length,
    newRuns: sweeps.reduce((sum, { newRuns }) => sum + newRuns, 0),
  };
}

function whatIsNew(merged: readonly Merged[]): string {
  const { newSweeps, newRuns } = newIn(merged);
  if (newSweeps === 0 && newRuns === 0) return 'nothing new';
  return `${counted(newSweeps, 'new sweep')}, ${counted(newRuns, 'new run')}`;
}

function mergedJson(output: string, merged: readonly Merged[]) {
  const json = (part: readonly Merged[]) => {
    const { newSweeps, newRuns } = newIn(part);
    return { new_sweeps: newSweeps, new_runs: newRuns };
  };
  return {
    database: output,
    ...json(merged),
    inputs: merged.map((each) => ({
      file: each.file,
      ...json([each]),
      sweeps: each.sweeps.map(({ id, name, idInInput, state, newRuns }) => ({
        ...{ id, name, id_in_input: idInInput, state, new_runs: newRuns },
      })),
    })),
  };
}
