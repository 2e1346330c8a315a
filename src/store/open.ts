import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { ExitCode, UserError } from '../errors.ts';
import { makeFolder } from '../host/make-folder.ts';
import { inPlace } from './in-place.ts';
import { requireSoundRows } from './sound-rows.ts';
import { storageError } from './storage-errors.ts';
import { lockForWriting } from './writer-lock.ts';

export type Db = Database.Database;

/** Each entry takes a database from its index to the next `user_version`. */
export const MIGRATIONS: readonly string[] = [
  readFileSync(new URL('./schema.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./schema-2.sql', import.meta.url), 'utf8'),
];

export const DATABASE_VERSION = MIGRATIONS.length;

/** A database that this process alone writes to. */
export interface WritableDb {
  readonly db: Db;
  /** @throws UserError when the file is no longer there; what is stored has been saved then */
  readonly checkInPlace: () => void;
  readonly close: () => void;
}

/**
 * Opens the database for writing, making or migrating it, and keeps other writers out.
 * @throws UserError when it cannot be written, is in use, is no database, or is from a newer version
 */
export function openForWriting(file: string): WritableDb {
  return guarded(file, () => {
    makeFolder(dirname(file));
    const lock = lockForWriting(file);
    let db: Db | undefined;
    try {
      db = new Database(file, { timeout: 5000 });
      prepare(db, file);
    } catch (error) {
      db?.close();
      if (isRefusal(error)) lock.withdraw();
      else lock.release();
      throw error;
    }
    const open = db;
    return {
      db: open,
      checkInPlace: inPlace(open, file),
      close() {
        leaveOneFile(open);
        open.close();
        lock.release();
      },
    };
  });
}

/** With nobody reading, the file alone holds everything: it can be copied, or read where nothing can be written. */
function leaveOneFile(db: Db): void {
  try {
    db.pragma('journal_mode = DELETE');
  } catch {
    // Somebody reads, or the disk is full: the -wal file stays and belongs to it.
  }
}

/** @throws UserError when there is no such file */
export function requireDatabase(file: string): void {
  if (!existsSync(file)) {
    throw new UserError(`there is no database ${file}`, {
      hint: '`ipc-sweep run SPEC` makes it; --db names another one',
    });
  }
}

/** Opens an existing database; nothing in it can be changed. @param patienceMs with whoever locks it */
export function openForReading(file: string, patienceMs = 5000): Db {
  requireDatabase(file);
  return guarded(file, () => {
    const db = new Database(file, { timeout: patienceMs, readonly: true });
    try {
      refuseOtherVersions(db, file, { older: true });
      const current = versionOf(db) < DATABASE_VERSION ? migratedCopy(db) : db;
      requireSoundRows(current, file, MIGRATIONS);
      return current;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/** A database of an older version, read as one of this version: migrated in memory, the file as it was. */
function migratedCopy(db: Db): Db {
  const image = db.serialize();
  db.close();
  // Bytes 18 and 19 of the header: 2 for WAL, which nothing in memory can have; 1 for a plain file.
  image.fill(1, 18, 20);
  const copy = new Database(image);
  migrate(copy);
  copy.pragma('query_only = ON');
  return copy;
}

/** Brings a database to this version, in one transaction. */
function migrate(db: Db): void {
  // A table that is made anew must not take with it the rows that refer to it.
  db.pragma('foreign_keys = OFF');
  db.transaction(() => {
    for (const migration of MIGRATIONS.slice(versionOf(db))) db.exec(migration);
    db.pragma(`user_version = ${DATABASE_VERSION}`);
  }).immediate();
  db.pragma('foreign_keys = ON');
}

function prepare(db: Db, file: string): void {
  // First, so that nothing of a file that is not ours is changed.
  refuseOtherVersions(db, file, { older: false });
  db.pragma('journal_mode = WAL');
  // In WAL mode NORMAL survives a crash of the program at any instant; FULL would cost an fsync
  // a run to survive a power cut without losing the last runs.
  db.pragma('synchronous = NORMAL');
  migrate(db);
  requireSoundRows(db, file, MIGRATIONS);
  // This process holds the lock: whoever was running has been killed.
  db.exec("UPDATE sweep SET state = 'interrupted' WHERE state = 'running'");
}

function refuseOtherVersions(db: Db, file: string, refuse: { older: boolean }): void {
  const version = versionOf(db);
  if (version > DATABASE_VERSION) {
    throw new UserError(
      `${file} was written by a newer ipc-sweep (database version ${version}, this one knows ${DATABASE_VERSION})`,
      { hint: 'update ipc-sweep, or name another file with --db', exitCode: ExitCode.machine },
    );
  }
  const foreign =
    version === 0 && db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table'").get();
  if (foreign || (refuse.older && version === 0)) {
    throw new UserError(`${file} is not a database of ipc-sweep`, {
      hint: 'name another file with --db',
      exitCode: ExitCode.machine,
    });
  }
}

/** Whether it is the file that is not ours, and not the disk that fails. */
function isRefusal(error: unknown): boolean {
  const { code = '' } = error as { code?: string };
  return error instanceof UserError || ['SQLITE_NOTADB', 'SQLITE_CANTOPEN_ISDIR'].includes(code);
}

function versionOf(db: Db): number {
  return db.pragma('user_version', { simple: true }) as number;
}

/** Turns faults of disk and file into messages. */
export function guarded<T>(file: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined || typeof code !== 'string') throw storageError(file, error);
    throw new UserError(`cannot use the database ${file}: ${(error as Error).message}`, {
      hint: 'check the folder, its permissions and its free space, or name another file with --db',
      exitCode: ExitCode.machine,
    });
  }
}
