import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import Database from 'better-sqlite3';
import { ExitCode, UserError } from '../errors.ts';

export interface WriterLock {
  readonly release: () => void;
  /** As release, for a file that turned out to be no database of ours: nothing is left beside it. */
  readonly withdraw: () => void;
}

/** Never through a link that somebody has planted. */
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

/**
 * Lets one `run` at a time write to a database; readers are not kept out. The lock is SQLite's own,
 * on a file beside the database: the kernel frees it when the process ends, by whatever signal.
 * @throws UserError saying who holds it
 */
export function lockForWriting(databaseFile: string): WriterLock {
  const lockFile = `${databaseFile}.lock`;
  const holderFile = `${databaseFile}.holder`;
  for (const side of ['', '.lock', '-wal', '-shm', '-journal']) refuseLink(databaseFile + side);
  // Not 0: whoever asks whether the database is being written holds the lock for an instant.
  const wasThere = existsSync(lockFile);
  const lock = new Database(lockFile, { timeout: 200 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
    throw new UserError(`${databaseFile} is in use: ${holder(holderFile)}`, {
      hint: 'wait for it, or name another database with --db; `ipc-sweep status` works meanwhile',
      exitCode: ExitCode.machine,
    });
  }
  const release = () => {
    rmSync(holderFile, { force: true });
    lock.exec('ROLLBACK');
    lock.close();
    // The lock file stays: removing it could take it from under somebody who has just opened it.
  };
  try {
    writeHolder(holderFile);
  } catch (error) {
    release();
    throw error;
  }
  const withdraw = () => {
    // Who else locks this file is about to be refused as well.
    if (!wasThere) rmSync(lockFile, { force: true });
    release();
  };
  return { release, withdraw };
}

function writeHolder(holderFile: string): void {
  const text = `pid ${process.pid} on ${hostname()}, since ${new Date().toISOString()}\n`;
  const file = openSync(holderFile, NEW_FILE, 0o666);
  try {
    writeSync(file, text);
  } finally {
    closeSync(file);
  }
}

/** SQLite would follow it, perhaps as root, to wherever somebody who may write here likes. */
function refuseLink(file: string): void {
  if (!lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  throw new UserError(`${file} is a symbolic link, which is not followed`, {
    hint: 'remove it, or name the database itself with --db',
    exitCode: ExitCode.machine,
  });
}

/** Whether some process writes to the database now. */
export function isBeingWritten(databaseFile: string): boolean {
  if (!existsSync(`${databaseFile}.lock`)) return false;
  try {
    const lock = new Database(`${databaseFile}.lock`, { timeout: 0, readonly: true });
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

function holder(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return 'another ipc-sweep writes to it';
  }
}
