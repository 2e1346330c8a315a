import { lstatSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';

const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_ALL = 0o002;
const STICKY = 0o1000;

/**
 * The first part of a path, from the file up to `/`, through which somebody other than this user
 * and root could put another file in its place; undefined when there is none. While there is none,
 * nobody can make one either.
 * @param ownGroup a group whose members are trusted as this user is, if there is one
 */
export function changeableByOthers(
  path: string,
  user: number,
  ownGroup?: number,
): string | undefined {
  const file = realpathSync(path);
  for (let at = file; ; at = dirname(at)) {
    const { uid, gid, mode } = lstatSync(at);
    const others = gid === ownGroup ? WRITABLE_BY_ALL : WRITABLE_BY_ALL | WRITABLE_BY_GROUP;
    // In a sticky folder only an owner can rename or remove; the owners are looked at, too.
    const shared = (mode & others) !== 0 && (at === file || (mode & STICKY) === 0);
    if (shared || (uid !== user && uid !== 0)) return at;
    if (dirname(at) === at) return undefined;
  }
}
