import type { Host } from '../host.ts';
import { requireStart } from '../start-failure.ts';

/** The place where facts about a machine come from. Tests pass files and recorded answers. */
export interface FactSources {
  readonly platform: NodeJS.Platform;
  /** Reads a small file's trimmed text; undefined if it is absent, unreadable or empty. */
  readonly readText: (path: string) => Promise<string | undefined>;
  /** Lists the names in a folder; empty if it is absent. */
  readonly list: (folder: string) => Promise<readonly string[]>;
  /** Returns a command's standard output; undefined if it is absent, fails or takes too long. */
  readonly ask: (program: string, args: readonly string[]) => Promise<string | undefined>;
}

/** The values of files and settings, by a key in lower_snake_case with its unit. */
export type MachineFacts = ReadonlyMap<string, string>;

/** A fact that may be unknown here. */
export type Found = readonly [key: string, value: string | number | undefined];

/** Protects against a command that hangs; on a busy machine an answer may take seconds. */
const ASK_MS = 10_000;
const LONGEST_FILE = 64 * 1024;
const LONGEST_ANSWER = 1 << 20;

/** Returns the sources that ask a host about itself. */
export function sourcesOf(host: Host): FactSources {
  return {
    platform: host.machine.platform,
    async readText(path) {
      return (await host.readFile(path, LONGEST_FILE))?.toString('utf8').trim() || undefined;
    },
    list: (folder) => host.list(folder),
    async ask(program, args) {
      const { end, stdout } = await host.run({
        words: [program, ...args],
        environment: systemEnvironment(host.machine),
        deadlineMs: ASK_MS,
        outputLimits: { stdout: LONGEST_ANSWER, stderr: LONGEST_ANSWER },
        lingerMs: 0,
      });
      if (end.kind === 'not-started') requireStart(program, end);
      return end.kind === 'exited' && end.exitCode === 0
        ? stdout.toString('utf8').trim()
        : undefined;
    },
  };
}

/** The environment for the system's tools; some of them are in sbin. */
export function systemEnvironment({ path }: Host['machine']): Readonly<Record<string, string>> {
  return { PATH: `${path || '/usr/bin:/bin'}:/usr/sbin:/sbin`, LC_ALL: 'C' };
}

/** Reads a file that holds one whole number. */
export async function readNumber(sources: FactSources, path: string): Promise<number | undefined> {
  return wholeNumber(await sources.readText(path));
}

export function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Returns the paths of a folder's matching entries in numeric order; empty if it is absent. */
export async function listPaths(
  sources: FactSources,
  folder: string,
  name: RegExp,
): Promise<readonly string[]> {
  return [...(await sources.list(folder))]
    .filter((entry) => name.test(entry))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((entry) => `${folder}/${entry}`);
}

/** Reads `NAME: VALUE` lines, as sysctl prints them. */
export function settingsIn(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const [, name, value] = /^([\w.%-]+): ?(.*)$/.exec(line) ?? [];
      return name !== undefined && value ? [[name, value.trim()] as const] : [];
    }),
  );
}
