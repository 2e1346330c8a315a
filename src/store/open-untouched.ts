import { constants, copyFileSync, lstatSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { ExitCode, UserError } from '../errors.ts';
import { makeScratch, type Scratch } from '../host/scratch.ts';
import { noteOriginal } from './db.ts';
import { DATABASE_VERSION, migrate } from './migrations.ts';
import { type Db, guarded, requireDatabase, requireFilled } from './open.ts';
import { harden, type LeftState, leftStateOf, requireOurSchema } from './recognise.ts';
import { requireSoundRows } from './sound-rows.ts';
import { isBeingWritten } from './writer-lock.ts';

/** A database that is read without leaving any change on the disk. */
export interface UntouchedDb {
  readonly db: Db;
  readonly close: () => void;
}

/**
 * Opens a database to read one moment of it, leaving its file and the folder exactly as they are.
 * Where SQLite would write, because the database is in WAL mode, was left half changed, or is of an
 * older version, it gets a copy among the temporary files.
 * @throws UserError when it cannot be read so, or is not a database of ipc-sweep
 */
export function openUntouched(file: string): UntouchedDb {
  return guarded(file, () => {
    const stored = openAsStored(file, DATABASE_VERSION);
    const { db } = stored;
    try {
      if (stored.isCopy) migrate(db);
      db.pragma('query_only = ON');
      requireSoundRows(db, file);
      db.exec('BEGIN');
      return stored;
    } catch (error) {
      stored.close();
      throw error;
    }
  });
}

/**
 * Works like {@link openUntouched}, but neither migrates the database nor checks its rows.
 * @param least the oldest version that is read in its place
 */
export function openAsStored(file: string, least = 1): UntouchedDb & { readonly isCopy: boolean } {
  requireDatabase(file);
  return guarded(file, () => {
    requireFilled(file);
    const { version, log } = leftStateOf(file);
    const isCopy = log !== undefined || version < least;
    const scratch = isCopy ? copyOf(file, log) : undefined;
    let db: Db | undefined;
    try {
      db = new Database(scratch ? copyIn(scratch) : file, { timeout: 5000, readonly: !isCopy });
      if (isCopy) noteOriginal(db, file);
      harden(db);
      // Nobody needs the copy after a power cut.
      if (isCopy) db.pragma('synchronous = OFF');
      requireOurSchema(db, file);
    } catch (error) {
      db?.close();
      scratch?.remove();
      throw error;
    }
    const open = db;
    return {
      db: open,
      isCopy,
      close() {
        open.close();
        scratch?.remove();
      },
    };
  });
}

function copyIn({ folder }: Scratch): string {
  return join(folder, 'copy.db');
}

/**
 * Copies a database with its log, in which SQLite then finishes what a killed program has begun.
 * @throws UserError when there is no room for it, or somebody writes to the database
 */
function copyOf(file: string, log: LeftState['log']): Scratch {
  const sides = log === undefined ? [''] : ['', log];
  const before = sides.map((side) => stateOf(file + side));
  if (log !== undefined && isBeingWritten(file)) throw inUse(file);
  const scratch = makeScratch('database');
  try {
    requireRoom(
      file,
      scratch,
      before.reduce((sum, { size }) => sum + size, 0),
    );
    for (const [at, side] of sides.entries()) {
      if (before[at]!.size === 0) continue;
      copyFileSync(file + side, copyIn(scratch) + side, constants.COPYFILE_FICLONE);
    }
    const after = sides.map((side) => stateOf(file + side));
    if (JSON.stringify(after) !== JSON.stringify(before)) throw inUse(file);
    return scratch;
  } catch (error) {
    scratch.remove();
    throw error;
  }
}

function stateOf(path: string): { readonly size: number; readonly changed: number } {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return { size: stats?.size ?? 0, changed: stats?.mtimeMs ?? 0 };
}

function inUse(file: string): UserError {
  return new UserError(`${file} is being written to`, {
    hint: 'wait until the sweep in it has ended',
    exitCode: ExitCode.machine,
  });
}

/** A migration may need as much room again. */
const ROOM = 2;

function requireRoom(file: string, { folder }: Scratch, bytes: number): void {
  const { bavail: blocks, bsize: blockBytes } = statfsSync(folder);
  if (blocks * blockBytes >= ROOM * bytes) return;
  throw new UserError(`there is no room for a copy of ${file}, which needs ${ROOM * bytes} bytes`, {
    hint: 'set TMPDIR to a folder that has room',
    exitCode: ExitCode.machine,
  });
}
