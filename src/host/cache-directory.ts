import { homedir } from 'node:os';
import { join } from 'node:path';

/** Returns the folder where built benchmarks are kept (XDG base directories). */
export function cacheDirectory(environment: NodeJS.ProcessEnv): string {
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ipc-sweep');
}
