import { closeSync, lstatSync, mkdtempSync, openSync, rmSync, type Stats } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type Database from 'better-sqlite3';
import { ExitCode, UserError } from '../errors.ts';
import { makeFolder } from '../host/make-folder.ts';

/**
 * Returns a check that a database's file is still the one that was opened. SQLite goes on writing
 * to a file that has been deleted, and everything is lost when the program ends; until then it can
 * be saved.
 * @param pause called when it has been saved in its own place, to see whether it stays there
 */
export function sameFileCheck(
  db: Database.Database,
  file: string,
  pause: () => void = untilRemoved,
): () => void {
  const opened = lstatSync(file);
  return () => {
    const now = whatIsAt(file);
    if (now?.ino === opened.ino && now.dev === opened.dev) return;
    const target = inItsPlace(db, file, pause) ?? elsewhere(db, file);
    const what = now ? 'replaced by another file' : 'deleted';
    const again = target === file ? '`run` again' : `\`run\` again with --db ${target}`;
    throw new UserError(
      `the database ${file} was ${what} during the sweep; what was stored is saved in ${target}`,
      { hint: `${again} goes on from there`, exitCode: ExitCode.machine },
    );
  };
}

function whatIsAt(file: string): Stats | undefined {
  try {
    return lstatSync(file);
  } catch {
    // It is gone, or can no longer be reached: a file may be where its folder was.
    return undefined;
  }
}

const MOST_NAMES = 1000;

/** How long a removal of the whole folder, with what is saved in it, may go on. */
const REMOVAL_MS = 1000;

function untilRemoved(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, REMOVAL_MS);
}

/** @returns the name of the copy, or undefined if it cannot be made or does not stay */
function inItsPlace(db: Database.Database, file: string, pause: () => void): string | undefined {
  try {
    makeFolder(dirname(file));
    const target = copied(db, newFile(file));
    pause();
    return whatIsAt(target) && target;
  } catch {
    // The folder is gone or is full: there is another place.
    return undefined;
  }
}

function elsewhere(db: Database.Database, file: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'saved-ipc-sweep-'));
  return copied(db, newFile(join(folder, basename(file))));
}

function copied(db: Database.Database, target: string): string {
  try {
    db.prepare('VACUUM INTO ?').run(target);
    return target;
  } catch (error) {
    rmSync(target, { force: true });
    throw error;
  }
}

/** Creates an empty file under the first free name, without following links. */
function newFile(file: string): string {
  for (let at = 0; ; at++) {
    const name = at === 0 ? file : `${file}.saved${at === 1 ? '' : `-${at}`}`;
    try {
      closeSync(openSync(name, 'wx', 0o644));
      return name;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || at === MOST_NAMES) throw error;
    }
  }
}
