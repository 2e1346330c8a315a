import { closeSync, openSync, readSync } from 'node:fs';

/** Ignores the reported size, because a pipe or a device has none and may never end. */
export function readAtMost(path: string, most: number): Buffer {
  const file = openSync(path, 'r');
  try {
    return readOpen(file, most);
  } finally {
    closeSync(file);
  }
}

/** Works like {@link readAtMost}, for standard input. */
export function readStandardInput(most: number): Buffer {
  return readOpen(0, most);
}

/** The pause between two attempts to read a standard input that is set not to block. */
const PAUSE_MS = 10;

function readOpen(file: number, most: number): Buffer {
  const bytes = Buffer.alloc(most);
  let length = 0;
  while (length < most) {
    try {
      const read = readSync(file, bytes, length, most - length, null);
      if (read === 0) break;
      length += read;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
  return bytes.subarray(0, length);
}
