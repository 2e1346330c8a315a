import { basename, resolve } from 'node:path';
import { ExitCode, type ExitCodeValue, UserError } from '../../../errors.ts';
import { cellKey } from '../../../experiment/cell.ts';
import { SWEEP_NAME, SWEEP_NAME_EXPECTED } from '../../../experiment/sweep-name.ts';
import { type ImportedRun, writeImport } from '../../../store/import-writer.ts';
import { openForWriting } from '../../../store/open.ts';
import { storageError } from '../../../store/storage-errors.ts';
import { findSweep } from '../../../store/sweep-writer.ts';
import { countAndNoun } from '../../count-and-noun.ts';
import { readImports } from '../../imported-files.ts';
import { databaseFile } from '../../options.ts';
import { Ownership } from '../../ownership.ts';
import type { Terminal } from '../../terminal.ts';
import { printable } from '../../terminal-text.ts';

export interface ImportArguments {
  readonly files: readonly string[];
  readonly name: string | undefined;
  readonly bare: boolean;
  readonly socketBuffers: boolean;
  readonly iterationsAsRuns: boolean;
  readonly fresh: boolean;
  readonly skipUnreadable: boolean;
  readonly results: string;
  readonly db: string | undefined;
}

/** Imports what a notebook kept: read -> check -> store, in one transaction. */
export function importNotebook(args: ImportArguments, terminal: Terminal): ExitCodeValue {
  const name = checkedName(args);
  const read = readImports(args.files, args);
  const problems = read.problems.map(printable);
  const { runs } = read;
  if (runs.length === 0 || (problems.length > 0 && !args.skipUnreadable)) {
    throw new UserError([...firstOf(problems), 'nothing was imported'].join('\n'), {
      hint:
        runs.length === 0
          ? 'the benchmark must have been run with -j and -v; its documents say what was run'
          : `--skip-unreadable stores the other ${countAndNoun(runs.length, 'run')}`,
    });
  }
  const owner = new Ownership(process.env, process.geteuid?.());
  const file = databaseFile(args);
  owner.database(file);
  const { db, close } = openForWriting(file);
  try {
    const known = args.fresh ? undefined : findSweep(db, read.identity);
    if (known !== undefined) {
      throw new UserError(`the same measurements were imported before, as sweep ${known}`, {
        hint: `\`ipc-sweep status ${known}\` shows it; --fresh imports them once more`,
      });
    }
    const sweepId = writeImport(db, {
      name,
      description: `Imported from ${args.files.map((path) => basename(path)).join(', ')}`,
      identity: read.identity,
      file: resolve(args.files[0] ?? ''),
      bare: args.bare,
      iterations: runs[0]?.samples.length ?? 1,
      rusage: runs.some(({ samples }) => samples[0]?.userTimeNs !== undefined),
      runs,
    });
    for (const line of firstOf(problems)) terminal.talk(`left out: ${line}`);
    for (const line of firstOf(read.repeated.map(printable)))
      terminal.talk(`counted once: ${line}`);
    const samples = runs.reduce((sum, run) => sum + run.samples.length, 0);
    terminal.out(
      `imported ${countAndNoun(runs.length, 'run')} with ${countAndNoun(samples, 'sample')} as sweep ${name}-${sweepId} in ${file}`,
    );
    if (runs.every(({ samples }) => samples.length > 1) && isOncePerCell(runs)) {
      terminal.talk(
        'each cell has one run, so no interval; --iterations-as-runs shows how its iterations scatter (docs/import-notebook.md)',
      );
    }
    return ExitCode.ok;
  } catch (error) {
    throw storageError(file, error);
  } finally {
    close();
    owner.handBack();
  }
}

function isOncePerCell(runs: readonly ImportedRun[]): boolean {
  return new Set(runs.map(({ cell }) => cellKey(cell))).size === runs.length;
}

function checkedName({ name, files }: ImportArguments): string {
  const chosen = name ?? basename(files[0] ?? '').replace(/\.(json|ipynb|txt|out)$/i, '');
  if (SWEEP_NAME.test(chosen)) return chosen;
  throw new UserError(`expected ${SWEEP_NAME_EXPECTED}, got ${JSON.stringify(chosen)}`, {
    hint: '--name names the sweep',
  });
}

const SHOWN = 20;

function firstOf(problems: readonly string[]): readonly string[] {
  const more = problems.length - SHOWN;
  return more <= 0 ? problems : [...problems.slice(0, SHOWN), `and ${more} more`];
}
