import { lstatSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';

const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

/**
 * The first part of a path, from the file up to `/`, through which somebody other than this user
 * and root could put another file in its place; undefined when there is none. While there is none,
 * nobody can make one either.
 */
export function changeableByOthers(path: string, user: number): string | undefined {
  const file = realpathSync(path);
  for (let at = file; ; at = dirname(at)) {
    const { uid, mode } = lstatSync(at);
    // In a sticky folder only an owner can rename or remove; the owners are looked at, too.
    const shared = (mode & WRITABLE_BY_OTHERS) !== 0 && (at === file || (mode & STICKY) === 0);
    if (shared || (uid !== user && uid !== 0)) return at;
    if (dirname(at) === at) return undefined;
  }
}
