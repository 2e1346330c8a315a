import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, relative, sep } from 'node:path';
import { UserError } from '../../errors.ts';
import { readAtMost } from '../../experiment/read-at-most.ts';

export interface ScriptFile {
  readonly path: string;
  readonly name: string;
  readonly text: string;
}

const MOST_BYTES = 1024 * 1024;
/** With these policies nothing is printed while the script runs, not even that it is attached. */
const SILENT = /^[ \t]*#[ \t]*pragma[ \t]+D[ \t]+option[ \t]+bufpolicy[ \t]*=[ \t]*(ring|fill)\b/m;

/**
 * Reads the scripts of a spec, once: the text that is read here is what runs and what is stored.
 * @param paths absolute
 * @throws UserError for one that can't be read, is not a file, or is named twice
 */
export function readScriptFiles(paths: readonly string[]): readonly ScriptFile[] {
  const seen = new Map<string, string>();
  const texts = paths.map((path) => {
    const text = readScriptFile(path);
    const real = realpathSync(path);
    const before = seen.get(real);
    if (before !== undefined) {
      const same = before === path ? 'twice' : `twice, also as ${before}`;
      throw new UserError(`trace.scripts names ${path} ${same}`, {
        hint: 'each script is attached once to every run: leave one out',
      });
    }
    seen.set(real, path);
    return text;
  });
  return paths.map((path, at) => ({
    path,
    name: nameAmong(path, paths),
    text: texts[at] ?? '',
  }));
}

function readScriptFile(path: string): string {
  const refuse = (why: string, hint: string) =>
    new UserError(`the script ${path} ${why}`, { hint });
  const named = "scripts are named relative to the spec's folder";
  let bytes: Buffer;
  try {
    const found = statSync(path);
    if (found.isDirectory()) throw refuse('is a folder; expected a .d or .bt file', named);
    // Opening a fifo would wait for ever.
    if (!found.isFile()) throw refuse('is no file', named);
    bytes = readAtMost(path, MOST_BYTES + 1);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw refuse(`cannot be read: ${(error as Error).message}`, named);
  }
  if (bytes.length > MOST_BYTES) throw refuse(`is longer than ${MOST_BYTES} bytes`, named);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refuse('is not valid UTF-8', '`iconv -f latin1 -t utf-8` converts an older file');
  }
  const silent = path.endsWith('.d') ? SILENT.exec(text)?.[1] : undefined;
  if (silent !== undefined) {
    throw refuse(
      `sets bufpolicy=${silent}, under which dtrace prints nothing before it ends`,
      'leave the option out: nobody could tell when the script is attached',
    );
  }
  return text;
}

/** Returns a file's name, plus the folders that differ if other files have the same name. */
export function nameAmong(path: string, paths: readonly string[]): string {
  const alike = paths.filter((other) => basename(other) === basename(path));
  if (alike.length === 1) return basename(path);
  let shared = dirname(path);
  while (!alike.every((other) => other.startsWith(shared === sep ? sep : shared + sep))) {
    shared = dirname(shared);
  }
  return relative(shared, path);
}
