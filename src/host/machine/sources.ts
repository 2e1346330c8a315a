import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { requireStart } from '../start-failure.ts';

/** Where facts about a machine come from. Tests pass a folder and recorded answers. */
export interface Sources {
  readonly platform: NodeJS.Platform;
  readonly architecture: string;
  /** Prefix of the absolute paths that are read; empty for this machine. */
  readonly root: string;
  /** A command's standard output, or undefined when it is absent, fails or takes too long. Throws
   * a UserError when this machine starts no command at all. */
  readonly ask: (program: string, args: readonly string[]) => Promise<string | undefined>;
}

/** What a file or a setting says, by a key in lower_snake_case with its unit. */
export type Facts = ReadonlyMap<string, string>;

/** A fact that may be unknown here. */
export type Found = readonly [key: string, value: string | number | undefined];

/** Against a command that hangs; on a busy machine one that answers may take seconds. */
const ASK_MS = 10_000;

export const THIS_MACHINE: Sources = {
  platform: process.platform,
  architecture: process.arch,
  root: '',
  async ask(program, args) {
    const asked = await execa(program, args, {
      reject: false,
      stdin: 'ignore',
      stderr: 'ignore',
      timeout: ASK_MS,
      maxBuffer: 1 << 20,
      env: { LC_ALL: 'C' },
    });
    requireStart(program, asked);
    return asked.failed ? undefined : asked.stdout;
  },
};

/** A small file's text without blanks around it; undefined when it is absent, unreadable or empty. */
export function readText({ root }: Pick<Sources, 'root'>, path: string): string | undefined {
  try {
    return readFileSync(root + path, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

/** A file that holds one whole number. */
export function readNumber(sources: Pick<Sources, 'root'>, path: string): number | undefined {
  const text = readText(sources, path);
  return text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Paths of a folder's entries whose names match, numbers in their order; none when it is absent. */
export function listPaths(
  { root }: Pick<Sources, 'root'>,
  folder: string,
  name: RegExp,
): readonly string[] {
  try {
    return readdirSync(root + folder)
      .filter((entry) => name.test(entry))
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
      .map((entry) => join(folder, entry));
  } catch {
    return [];
  }
}

/** `NAME: VALUE` lines, as sysctl prints them. */
export function settingsIn(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const [, name, value] = /^([\w.%-]+): ?(.*)$/.exec(line) ?? [];
      return name !== undefined && value ? [[name, value.trim()] as const] : [];
    }),
  );
}
