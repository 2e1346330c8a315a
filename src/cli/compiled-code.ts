import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from '../host/cache-directory.ts';

/**
 * Lets Node keep the code that it has compiled, so that the next start is quicker. Whoever can write
 * there decides what runs: it is only done if the cache folder exists and is one's own, which it is
 * not for root that has kept the HOME of a user. Node 20 cannot do it.
 * @param modules what `node:module` exports
 */
export function keepCompiledCode(modules: object, folder = cacheDirectory(process.env)): void {
  if (!('enableCompileCache' in modules)) return;
  const state = lstatSync(folder, { throwIfNoEntry: false });
  if (!state?.isDirectory() || state.uid !== process.getuid?.()) return;
  (modules.enableCompileCache as (folder: string) => unknown)(join(folder, 'compiled-code'));
}
