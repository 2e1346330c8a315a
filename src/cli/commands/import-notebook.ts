import { basename, resolve } from 'node:path';
import type { Argv } from 'yargs';
import { ExitCode, type ExitCodeValue, UserError } from '../../errors.ts';
import { cellKey } from '../../spec/cell.ts';
import { experimentSchema } from '../../spec/schema.ts';
import { type ImportedRun, writeImport } from '../../store/import-writer.ts';
import { openForWriting } from '../../store/open.ts';
import { storageError } from '../../store/storage-errors.ts';
import { findSweep } from '../../store/sweep-writer.ts';
import { counted } from '../counted.ts';
import { readImports } from '../imported-files.ts';
import { databaseFile, withDatabase } from '../options.ts';
import { Ownership } from '../ownership.ts';
import { printable, type Terminal } from '../terminal.ts';

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

export const importOptions = (yargs: Argv) =>
  withDatabase(yargs)
    .parserConfiguration({ 'duplicate-arguments-array': true })
    .positional('files', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'What was kept of `ipc-benchmark -j -v`: JSON, text, or an .ipynb',
    })
    .option('name', {
      type: 'string',
      requiresArg: true,
      describe: "The sweep's name [default: that of the first file]",
    })
    .option('bare', {
      type: 'boolean',
      default: false,
      describe: 'The runs were made with -B, which their documents do not tell',
    })
    .option('socket-buffers', {
      type: 'boolean',
      default: false,
      describe: 'The runs over sockets were made with -s, which they do not tell either',
    })
    .option('iterations-as-runs', {
      type: 'boolean',
      default: false,
      describe: 'Count each iteration as a run, the first of several as warm-up',
    })
    .option('skip-unreadable', {
      type: 'boolean',
      default: false,
      describe: 'Leave out documents that cannot be read, instead of storing nothing',
    })
    .option('fresh', {
      type: 'boolean',
      default: false,
      describe: 'Store the same contents once more',
    })
    .check((args) => {
      // Several files make every option a list that is given more than once.
      const twice = ['name', 'db', 'results'].find((option) => Array.isArray(args[option]));
      if (twice === undefined) return true;
      throw new UserError(`--${twice} was given more than once`);
    });

/** read -> check -> store, in one transaction */
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
          : `--skip-unreadable stores the other ${counted(runs.length, 'run')}`,
    });
  }
  const owner = new Ownership(process.env, process.geteuid?.());
  const file = databaseFile(args);
  owner.database(file);
  const { db, close } = openForWriting(file);
  try {
    const known = args.fresh ? undefined : findSweep(db, read.identity);
    if (known !== undefined) {
      throw new UserError(`the same contents were imported before, as sweep ${known}`, {
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
    const samples = runs.reduce((sum, run) => sum + run.samples.length, 0);
    terminal.out(
      `imported ${counted(runs.length, 'run')} with ${counted(samples, 'sample')} as sweep ${name}-${sweepId} in ${file}`,
    );
    if (runs.every(({ samples }) => samples.length > 1) && isOncePerCell(runs)) {
      terminal.talk(
        'each cell has one run, so no interval; --iterations-as-runs takes its iterations instead (docs/import-notebook.md)',
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
  const checked = experimentSchema.shape.name.safeParse(chosen);
  if (checked.success) return checked.data;
  throw new UserError(
    `expected ${checked.error.issues[0]?.message}, got ${JSON.stringify(chosen)}`,
    {
      hint: '--name names the sweep',
    },
  );
}

const SHOWN = 20;

function firstOf(problems: readonly string[]): readonly string[] {
  const more = problems.length - SHOWN;
  return more <= 0 ? problems : [...problems.slice(0, SHOWN), `and ${more} more`];
}
