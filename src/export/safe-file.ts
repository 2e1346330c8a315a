import { lstatSync, readdirSync, statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ExitCode, UserError } from '../errors.ts';
import { makeFolder } from '../host/make-folder.ts';
import { kindOf, requireRegular } from '../host/plain-file.ts';
import { isProcessAlive } from '../host/scratch.ts';

const WRITTEN = /\.(?:csv|json|xlsx|parquet|md|adoc|tex|svg|png|pdf|html|folded)$/;
/** A file of ours that is being written, with the id of the writing process. */
const DRAFT = /\.ipc-sweep-(\d+)\.partial$/;

/** Whether a name in a sweep's folder is that of a file that may be ours. */
export function isWritten(name: string): boolean {
  return WRITTEN.test(name);
}

/** The complete content of a file, or a function that writes it. */
export type Content = string | Uint8Array | ((file: Writable) => Promise<void>);

/**
 * Prepares a folder for writing, and lets `write` do it. A folder that is a symbolic link is not
 * followed; drafts that a killed process has left in it are removed.
 * @param what what is written there, for the message, such as `the CSV files`
 * @throws UserError when the folder or a file in it cannot be written
 */
export async function writeFolder<Written>(
  folder: string,
  what: string,
  write: () => Promise<Written>,
): Promise<Written> {
  try {
    makeFolder(folder);
    refuseLink(folder);
    await removeStaleDrafts(folder);
    return await write();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new UserError(`cannot write ${what} in ${folder}: ${(error as Error).message}`, {
      hint: 'check the folder, its permissions, its free space and the limit on files (ulimit -f); what was measured is in the database, and `ipc-sweep export` writes it out',
      exitCode: ExitCode.machine,
    });
  }
}

/**
 * Writes a file that appears once it is complete, replacing an older one or a link.
 * @throws UserError when the name is that of a device: root would put a file in place of /dev/null
 */
export async function writeWhole(path: string, content: Content): Promise<void> {
  refuseDevice(path);
  const draft = `${path}.ipc-sweep-${process.pid}.partial`;
  // Only a new file: never somebody else's, and never the target of a link.
  const handle = await open(draft, 'wx');
  try {
    const file = handle.createWriteStream();
    await (typeof content === 'function'
      ? content(file)
      : pipeline(Readable.from([content]), file));
    await rename(draft, path);
  } catch (error) {
    await handle.close();
    await rm(draft, { force: true });
    throw error;
  }
}

/**
 * Checks files that a user has named for output, before the work for them is done. An ordinary file
 * will be replaced; a link or a fifo is there for another purpose.
 * @throws UserError that names what is there instead
 */
export function requireReplaceable(paths: readonly (string | undefined)[]): void {
  for (const path of paths) {
    if (path !== undefined) requireRegular(path, REPLACED);
  }
}

const REPLACED = 'name a file to be written; it takes the place of an older one';

function refuseDevice(path: string): void {
  const there = statSync(path, { throwIfNoEntry: false });
  if (!there?.isCharacterDevice() && !there?.isBlockDevice()) return;
  throw new UserError(`${path} is ${kindOf(there)}`, {
    hint: REPLACED,
    exitCode: ExitCode.machine,
  });
}

function refuseLink(folder: string): void {
  if (!lstatSync(folder).isSymbolicLink()) return;
  throw new UserError(`${folder} is a symbolic link, which is not followed`, {
    hint: 'remove it, or name the folder itself: ipc-sweep export --out FOLDER',
    exitCode: ExitCode.machine,
  });
}

/** Removes drafts left by a killed process, or planted under our own process id. */
async function removeStaleDrafts(folder: string): Promise<void> {
  for (const name of readdirSync(folder)) {
    const writer = Number(DRAFT.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(writer) || (writer !== process.pid && isProcessAlive(writer))) continue;
    await rm(join(folder, name), { force: true });
  }
}
