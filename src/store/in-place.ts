import { existsSync, mkdirSync, mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type Database from 'better-sqlite3';
import { ExitCode, UserError } from '../errors.ts';

/**
 * A check that a database's file is still the one that was opened. SQLite goes on writing to a file
 * that has been deleted, and all of it is gone when the program ends; until then it can be saved.
 */
export function inPlace(db: Database.Database, file: string): () => void {
  const opened = statSync(file);
  return () => {
    const now = statSync(file, { throwIfNoEntry: false });
    if (now?.ino === opened.ino && now.dev === opened.dev) return;
    const target = freeName(placeFor(file));
    db.prepare('VACUUM INTO ?').run(target);
    const what = now ? 'replaced by another file' : 'deleted';
    const again = target === file ? '`run` again' : `\`run\` again with --db ${target}`;
    throw new UserError(
      `the database ${file} was ${what} during the sweep; what was stored is saved in ${target}`,
      { hint: `${again} goes on from there`, exitCode: ExitCode.machine },
    );
  };
}

/** Its own place; a folder of its own among the temporary files when the working folder is gone. */
function placeFor(file: string): string {
  try {
    mkdirSync(dirname(file), { recursive: true });
    return file;
  } catch {
    return join(mkdtempSync(join(tmpdir(), 'saved-ipc-sweep-')), basename(file));
  }
}

function freeName(file: string): string {
  for (let at = 0; ; at++) {
    const name = at === 0 ? file : `${file}.saved${at === 1 ? '' : `-${at}`}`;
    if (!existsSync(name)) return name;
  }
}
