import { closeSync, constants, copyFileSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { ExitCode, UserError } from '../errors.ts';
import { readPlain, requirePlain, requireRegular } from '../host/plain-file.ts';
import { makeScratch } from '../host/scratch.ts';
import type { Db } from './db.ts';
import { APPLICATION_ID, DATABASE_VERSION, strangeIn, versionOf } from './migrations.ts';

/** Suffixes of the files that SQLite and ipc-sweep make beside a database. */
const SIDE_FILES = [
  ...['-wal', '-shm', '-journal', '.holder'],
  ...['.lock', '.lock-wal', '.lock-shm', '.lock-journal'],
];

/**
 * The database's header (https://www.sqlite.org/fileformat2.html#the_database_header), and that of
 * its first page.
 */
const HEADER_BYTES = 108;
const LEAF_OF_A_TABLE = 13;
const MAGIC = 'SQLite format 3\0';

interface Header {
  readonly version: number;
  readonly applicationId: number;
  readonly inWalMode: boolean;
  /** Whether the list of its tables, views and triggers is empty. */
  readonly withoutTables: boolean;
}

/**
 * Checks the file under a database's name before SQLite does, because SQLite would change a file,
 * and the folder around it, merely by opening it. Nothing is changed.
 * @param use a database that is at rest may have several names if it is only read
 * @returns whether there is a database; an empty file, or one without tables, does not count yet
 * @throws UserError when it is not ours, or is not a regular file
 */
export function recognise(file: string, use: 'read' | 'write'): boolean {
  const stats = requireRegular(file, NAME_ANOTHER);
  for (const side of SIDE_FILES) {
    requirePlain(file + side, REMOVE);
  }
  requireOneJournal(`${file}-journal`);
  if (!stats || stats.size === 0) {
    if (stats) requirePlain(file, oneName(file));
    return false;
  }
  // This file must not be opened here: closing it would drop the locks that SQLite holds on it in
  // this process.
  if (isOpenHere(stats)) {
    requirePlain(file, oneName(file));
    return true;
  }
  const header = headerOf(file);
  const unfinished = header.inWalMode ? sizeOf(`${file}-wal`) > 0 : sizeOf(`${file}-journal`) > 0;
  if (use === 'write' || header.inWalMode || unfinished) requirePlain(file, oneName(file));
  if (header.applicationId === APPLICATION_ID) {
    requireVersion(file, header.version);
    return true;
  }
  // Whoever created this file was killed, or ran out of space, before it had a table.
  const { version, applicationId, withoutTables } = header;
  if (version === 0 && applicationId === 0 && withoutTables && !unfinished) {
    requirePlain(file, oneName(file));
    return false;
  }
  // Version 1 had no such mark, and until its first pages are in the file, not even a version.
  const perhapsFirst = header.version === 1 || (header.version === 0 && unfinished);
  if (header.applicationId !== 0 || !perhapsFirst || !isFirstVersion(file, header, unfinished)) {
    throw foreign(file);
  }
  return true;
}

const NAME_ANOTHER = 'name another file with --db';
const REMOVE = 'remove it: ipc-sweep did not put it there';

/**
 * How a rollback journal begins (https://www.sqlite.org/fileformat2.html#the_rollback_journal). A
 * super-journal's name ends with it, too.
 */
const JOURNAL_MAGIC = 'd9d505f920a163d7';

/**
 * A rollback journal can end with the name of a super-journal, which SQLite deletes once it has
 * rolled back. A planted one could name any file.
 */
function requireOneJournal(journal: string): void {
  const size = sizeOf(journal);
  if (size < JOURNAL_MAGIC.length / 2) return;
  const end = Buffer.alloc(JOURNAL_MAGIC.length / 2);
  const file = openSync(journal, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    readSync(file, end, 0, end.length, size - end.length);
  } finally {
    closeSync(file);
  }
  if (end.toString('hex') !== JOURNAL_MAGIC) return;
  throw new UserError(`${journal} names another file, which would be deleted with it`, {
    hint: REMOVE,
    exitCode: ExitCode.machine,
  });
}

/** The state in which a recognised database was left. */
export interface LeftState {
  readonly version: number;
  /** The file that SQLite would read, change or make beside it; undefined if the database is whole. */
  readonly log: '-wal' | '-journal' | undefined;
}

/** @throws the same errors as SQLite when it is not a database */
export function leftStateOf(file: string): LeftState {
  const { version, inWalMode } = headerOf(file);
  if (inWalMode) return { version, log: '-wal' };
  return { version, log: sizeOf(`${file}-journal`) > 0 ? '-journal' : undefined };
}

function oneName(file: string): string {
  return `SQLite keeps what is new beside one name, and damages a database that is used by two: \`find . -samefile ${file}\` lists them, \`cp ${file} OTHER\` makes a copy of its own; keep one name and remove the others`;
}

/** @throws the same errors as SQLite when it is not a database */
function headerOf(file: string): Header {
  const bytes = readPlain(file, HEADER_BYTES);
  if (bytes?.length !== HEADER_BYTES || bytes.toString('latin1', 0, 16) !== MAGIC) {
    throw Object.assign(new Error('file is not a database'), { code: 'SQLITE_NOTADB' });
  }
  return {
    version: bytes.readInt32BE(60),
    applicationId: bytes.readUInt32BE(68),
    inWalMode: bytes[19] === 2,
    withoutTables: bytes[100] === LEAF_OF_A_TABLE && bytes.readUInt16BE(103) === 0,
  };
}

/** @throws UserError for a version that this ipc-sweep does not know */
export function requireVersion(file: string, version: number): void {
  if (version < 1) throw foreign(file);
  if (version <= DATABASE_VERSION) return;
  throw new UserError(
    `${file} was written by a newer ipc-sweep (database version ${version}, this one knows ${DATABASE_VERSION})`,
    { hint: 'update ipc-sweep, or name another file with --db', exitCode: ExitCode.machine },
  );
}

function foreign(file: string): UserError {
  return new UserError(`${file} is not a database of ipc-sweep`, {
    hint: NAME_ANOTHER,
    exitCode: ExitCode.machine,
  });
}

/**
 * Recognises version 1 by its tables. If SQLite has work to finish first, that happens in a copy.
 */
function isFirstVersion(file: string, header: Header, unfinished: boolean): boolean {
  if (!header.inWalMode && !unfinished) {
    return hasOurTables(new Database(file, { readonly: true, timeout: 5000 }));
  }
  const scratch = makeScratch('database');
  try {
    const copy = join(scratch.folder, 'copy.db');
    copyFileSync(file, copy, constants.COPYFILE_FICLONE);
    for (const side of ['-wal', '-journal']) {
      if (sizeOf(file + side) > 0) copyFileSync(file + side, copy + side);
    }
    return hasOurTables(new Database(copy));
  } finally {
    scratch.remove();
  }
}

function hasOurTables(db: Db): boolean {
  try {
    harden(db);
    const version = versionOf(db);
    return version >= 1 && version <= DATABASE_VERSION && strangeIn(db, version) === undefined;
  } finally {
    db.close();
  }
}

/** Makes sure that nothing in a database's schema can do more than compute. */
export function harden(db: Db): void {
  db.pragma('trusted_schema = OFF');
  db.pragma('cell_size_check = ON');
  // SQLite makes its temporary files and unlinks them at once, but a kill in between would leave one.
  db.pragma('temp_store = MEMORY');
}

/** @throws UserError when a database has other tables, views or triggers than ipc-sweep makes */
export function requireOurSchema(db: Db, file: string): void {
  const version = versionOf(db);
  requireVersion(file, version);
  const strange = strangeIn(db, version);
  if (strange === undefined) return;
  throw new UserError(`somebody has changed the database ${file}: ${strange}`, {
    hint: `triggers and views run when a database is used, so it is not; \`ipc-sweep doctor --db ${file}\` saves its rows in a new one`,
    exitCode: ExitCode.machine,
  });
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Databases that this process writes to, by device and inode. */
const openHere = new Set<string>();

interface Place {
  readonly dev: number;
  readonly ino: number;
}

const keyOf = ({ dev, ino }: Place) => `${dev}:${ino}`;

function isOpenHere(place: Place): boolean {
  return openHere.has(keyOf(place));
}

/** Remembers that this process writes to a file. @returns a function that forgets it */
export function rememberOpen(place: Place): () => void {
  openHere.add(keyOf(place));
  return () => openHere.delete(keyOf(place));
}
