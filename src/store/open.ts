import { closeSync, lstatSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { ExitCode, UserError } from '../errors.ts';
import { makeFolder } from '../host/make-folder.ts';
import { type Db, noteOriginal } from './db.ts';
import { DATABASE_VERSION, migrate, versionOf } from './migrations.ts';
import { harden, recognise, rememberOpen, requireOurSchema } from './recognise.ts';
import { sameFileCheck } from './same-file.ts';
import { requireNoOrphans, requireSoundRows } from './sound-rows.ts';
import { storageError } from './storage-errors.ts';
import { lockForWriting } from './writer-lock.ts';

export type { Db };

/** A database to which only this process writes. */
export interface WritableDb {
  readonly db: Db;
  /** @throws UserError when the file is no longer there, after saving what was stored */
  readonly checkInPlace: () => void;
  readonly close: () => void;
}

/** How SQLite keeps a database whole while it is written, and who can read it meanwhile. */
export interface Journal {
  /**
   * `here`: in WAL mode, whose index is memory that only processes of this machine can share.
   * `for-other-machines`: with a rollback journal, for a file system that several machines have, where
   * another one may read it. The write of a run then waits for readers.
   */
  readonly journal: 'here' | 'for-other-machines';
}

/** How long a write waits for a reader on another machine, which may read through a slow network. */
const READERS_MS = 120_000;

/**
 * Opens the database for writing, creating or migrating it if needed, and keeps other writers out.
 * @throws UserError when it cannot be written, is in use, is not ours, or is from a newer version
 */
export function openForWriting(
  file: string,
  { journal }: Journal = { journal: 'here' },
): WritableDb {
  return guarded(file, () => {
    const isThere = recognise(file, 'write');
    makeFolder(dirname(file));
    const lock = lockForWriting(file);
    let db: Db | undefined;
    try {
      if (!isThere) makeEmpty(file);
      db = new Database(file, { timeout: 5000 });
      prepare(db, file, journal);
    } catch (error) {
      db?.close();
      if (isRefusal(error)) lock.withdraw();
      else lock.release();
      throw error;
    }
    const open = db;
    const forget = rememberOpen(lstatSync(file));
    return {
      db: open,
      checkInPlace: sameFileCheck(open, file),
      close() {
        leaveOneFile(open);
        open.close();
        forget();
        lock.release();
      },
    };
  });
}

/** Creates an empty file without following a planted link, as SQLite would. */
function makeEmpty(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o644));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // Another process created it first, or it was there and empty.
    recognise(file, 'write');
  }
}

/**
 * If nobody is reading, leaves everything in the one file, so that it can be copied, or read where
 * nothing can be written.
 */
function leaveOneFile(db: Db): void {
  try {
    db.pragma('journal_mode = DELETE');
  } catch {
    // Somebody is reading, or the disk is full: the -wal file stays and is part of the database.
  }
}

/** @throws UserError when there is no such file, or none can be there */
export function requireDatabase(file: string): void {
  if (guarded(file, () => lstatSync(file, { throwIfNoEntry: false }))) return;
  throw new UserError(`there is no database ${file}`, {
    hint: '`ipc-sweep run SPEC` makes it; --db names another one',
  });
}

/** @throws UserError when a file is no database of ipc-sweep, or one that nothing was written to */
export function requireFilled(file: string): void {
  if (recognise(file, 'read')) return;
  throw new UserError(`the database ${file} is empty`, {
    hint: '`ipc-sweep run SPEC` fills it; --db names another one',
    exitCode: ExitCode.machine,
  });
}

/**
 * Opens an existing database read-only. If a writer was killed in the middle of a change, the change
 * is taken back first, as SQLite does for everyone who may write to the file.
 * @param patienceMs how long to wait for a lock
 */
export function openForReading(file: string, patienceMs = 5000): Db {
  requireDatabase(file);
  return guarded(file, () => {
    requireFilled(file);
    try {
      return readOnly(file, patienceMs);
    } catch (error) {
      if (!leftHalfChanged(error) || !takeBackHalfChange(file, patienceMs)) throw error;
      return readOnly(file, patienceMs);
    }
  });
}

function readOnly(file: string, patienceMs: number): Db {
  const db = new Database(file, { timeout: patienceMs, readonly: true });
  try {
    harden(db);
    requireOurSchema(db, file);
    const current = versionOf(db) < DATABASE_VERSION ? migratedCopy(db, file) : db;
    requireSoundRows(current, file);
    return current;
  } catch (error) {
    db.close();
    throw error;
  }
}

function leftHalfChanged(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'SQLITE_READONLY_ROLLBACK' || code === 'SQLITE_READONLY_RECOVERY';
}

/** @returns false if this user may not write: SQLite takes it back when a writer first reads the file */
function takeBackHalfChange(file: string, patienceMs: number): boolean {
  try {
    const db = new Database(file, { timeout: patienceMs });
    try {
      harden(db);
      versionOf(db);
      return true;
    } finally {
      db.close();
    }
  } catch {
    return false; // The first error says more.
  }
}

/** Migrates a copy of an older database in memory; the file stays as it is. */
function migratedCopy(db: Db, file: string): Db {
  const image = db.serialize();
  db.close();
  // Bytes 18 and 19 of the header: 2 means WAL, which a database in memory cannot use; 1 is a plain
  // file.
  image.fill(1, 18, 20);
  const copy = new Database(image);
  noteOriginal(copy, file);
  harden(copy);
  migrate(copy);
  copy.pragma('query_only = ON');
  return copy;
}

function prepare(db: Db, file: string, journal: Journal['journal']): void {
  harden(db);
  alone(file, () => {
    // The lock is on the file itself, whatever name it was opened by. It conflicts with a writer
    // that uses another name (a hard link, a bind mount, its name before it was renamed).
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('BEGIN EXCLUSIVE; COMMIT');
  });
  if (versionOf(db) !== 0 || hasTables(db)) requireOurSchema(db, file);
  // This finishes what a killed writer has left, and writes the version to the file before anything
  // else.
  db.pragma('journal_mode = DELETE');
  migrate(db);
  alone(file, () => {
    db.pragma('locking_mode = NORMAL');
    if (journal === 'here') db.pragma('journal_mode = WAL');
    // The lock is given back by the next use of the file.
    else db.prepare('SELECT 1 FROM sqlite_schema').get();
  });
  if (journal === 'here') {
    // In WAL mode NORMAL survives a crash of the program at any instant; FULL would cost one fsync
    // per run, only to keep the last runs after a power cut.
    db.pragma('synchronous = NORMAL');
  } else {
    // A machine that is lost must not leave half a transaction to the one that goes on.
    db.pragma('synchronous = FULL');
    db.pragma(`busy_timeout = ${READERS_MS}`);
  }
  requireSoundRows(db, file);
  requireNoOrphans(db, file);
  // This process holds the lock, so any sweep still marked as running has been killed.
  db.exec("UPDATE sweep SET state = 'interrupted' WHERE state = 'running'");
}

function hasTables(db: Db): boolean {
  return db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() !== undefined;
}

function alone(file: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
    throw new UserError(`${file} is in use: another program has it open`, {
      hint: 'a report that is being written, a database browser, or an ipc-sweep that writes to it under another name: wait for it or close it there',
      exitCode: ExitCode.machine,
    });
  }
}

/** Whether the file is not ours, as opposed to a failing disk. */
function isRefusal(error: unknown): boolean {
  const { code = '' } = error as { code?: string };
  return error instanceof UserError || code === 'SQLITE_NOTADB';
}

/** Turns disk and file errors into messages. */
export function guarded<T>(file: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined || typeof code !== 'string') throw storageError(file, error);
    throw new UserError(`cannot use the database ${file}: ${(error as Error).message}`, {
      hint: 'check the folder, its permissions, its free space and the limit on files (ulimit -f), or name another file with --db',
      exitCode: ExitCode.machine,
    });
  }
}
