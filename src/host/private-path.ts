import { lstatSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { isOpenToOthers } from './changeable-by-others.ts';

/**
 * Returns the first part of a path, from the file up to `/`, through which somebody other than this
 * user and root could put another file in its place; undefined when there is none. While there is
 * none, nobody else can create one either.
 * @param ownGroup a group whose members are trusted as much as this user is, if there is one
 */
export function changeableByOthersHere(
  path: string,
  user: number,
  ownGroup?: number,
): string | undefined {
  const file = realpathSync(path);
  for (let at = file; ; at = dirname(at)) {
    const { uid, gid, mode } = lstatSync(at);
    if (isOpenToOthers({ mode, user: uid }, user, at === file, gid === ownGroup)) return at;
    if (dirname(at) === at) return undefined;
  }
}
