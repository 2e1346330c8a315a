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
 * Sees to it that a name is free, or leads to an ordinary file with no other name. A link would be
 * followed, perhaps as root, to wherever somebody who may write here likes; a fifo would be waited
 * on for ever.
 * @returns what is there, if anything
 * @throws UserError saying what stands there instead
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

/** As {@link requirePlain}, for what is read only: other names do no harm. */
export function requireRegular(path: string, hint: string): Stats | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats && !stats.isFile()) {
    throw new UserError(`${path} is ${kindOf(stats)}`, { hint, exitCode: ExitCode.machine });
  }
  return stats;
}

/** What stands where a file was expected, as a message says it. */
export function kindOf(stats: Stats): string {
  if (stats.isSymbolicLink()) return 'a symbolic link, which is not followed';
  if (stats.isDirectory()) return 'a folder, not a file';
  if (stats.isFIFO()) return 'a named pipe (fifo), not a file';
  if (stats.isSocket()) return 'a socket, not a file';
  return 'a device, not a file';
}

/**
 * The beginning of an ordinary file. Neither follows a link nor waits for a fifo.
 * @returns undefined where there is no such file
 */
export function readPlain(path: string, mostBytes: number): Buffer | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    // FreeBSD says EMLINK for a link, and Linux ENXIO for a socket.
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
