import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How much memory may be added before a full collection, which takes about 20 ms. */
const MOST_ADDED = 16 * 1024 * 1024;

let collect: ((options: { readonly type: 'minor' | 'major' }) => void) | undefined;
let inUse = 0;

/**
 * Frees memory that is no longer used. By itself, V8 waits for tens of megabytes and may then
 * collect them during a run. Usually this collects only the young objects, in about a millisecond:
 * what a run needs is no longer needed when it has been stored.
 */
export function collectGarbage(): void {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as typeof collect;
    all();
    return;
  }
  collect?.({ type: 'minor' });
  if (memory() - inUse > MOST_ADDED) all();
}

function all(): void {
  collect?.({ type: 'major' });
  inUse = memory();
}

function memory(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}
