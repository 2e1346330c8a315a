import { closeSync, lstatSync, mkdtempSync, openSync, rmSync, type Stats } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type Database from 'better-sqlite3';
import { ExitCode, UserError } from '../errors.ts';
import { makeFolder } from '../host/make-folder.ts';
import { tidyUp } from './tidy-up.ts';

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
  let sides: readonly Side[] = [];
  return () => {
    const now = whatIsAt(file);
    if (isSame(now, opened)) {
      // SQLite makes them with the first change, and keeps them to the end.
      if (sides.length === 0) sides = sidesOf(file);
      return;
    }
    const what = now ? 'replaced by another file' : 'deleted';
    const target = inItsPlace(db, file, pause) ?? elsewhere(db, file, what);
    removeSides(sides);
    const again = target === file ? '`run` again' : `\`run\` again with --db ${target}`;
    throw new UserError(
      `the database ${file} was ${what} during the sweep; what was stored is saved in ${target}`,
      { hint: `${again} goes on from there`, exitCode: ExitCode.machine },
    );
  };
}

function isSame(now: Stats | undefined, before: Stats | undefined): boolean {
  return now !== undefined && now.ino === before?.ino && now.dev === before.dev;
}

/** A file that SQLite keeps beside a database while it is open. */
interface Side {
  readonly path: string;
  readonly stats: Stats;
}

function sidesOf(file: string): readonly Side[] {
  return ['-wal', '-shm'].flatMap((end) => {
    const stats = whatIsAt(file + end);
    return stats === undefined ? [] : { path: file + end, stats };
  });
}

/**
 * Removes what SQLite keeps beside the old database. While somebody reads that one, it stays when
 * this process closes it; whoever opens the file that is now there would then take what was stored
 * last in the old one for a part of the new one.
 */
function removeSides(sides: readonly Side[]): void {
  for (const { path, stats } of sides) {
    if (isSame(whatIsAt(path), stats)) tidyUp(() => rmSync(path, { force: true }));
  }
}

function whatIsAt(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch {
    // It can no longer be reached: a file may be where its folder was.
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

/** @throws UserError when there is no place for it, because it is lost when this process ends */
function elsewhere(db: Database.Database, file: string, what: string): string {
  let reason = '';
  for (const place of [tmpdir(), homedir()]) {
    let folder: string | undefined;
    try {
      folder = mkdtempSync(join(place, 'saved-ipc-sweep-'));
      return copied(db, newFile(join(folder, basename(file))));
    } catch (error) {
      reason = (error as Error).message;
      const made = folder;
      if (made !== undefined) tidyUp(() => rmSync(made, { recursive: true }));
    }
  }
  throw new UserError(
    `the database ${file} was ${what} during the sweep, and what was stored cannot be saved beside it, among the temporary files, or in the home folder: ${reason}`,
    {
      hint: 'unless the file was only moved, it is lost: make room, or set TMPDIR to a folder that has some, and `run` makes the runs again',
      exitCode: ExitCode.machine,
    },
  );
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
