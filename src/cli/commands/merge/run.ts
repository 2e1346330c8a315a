import { ExitCode, type ExitCodeValue, UserError } from '../../../errors.ts';
import { removeStaleScratch } from '../../../host/scratch.ts';
import { documentHead } from '../../../report/json/document-head.ts';
import type { MergeDocument } from '../../../report/json/merge-schema.ts';
import { databaseId } from '../../../store/database-identity.ts';
import { checkInputs, readInput } from '../../../store/merge/inputs.ts';
import type { HostsBy } from '../../../store/merge/merge.ts';
import { type TakenSweep, takeOver } from '../../../store/merge/take-over.ts';
import { openForWriting } from '../../../store/open.ts';
import { storageError } from '../../../store/storage-errors.ts';
import { countAndNoun } from '../../count-and-noun.ts';
import { databaseFile } from '../../options.ts';
import { Ownership } from '../../ownership.ts';
import { printJson } from '../../print-json.ts';
import type { Terminal } from '../../terminal.ts';
import { printable } from '../../terminal-text.ts';

export interface MergeArguments {
  readonly databases: readonly string[];
  readonly output: string | undefined;
  readonly asOne: boolean;
  readonly hostsBy: HostsBy;
  readonly json: boolean;
}

interface Merged {
  readonly file: string;
  /** The first input with the same identity, because one is a copy of the other. */
  readonly copyOf: string | undefined;
  readonly sweeps: readonly TakenSweep[];
}

/** Merges databases: check all -> take over one after the other, each in one transaction. */
export function merge(args: MergeArguments, terminal: Terminal): ExitCodeValue {
  const output = outputOf(args);
  if (args.hostsBy !== 'machine' && !args.asOne) {
    throw new UserError('--hosts-by goes with --as-one', {
      hint: 'without it, sweeps stay apart and keep the names of their hosts',
    });
  }
  removeStaleScratch();
  const inputs = checkInputs(args.databases, output, args);
  const owner = new Ownership(process.env, process.geteuid?.());
  owner.database(output);
  const { db, checkInPlace, close } = openForWriting(output);
  try {
    const merged: Merged[] = [];
    const first = new Map<string, string>();
    for (const input of inputs) {
      const { file } = input;
      const read = readInput(input, (from) => ({
        id: databaseId(from),
        sweeps: takeOver(db, from, file, args),
      }));
      checkInPlace();
      const copyOf = first.get(read.id);
      if (copyOf === undefined) first.set(read.id, file);
      else {
        const message = `${file} has the identity of ${copyOf}: one is a copy of the other (same-database), and runs that both have count once`;
        terminal.talk(`warning: ${printable(message)}`);
      }
      merged.push({ file, copyOf, sweeps: read.sweeps });
      const { changedRuns } = newIn(merged.slice(-1));
      if (changedRuns > 0) {
        const message = `${countAndNoun(changedRuns, 'run')} of ${file} ${changedRuns === 1 ? 'is' : 'are'} in ${output} with other values, from an earlier merge or another input: ${output} keeps what it has`;
        terminal.talk(`warning: ${printable(message)}`);
      }
      if (!args.json) terminal.out(`${file}: ${whatIsNew(merged.slice(-1), output)}`);
    }
    if (args.json) printJson(mergedJson(output, merged), terminal);
    else terminal.out(`in ${output}: ${whatIsNew(merged, output)}`);
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
  const inState = (state: TakenSweep['state']) =>
    sweeps.filter((sweep) => sweep.state === state).length;
  return {
    newSweeps: inState('new'),
    joinedSweeps: inState('joined'),
    ownSweeps: inState('own'),
    newRuns: sweeps.reduce((sum, { newRuns }) => sum + newRuns, 0),
    changedRuns: sweeps.reduce((sum, { changedRuns }) => sum + changedRuns, 0),
  };
}

function whatIsNew(merged: readonly Merged[], output: string): string {
  const { newSweeps, joinedSweeps, ownSweeps, newRuns } = newIn(merged);
  const found = [
    ...(newSweeps > 0 ? [countAndNoun(newSweeps, 'new sweep')] : []),
    ...(joinedSweeps > 0 ? [countAndNoun(joinedSweeps, 'joined sweep')] : []),
    ...(newRuns > 0 ? [countAndNoun(newRuns, 'new run')] : []),
  ];
  const own = ownSweeps > 0 ? `; ${countAndNoun(ownSweeps, 'sweep')} of ${output}'s own` : '';
  return `${found.join(', ') || 'nothing new'}${own}`;
}

function mergedJson(output: string, merged: readonly Merged[]): MergeDocument {
  const json = (part: readonly Merged[]) => {
    const { newSweeps, joinedSweeps, ownSweeps, newRuns, changedRuns } = newIn(part);
    return {
      ...{ new_sweeps: newSweeps, joined_sweeps: joinedSweeps, own_sweeps: ownSweeps },
      ...{ new_runs: newRuns, changed_runs: changedRuns },
    };
  };
  return {
    ...documentHead('merge'),
    database: output,
    ...json(merged),
    inputs: merged.map((each) => ({
      file: each.file,
      copy_of: each.copyOf ?? null,
      ...json([each]),
      sweeps: each.sweeps.map(({ id, name, idInInput, state, newRuns, changedRuns }) => ({
        ...{ id, name, id_in_input: idInInput, state },
        ...{ new_runs: newRuns, changed_runs: changedRuns },
      })),
    })),
  };
}
