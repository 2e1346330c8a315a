import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { TABLE_FORMAT_WORDS } from '../export/formats.ts';
import type { Option, Positional } from './command.ts';

/** Options that several commands share, described in the same words everywhere. */
export const DATABASE = {
  results: {
    type: 'string',
    requiresArg: true,
    default: 'results',
    value: 'FOLDER',
    describe: 'Folder for the database and for what is written',
  },
  db: {
    type: 'string',
    requiresArg: true,
    value: 'FILE',
    defaultDescription: 'RESULTS/ipc-sweep.db',
    describe: 'Database file',
  },
} as const satisfies Record<string, Option>;

/** The option of a command that reads many databases. */
export const DATABASES = {
  db: {
    type: 'string',
    array: true,
    requiresArg: true,
    value: 'FILE',
    defaultDescription: DATABASE.db.defaultDescription,
    describe: 'A database; others may follow behind it: --db *.db',
  },
  results: DATABASE.results,
} as const satisfies Record<string, Option>;

/**
 * The same databases as arguments: a shell's pattern after `--db` leaves all but the first of them
 * there.
 */
export const DATABASES_BEHIND = {
  type: 'string',
  array: true,
  describe: 'Databases, as with --db',
} as const satisfies Positional;

export function databaseFile(options: { db?: string | undefined; results: string }): string {
  const file = options.db ?? join(options.results, 'ipc-sweep.db');
  // For SQLite, both mean a database that disappears when it is closed.
  if (file === '' || file === ':memory:') {
    throw new UserError(`--db ${JSON.stringify(file)} names no file`);
  }
  return file;
}

/** Arguments of the commands that read an experiment. */
export const SPEC = {
  type: 'string',
  demandOption: true,
  standardInput: true,
  describe: 'The experiment, a YAML file; - is standard input',
} as const satisfies Positional;

export const SPEC_MISSING = {
  message: "the experiment's file is missing",
  hint: 'name it behind the command; `ipc-sweep init FILE` writes a commented one',
};

export const LARGE = {
  'allow-large': {
    type: 'boolean',
    default: false,
    describe: 'Accept a matrix of more than 10000 cells',
  },
} as const satisfies Record<string, Option>;

/** The argument for a stored sweep. */
export const SWEEP = {
  type: 'string',
  complete: 'sweep',
  defaultDescription: 'the newest',
  describe:
    'The sweep, by its id, name, or name-id; @ID is always an id, NAME@ORIGIN a merged sweep',
} as const satisfies Positional & { defaultDescription: string };

/** The argument for a sweep that is to be changed. It has no default. */
export const SWEEP_TO_CHANGE = {
  type: 'string',
  demandOption: true,
  complete: 'sweep',
  describe: SWEEP.describe,
} as const satisfies Positional;

export const CSV = {
  preset: {
    choices: ['analysis', 'spreadsheet'],
    default: 'analysis',
    describe: 'Write CSV for R, pandas and SQL, or for spreadsheets',
  },
  semicolon: {
    type: 'boolean',
    default: false,
    describe: 'Write semicolons between fields and decimal commas, as some spreadsheets expect',
  },
} as const satisfies Record<string, Option>;

export const SELECTION = {
  suspect: {
    type: 'boolean',
    default: false,
    describe: 'Let suspect runs into the summaries',
  },
} as const satisfies Record<string, Option>;

export const JSON_OUTPUT = {
  json: {
    type: 'boolean',
    default: false,
    describe: 'Print one JSON document',
  },
} as const satisfies Record<string, Option>;

/** The options, together with those of {@link CSV}, for the files to which tables are written. */
export const FORMAT = {
  format: {
    type: 'string',
    array: true,
    requiresArg: true,
    default: ['csv'],
    value: 'FORMAT,...',
    complete: 'table-format',
    describe: `Which files to write: ${TABLE_FORMAT_WORDS}`,
  },
} as const satisfies Record<string, Option>;

export const SHARD = {
  shard: {
    type: 'string',
    requiresArg: true,
    value: 'K/N',
    describe: 'Make only shard K of N, in a database of its own',
  },
} as const satisfies Record<string, Option>;

export const HOST = {
  host: {
    type: 'string',
    array: true,
    requiresArg: true,
    value: 'HOST',
    describe: "A host instead of the spec's: local, or what ssh is told; repeatable",
  },
} as const satisfies Record<string, Option>;
