import { type BigIntStats, lstatSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ExitCode, UserError } from '../../errors.ts';
import type { Db } from '../db.ts';
import { guarded, openForReading } from '../open.ts';
import { openUntouched } from '../open-untouched.ts';
import { recognise } from '../recognise.ts';
import { storageError } from '../storage-errors.ts';
import { SameConditions } from './joinable.ts';
import type { MergeSetting } from './merge.ts';
import { requireWhole } from './require-whole.ts';

/** A database to be merged, which has been checked. */
export interface CheckedInput {
  readonly file: string;
  /** A text that changes as soon as the file, or one that SQLite keeps beside it, is written to. */
  readonly stamp: string;
}

/**
 * Checks databases that are to be merged, and with `asOne` whether their sweeps can be joined with each
 * other's and with those of the output. Nothing is written.
 * @throws UserError naming those that cannot be merged
 */
export function checkInputs(
  files: readonly string[],
  output: string,
  { asOne }: Pick<MergeSetting, 'asOne'>,
): readonly CheckedInput[] {
  requireOtherFile(files, output);
  const there = guarded(output, () => recognise(output, 'read')) && asOne;
  const joined = there ? openForReading(output) : undefined;
  try {
    const same = new SameConditions();
    if (joined) same.addOutput(joined, output);
    const refused: UserError[] = [];
    const checked = files.map((file) => {
      const stamp = stampOf(file);
      try {
        reading(file, (db) => {
          requireWhole(db, file);
          if (asOne) same.addInput(db, joined, file);
        });
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        refused.push(error);
      }
      return { file, stamp };
    });
    if (refused.length > 0) throw refusalOf(refused, files.length);
    return checked;
  } finally {
    joined?.close();
  }
}

/** The most databases that a message names. */
const MOST_NAMED = 30;

function refusalOf(refused: readonly UserError[], inputs: number): UserError {
  const [first, ...others] = refused;
  if (first !== undefined && others.length === 0) return first;
  const more = refused.length - MOST_NAMED;
  const lines = [
    `${refused.length} of ${inputs} databases cannot be merged`,
    ...refused.slice(0, MOST_NAMED).map(({ message }) => `  ${message}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
  const hint = first?.hint ?? '';
  return new UserError(lines.join('\n'), {
    hint: refused.every((each) => each.hint === hint)
      ? hint
      : 'nothing was written: leave them out, or `ipc-sweep doctor --db FILE` saves in a new file what can be read of one',
    exitCode: ExitCode.machine,
  });
}

/** Reads a checked database. @throws UserError when it has changed since */
export function readInput<T>({ file, stamp }: CheckedInput, read: (db: Db) => T): T {
  return reading(file, (db) => {
    // The database is open, so whoever writes to it now does not change what is read.
    if (stampOf(file) === stamp) return read(db);
    throw new UserError(`${file} has changed since it was checked`, {
      hint: 'merge again when nobody is writing to it',
      exitCode: ExitCode.machine,
    });
  });
}

function reading<T>(file: string, read: (db: Db) => T): T {
  const { db, close } = openUntouched(file);
  try {
    return read(db);
  } catch (error) {
    throw storageError(file, error);
  } finally {
    close();
  }
}

function stampOf(file: string): string {
  const parts = ['', '-wal', '-journal'].map((side) => {
    const stats = statsOf(file + side);
    return stats && [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(':');
  });
  return parts.join(' ');
}

/** Makes sure that none of the inputs is the output, by whatever name. @throws UserError naming both */
function requireOtherFile(inputs: readonly string[], output: string): void {
  const there = statsOf(output);
  for (const file of inputs) {
    const stats = statsOf(file);
    const isSame =
      placeOf(file) === placeOf(output) ||
      (stats && there && stats.ino === there.ino && stats.dev === there.dev);
    if (!isSame) continue;
    const also = file === output ? '' : `, which is the same file as ${output},`;
    throw new UserError(`${file}${also} cannot be merged into itself`, {
      hint: 'name another file with -o; the inputs stay as they are',
    });
  }
}

function statsOf(file: string): BigIntStats | undefined {
  return guarded(file, () => lstatSync(file, { bigint: true, throwIfNoEntry: false }));
}

/** A file's absolute path without links in the folders, whether it is there or not. */
function placeOf(file: string): string {
  try {
    return join(realpathSync(dirname(file)), file.split('/').at(-1) ?? '');
  } catch {
    return file;
  }
}
