import {
  closeSync,
  constants,
  existsSync,
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
  const lock = new Database(lockFile, { timeout: 0 });
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
  const text = `pid ${process.pid} on ${hostname()}, since ${new Date().toISOString()}\n`;
  const file = openSync(holderFile, NEW_FILE, 0o666);
  writeSync(file, text);
  closeSync(file);
  return {
    release() {
      rmSync(holderFile, { force: true });
      lock.exec('ROLLBACK');
      lock.close();
      // The lock file stays: removing it could take it from under somebody who has just opened it.
    },
  };
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
