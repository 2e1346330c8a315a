import { posix } from 'node:path';
import type { Host } from './host.ts';

/** The facts that decide who can change a part of a path. */
export interface PathPart {
  readonly mode: number;
  /** The user who owns it. */
  readonly user: number;
}

const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_ALL = 0o002;
const STICKY = 0o1000;

/**
 * Pure function: tells whether somebody other than a user and root could replace what is there.
 * @param isFile true for the end of the path, false for a folder above it
 * @param groupTrusted the members of its group are trusted as much as the user is
 */
export function isOpenToOthers(
  { mode, user: owner }: PathPart,
  user: number,
  isFile: boolean,
  groupTrusted = false,
): boolean {
  const others = groupTrusted ? WRITABLE_BY_ALL : WRITABLE_BY_ALL | WRITABLE_BY_GROUP;
  // In a sticky folder only an owner can rename or remove, and the owners are checked too.
  const shared = (mode & others) !== 0 && (isFile || (mode & STICKY) === 0);
  return shared || (owner !== user && owner !== 0);
}

/**
 * Returns the first part of a path on a host, from the file up to `/`, through which somebody other
 * than its agent's user and root could put another file in its place; undefined when there is none.
 * While there is none, nobody else can create one either.
 * @param path with every link in it resolved
 */
export async function changeableByOthersOn(host: Host, path: string): Promise<string | undefined> {
  const { user } = host.machine;
  for (let at = path; ; at = posix.dirname(at)) {
    const found = await host.stat(at, false);
    if (found === undefined || found.kind === 'link') return at;
    if (isOpenToOthers(found, user, at === path)) return at;
    if (posix.dirname(at) === at) return undefined;
  }
}
