import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  type Stats,
} from 'node:fs';
import { ExitCode, UserError } from '../errors.ts';

/**
 * Makes sure that a name is free, or leads to an ordinary file with no other name. A link would be
 * followed, perhaps as root, to any place chosen by somebody who may write here; opening a fifo
 * would wait for ever.
 * @returns what is there, if anything
 * @throws UserError that names what is there instead
 */
export function requirePlain(path: string, hint: string): Stats | undefined {
  const stats = requireRegular(path, hint);
  if (stats && stats.nlink > 1) {
    throw new UserError(
      `${path} has ${stats.nlink} names (hard links): what is written to it would appear under the others, too`,
      { hint, exitCode: ExitCode.machine },
    );
  }
  return stats;
}

/** Works like {@link requirePlain}, for files that are only read: other names do no harm there. */
export function requireRegular(path: string, hint: string): Stats | undefined {
  const stats = look(path);
  if (stats && !stats.isFile()) {
    throw new UserError(`${path} is ${kindOf(stats)}`, { hint, exitCode: ExitCode.machine });
  }
  return stats;
}

/** Fails where no file can be: below something that is no folder, or where nobody may look. */
function look(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw new UserError(`cannot use ${path}: ${(error as Error).message}`, {
      hint: 'check the name, and the folders in it',
      exitCode: ExitCode.machine,
    });
  }
}

/** Names what is in the place where a file was expected, for a message. */
export function kindOf(stats: Stats): string {
  if (stats.isSymbolicLink()) return 'a symbolic link, which is not followed';
  if (stats.isDirectory()) return 'a folder, not a file';
  if (stats.isFIFO()) return 'a named pipe (fifo), not a file';
  if (stats.isSocket()) return 'a socket, not a file';
  return 'a device, not a file';
}

/**
 * Reads the beginning of an ordinary file. It neither follows a link nor waits for a fifo.
 * @returns undefined if there is no such file
 */
export function readPlain(path: string, mostBytes: number): Buffer | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    // FreeBSD returns EMLINK for a link, and Linux returns ENXIO for a socket.
    if (['ENOENT', 'ELOOP', 'EMLINK', 'ENXIO'].includes((error as { code: string }).code)) {
      return undefined;
    }
    throw error;
  }
  try {
    if (!fstatSync(file).isFile()) return undefined;
    const bytes = Buffer.alloc(mostBytes);
    let length = 0;
    for (;;) {
      const read = readSync(file, bytes, length, mostBytes - length, length);
      length += read;
      if (read === 0 || length === mostBytes) return bytes.subarray(0, length);
    }
  } finally {
    closeSync(file);
  }
}
