import { release, type } from 'node:os';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ownVersion } from '../own-version.ts';

export interface BugContext {
  readonly version: string;
  readonly nodeVersion: string;
  /** A text such as `Linux 6.1.0 x64`. */
  readonly system: string;
  /** The command line after the program's name. */
  readonly words: readonly string[];
  readonly home: string;
  readonly workingFolder: string;
  /** The folder where ipc-sweep itself is installed. */
  readonly ownFolder: string;
}

/**
 * Writes a report about a bug: the version, the system, the command and the stack. The names of
 * files, hosts and sweeps are taken out of the command, and the user's folders out of the stack. An
 * error's own message may still hold a name, so the text asks to be looked through.
 */
export function bugReport(error: unknown, context: BugContext): string {
  const { version, nodeVersion, system, words } = context;
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [
    'ipc-sweep: this is a bug. Please report it with these lines, once you have looked through them:',
    '',
    `ipc-sweep ${version}, Node.js ${nodeVersion}, ${system}`,
    `command: ipc-sweep ${words.map(withoutNames).join(' ')}`.trimEnd(),
    withoutFolders(stack, context),
  ].join('\n');
}

/** Keeps a command's name and its options. A value is replaced, but its file extension stays. */
function withoutNames(word: string, at: number): string {
  if (at === 0 && /^[a-z][a-z-]*$/.test(word)) return word;
  if (/^--?[a-z][a-z-]*$/.test(word) || /^\d{1,9}$/.test(word)) return word;
  const [, option] = /^(--[a-z][a-z-]*=)/.exec(word) ?? [];
  if (option !== undefined) return `${option}...`;
  const extension = extname(word);
  return /^\.[A-Za-z0-9]{1,8}$/.test(extension) ? `...${extension}` : '...';
}

function withoutFolders(text: string, context: BugContext): string {
  // The longest first, because one may be inside another.
  const folders = [
    [context.ownFolder, '<ipc-sweep>'],
    [context.workingFolder, '<folder>'],
    [context.home, '<home>'],
  ] as const;
  return [...folders]
    .filter(([folder]) => folder.length > 1)
    .sort(([a], [b]) => b.length - a.length)
    .reduce((left, [folder, name]) => left.replaceAll(folder.replace(/\/$/, ''), name), text);
}

/** {@link bugReport} about this process. */
export function ownBugReport(
  error: unknown,
  words: readonly string[],
  workingFolder: string,
): string {
  return bugReport(error, {
    version: ownVersion(),
    nodeVersion: process.version,
    system: `${type()} ${release()} ${process.arch}`,
    words,
    home: process.env.HOME ?? '',
    workingFolder,
    ownFolder: fileURLToPath(new URL('../..', import.meta.url)),
  });
}
