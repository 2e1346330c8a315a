import { lstatSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CHAPTERS } from './definitions.ts';
import { type FolderDatabase, isFolderOf, MARK } from './folder-mark.ts';
import { isWritten } from './safe-file.ts';

/** The folder within a sweep's folder to which `plot` writes. */
const FIGURES = 'figures';

export type Removed =
  | { readonly state: 'absent' }
  | { readonly state: 'kept'; readonly reason: string }
  /** `left` has the names of files that ipc-sweep does not write, and that stay. */
  | { readonly state: 'removed'; readonly files: number; readonly left: readonly string[] };

/**
 * Removes the files that ipc-sweep has written to a sweep's folder, and the folder if nothing else
 * is in it. No link is followed.
 */
export function removeWritten(folder: string, source: FolderDatabase): Removed {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  if (stats === undefined) return { state: 'absent' };
  if (!stats.isDirectory()) return { state: 'kept', reason: 'it is not a folder' };
  if (!isFolderOf(folder, source)) {
    return { state: 'kept', reason: 'it is not marked as a folder of this database' };
  }
  try {
    return removeOurs(folder);
  } catch (error) {
    const { syscall, message } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    // It cannot be written, is in use, or others put files into it or remove it at the same time.
    return { state: 'kept', reason: message };
  }
}

function removeOurs(folder: string): Removed {
  const figures = join(folder, FIGURES);
  const inFigures = lstatSync(figures, { throwIfNoEntry: false })?.isDirectory()
    ? removeFiles(figures, figuresIn(figures))
    : { files: 0, left: [] };
  const tables = Object.values(CHAPTERS).flat();
  const own = removeFiles(
    folder,
    new Set(['', 'datapackage', 'report', basename(folder), ...tables.map(({ name }) => name)]),
  );
  return {
    state: 'removed',
    files: own.files + inFigures.files,
    left: [...own.left, ...inFigures.left.map((name) => join(FIGURES, name))].filter(
      (name) => name !== FIGURES,
    ),
  };
}

/** Beside the drawings of a figure is its Vega-Lite spec. */
function figuresIn(folder: string): ReadonlySet<string> {
  const specs = readdirSync(folder).filter((name) => name.endsWith('.vl.json'));
  return new Set(specs.map((name) => name.replace(/\.vl\.json$/, '')));
}

/** @param bases the names of our files without their extensions; the mark has an empty one */
function removeFiles(
  folder: string,
  bases: ReadonlySet<string>,
): { readonly files: number; readonly left: readonly string[] } {
  const ours = readdirSync(folder, { withFileTypes: true }).filter((entry) => {
    const { name } = entry;
    const isKnown = bases.has(name.replace(/(?:\.vl)?\.[\w-]+$/, ''));
    return entry.isFile() && isKnown && (name === MARK || isWritten(name));
  });
  for (const { name } of ours) rmSync(join(folder, name), { force: true });
  const left = readdirSync(folder);
  if (left.length === 0) rmdirSync(folder);
  return { files: ours.length, left };
}
