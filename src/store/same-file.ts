import { closeSync, lstatSync, mkdtempSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type Database from 'better-sqlite3';
import { ExitCode, UserError } from '../errors.ts';
import { makeFolder } from '../host/make-folder.ts';

/**
 * Returns a check that a database's file is still the one that was opened. SQLite goes on writing
 * to a file that has been deleted, and everything is lost when the program ends; until then it can
 * be saved.
 */
export function sameFileCheck(db: Database.Database, file: string): () => void {
  const opened = lstatSync(file);
  return () => {
    const now = lstatSync(file, { throwIfNoEntry: false });
    if (now?.ino === opened.ino && now.dev === opened.dev) return;
    const target = newFile(placeFor(file));
    db.prepare('VACUUM INTO ?').run(target);
    const what = now ? 'replaced by another file' : 'deleted';
    const again = target === file ? '`run` again' : `\`run\` again with --db ${target}`;
    throw new UserError(
      `the database ${file} was ${what} during the sweep; what was stored is saved in ${target}`,
      { hint: `${again} goes on from there`, exitCode: ExitCode.machine },
    );
  };
}

const MOST_NAMES = 1000;

/**
 * The file's own place, or a new folder among the temporary files if the working folder is gone.
 */
function placeFor(file: string): string {
  try {
    makeFolder(dirname(file));
    return file;
  } catch {
    return join(mkdtempSync(join(tmpdir(), 'saved-ipc-sweep-')), basename(file));
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
