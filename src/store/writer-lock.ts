import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import Database from 'better-sqlite3';
import { ExitCode, UserError } from '../errors.ts';
import { readPlain, requirePlain } from '../host/plain-file.ts';
import { tidyUp } from './tidy-up.ts';

export interface WriterLock {
  readonly release: () => void;
  /**
   * Works like release for a file that turned out not to be our database, and leaves nothing beside
   * it.
   */
  readonly withdraw: () => void;
}

const BRIEF_MS = 200;
const PATIENT_MS = 5_000;
const REMOVE = 'remove it: ipc-sweep did not put it there';

/**
 * Lets one `run` at a time write to a database; readers are not kept out. The lock is SQLite's own,
 * on an empty file beside the database: the kernel frees it when the process ends, by whatever
 * signal.
 * @throws UserError saying which process holds it
 */
export function lockForWriting(databaseFile: string): WriterLock {
  const lockFile = `${databaseFile}.lock`;
  const holderFile = `${databaseFile}.holder`;
  const wasThere = makeLockFile(lockFile);
  const lock = new Database(lockFile);
  let ours = false;
  try {
    // Whoever writes says so in that file. A process that only asks holds the lock, too, for an
    // instant, which on a busy machine can last.
    ours = tookLock(lock, BRIEF_MS) || (!existsSync(holderFile) && tookLock(lock, PATIENT_MS));
  } finally {
    if (!ours) lock.close();
  }
  if (!ours) {
    throw new UserError(`${databaseFile} is in use: ${holder(holderFile)}`, {
      hint: 'wait for it, or name another database with --db; `ipc-sweep status` works meanwhile',
      exitCode: ExitCode.machine,
    });
  }
  const release = () => {
    // That file only says who has the lock, and closing frees the lock in any case.
    tidyUp(() => rmSync(holderFile, { force: true }));
    tidyUp(() => lock.exec('ROLLBACK'));
    lock.close();
    // The lock file stays: removing it could take it away from a process that has just opened it.
  };
  try {
    writeHolder(holderFile);
  } catch (error) {
    release();
    throw error;
  }
  const withdraw = () => {
    // Any other process that locks this file is about to be refused as well.
    if (!wasThere) rmSync(lockFile, { force: true });
    release();
  };
  return { release, withdraw };
}

/** @returns false if somebody else holds the lock all that time */
function tookLock(lock: Database.Database, waitMs: number): boolean {
  lock.pragma(`busy_timeout = ${waitMs}`);
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'SQLITE_BUSY') return false;
    throw error;
  }
}

/**
 * Creates the lock file, since SQLite would follow a planted link.
 * @returns whether it was there
 */
function makeLockFile(lockFile: string): boolean {
  try {
    closeSync(openSync(lockFile, 'wx', 0o644));
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (requirePlain(lockFile, REMOVE)?.size === 0) return true;
  throw new UserError(`${lockFile} is not a lock file of ipc-sweep, which is empty`, {
    hint: REMOVE,
    exitCode: ExitCode.machine,
  });
}

function writeHolder(holderFile: string): void {
  const text = `pid ${process.pid} on ${hostname()}, since ${new Date().toISOString()}\n`;
  // The lock is ours, so any file here was left by a killed process; it is never written to.
  rmSync(holderFile, { force: true });
  const file = openSync(holderFile, 'wx', 0o644);
  try {
    writeSync(file, text);
  } finally {
    closeSync(file);
  }
}

/** Whether some process writes to the database now. */
export function isBeingWritten(databaseFile: string): boolean {
  const lockFile = `${databaseFile}.lock`;
  const stats = requirePlain(lockFile, REMOVE);
  if (stats?.size !== 0) return false;
  try {
    const lock = new Database(lockFile, { timeout: 0, readonly: true });
    try {
      lock.exec('BEGIN; SELECT 1 FROM sqlite_schema; ROLLBACK');
      return false;
    } finally {
      lock.close();
    }
  } catch {
    return true;
  }
}

/** The most that is read of the file; nothing that we write is as long. */
const HOLDER_BYTES = 500;

function holder(file: string): string {
  return readPlain(file, HOLDER_BYTES)?.toString('utf8').trim() || 'another ipc-sweep writes to it';
}
