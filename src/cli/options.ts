import { join } from 'node:path';
import type { Argv } from 'yargs';
import { UserError } from '../errors.ts';

/** Options that several commands share, with the same words everywhere. */
export function withDatabase<T>(yargs: Argv<T>) {
  return yargs
    .option('results', {
      type: 'string',
      requiresArg: true,
      default: 'results',
      describe: 'Folder for results',
    })
    .option('db', {
      type: 'string',
      requiresArg: true,
      describe: 'Database file [default: RESULTS/ipc-sweep.db]',
    });
}

export function databaseFile(options: { db?: string | undefined; results: string }): string {
  const file = options.db ?? join(options.results, 'ipc-sweep.db');
  // To SQLite both mean a database that is gone when it is closed.
  if (file === '' || file === ':memory:') {
    throw new UserError(`--db ${JSON.stringify(file)} names no file`);
  }
  return file;
}

export function withSpec<T>(yargs: Argv<T>) {
  return yargs
    .positional('spec', {
      type: 'string',
      demandOption: true,
      describe: 'The experiment, a YAML file',
    })
    .option('allow-large', {
      type: 'boolean',
      default: false,
      describe: 'Accept a matrix of more than 10000 cells',
    });
}

export function withCsv<T>(yargs: Argv<T>) {
  return yargs
    .option('preset', {
      choices: ['analysis', 'spreadsheet'] as const,
      default: 'analysis' as const,
      describe: 'CSV for R, pandas and SQL, or for spreadsheets',
    })
    .option('semicolon', {
      type: 'boolean',
      default: false,
      describe: 'Semicolons and decimal commas',
    });
}

export function withSelection<T>(yargs: Argv<T>) {
  return yargs.option('suspect', {
    type: 'boolean',
    default: false,
    describe: 'Let suspect runs into the summaries',
  });
}

export function withJson<T>(yargs: Argv<T>) {
  return yargs.option('json', {
    type: 'boolean',
    default: false,
    describe: 'Print one JSON document',
  });
}
