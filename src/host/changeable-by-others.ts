import { posix } from 'node:path';
import type { Host } from './host.ts';

const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

/**
 * The first part of a path on a host, from the file up to `/`, through which somebody other than
 * its agent's user and root could put another file in its place; undefined when there is none.
 * While there is none, nobody can make one either.
 * @param path with every link in it resolved
 */
export async function changeableByOthers(host: Host, path: string): Promise<string | undefined> {
  const { user } = host.machine;
  for (let at = path; ; at = posix.dirname(at)) {
    const found = await host.stat(at, false);
    if (found === undefined || found.kind === 'link') return at;
    // In a sticky folder only an owner can rename or remove; the owners are looked at, too.
    const shared =
      (found.mode & WRITABLE_BY_OTHERS) !== 0 && (at === path || (found.mode & STICKY) === 0);
    if (shared || (found.user !== user && found.user !== 0)) return at;
    if (posix.dirname(at) === at) return undefined;
  }
}
