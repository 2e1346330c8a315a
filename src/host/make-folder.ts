import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and any missing ones above it, one after the other. Node's own recursive mkdir
 * tries for ever if the system answers ENOENT to every name, as it does below /proc.
 * @throws an error with `code` and `syscall`, like the functions of node:fs
 */
export function makeFolder(path: string, mode = 0o777): void {
  for (const folder of missingFolders(path).reverse()) makeOne(folder, mode);
}

/** Lists the missing folders, the deepest first. */
function missingFolders(path: string): string[] {
  const missing: string[] = [];
  for (let at = path; !isFolder(at); at = dirname(at)) {
    missing.push(at);
    if (dirname(at) === at) break;
  }
  return missing;
}

function makeOne(folder: string, mode: number): void {
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Another process has made it in the meantime.
    if (code === 'EEXIST' && isFolder(folder)) return;
    if (code !== 'ENOENT') throw error;
    throw Object.assign(new Error(`no folder can be made in ${dirname(folder)}`), {
      code,
      syscall: 'mkdir',
      path: folder,
    });
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
