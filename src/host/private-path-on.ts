import { posix } from 'node:path';
import type { Host } from './host.ts';

const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

/**
 * As `changeableByOthers`, on a host: the first part of a path, from the file up to `/`, through which
 * somebody other than this user and root could put another file in its place.
 * @param file absolute, with every link in it resolved: it is what will be run
 */
export async function changeableByOthersOn(
  host: Host,
  file: string,
  user: number,
): Promise<string | undefined> {
  for (let at = file; ; at = posix.dirname(at)) {
    const state = await host.stat(at, false);
    // A link in it would lead elsewhere than what was looked at.
    if (!state || state.kind === 'link') return at;
    const shared =
      (state.mode & WRITABLE_BY_OTHERS) !== 0 && (at === file || (state.mode & STICKY) === 0);
    if (shared || (state.user !== user && state.user !== 0)) return at;
    if (posix.dirname(at) === at) return undefined;
  }
}
