import type { Host } from '../host.ts';

/** Where facts about a machine come from. Tests pass files and recorded answers. */
export interface Sources {
  readonly platform: NodeJS.Platform;
  /** A small file's text without blanks around it; undefined when it is absent, unreadable or empty. */
  readonly readText: (path: string) => Promise<string | undefined>;
  /** Names in a folder; none when it is absent. */
  readonly list: (folder: string) => Promise<readonly string[]>;
  /** A command's standard output, or undefined when it is absent, fails or takes too long. */
  readonly ask: (program: string, args: readonly string[]) => Promise<string | undefined>;
}

/** What a file or a setting says, by a key in lower_snake_case with its unit. */
export type Facts = ReadonlyMap<string, string>;

/** A fact that may be unknown here. */
export type Found = readonly [key: string, value: string | number | undefined];

/** No fact is worth a longer wait. */
const ASK_MS = 1000;
const LONGEST_FILE = 64 * 1024;
const LONGEST_ANSWER = 1 << 20;

/** What a host says of itself. */
export function sourcesOf(host: Host): Sources {
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
      return end.kind === 'exited' && end.exitCode === 0
        ? stdout.toString('utf8').trim()
        : undefined;
    },
  };
}

/** What the system's tools are started with; some of them live in sbin. */
export function systemEnvironment({ path }: Host['machine']): Readonly<Record<string, string>> {
  return { PATH: `${path || '/usr/bin:/bin'}:/usr/sbin:/sbin`, LC_ALL: 'C' };
}

/** A file that holds one whole number. */
export async function readNumber(sources: Sources, path: string): Promise<number | undefined> {
  return wholeNumber(await sources.readText(path));
}

export function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Paths of a folder's entries whose names match, numbers in their order; none when it is absent. */
export async function listPaths(
  sources: Sources,
  folder: string,
  name: RegExp,
): Promise<readonly string[]> {
  return [...(await sources.list(folder))]
    .filter((entry) => name.test(entry))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((entry) => `${folder}/${entry}`);
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
