import { join } from 'node:path';
import type { Argv } from 'yargs';
import { UserError } from '../errors.ts';
import { FORMATS, type Format } from '../export/files.ts';
import { nearest } from '../spec/suggest.ts';

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

/** As {@link withCsv}, with the other formats that the tables of a sweep can have. */
export function withFormats<T>(yargs: Argv<T>) {
  return withCsv(yargs).option('format', {
    type: 'string',
    requiresArg: true,
    default: 'csv',
    describe: `Which files, with commas between: ${FORMATS.join(', ')}`,
  });
}

/** @throws UserError for a format that there is not */
export function parseFormats(text: string): readonly Format[] {
  const words = text.split(',').map((word) => word.trim());
  return words.map((word) => {
    const format = FORMATS.find((known) => known === word);
    if (format) return format;
    const meant = nearest(word, FORMATS);
    throw new UserError(`--format ${text}: ${JSON.stringify(word)} is no format`, {
      hint: `the formats are ${FORMATS.join(', ')}${meant ? `; did you mean ${meant}?` : ''}`,
    });
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
