import type { Host } from './host.ts';
import { runSmall } from './run-small.ts';

/** The hint for a program of ours that was built where nothing can be run. */
export const NO_EXECUTION_HINT =
  'set XDG_CACHE_HOME to a folder on a file system from which programs can be run';

/** A mounted file system: where it is mounted, and how. */
export interface Mount {
  readonly folder: string;
  /** The type, such as `ext4`; empty if the table of mounts does not have it. */
  readonly type: string;
  readonly options: readonly string[];
}

/**
 * Pure function: finds the mount that a file is on; undefined if the table does not tell.
 * @param real its path, with every link resolved
 */
export function mountOf(real: string, table: string): Mount | undefined {
  const above = mountsIn(table).filter(
    ({ folder }) => folder === '/' || real === folder || real.startsWith(`${folder}/`),
  );
  // If several are mounted at one place, the last one covers the others.
  return above.reduce<Mount | undefined>(
    (best, mount) => (best && best.folder.length > mount.folder.length ? best : mount),
    undefined,
  );
}

/** Explains why a program may not be run where it is; undefined if nothing forbids it. */
export async function noExecution(host: Host, path: string): Promise<string | undefined> {
  const table = await host.readFile('/proc/self/mounts');
  const text = table?.toString('utf8') ?? (await runSmall(host, { words: ['mount'] })).stdout;
  const mount = mountOf((await host.realPath(path)) ?? path, text);
  return mount?.options.includes('noexec')
    ? `${mount.folder} is mounted noexec: nothing in it can be run`
    : undefined;
}

/** Reads `/proc/self/mounts`, or what mount(8) prints on other systems. */
export function mountsIn(table: string): readonly Mount[] {
  return table.split('\n').flatMap((line) => {
    const bsd = /^.+? on (\/.*) \(([^()]*)\)$/.exec(line);
    const linux = /^\S+ (\/\S*) (\S+) (\S+) \d+ \d+$/.exec(line);
    const folder = (bsd ?? linux)?.[1];
    const options = bsd?.[2] ?? linux?.[3];
    if (folder === undefined || options === undefined) return [];
    const plain = bsd
      ? folder
      : folder.replace(/\\([0-7]{3})/g, (_, octal: string) =>
          String.fromCharCode(Number.parseInt(octal, 8)),
        );
    return [{ folder: plain, type: linux?.[2] ?? '', options: options.split(/, ?/) }];
  });
}
