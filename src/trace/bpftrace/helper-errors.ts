import type { TraceEvent } from '../session/events.ts';

/** ENOENT: there was nothing to delete. */
const NOTHING_THERE = -2;

/**
 * Reads what `bpftrace -k` prints when a kernel function refuses a program's request. Without -k, a
 * count that finds no room in its map leaves no trace.
 */
export function readHelperError(message: Readonly<Record<string, unknown>>): readonly TraceEvent[] {
  const { helper, retcode, line } = message;
  if (helper === 'map_delete_elem' && retcode === NOTHING_THERE) return [];
  if (helper === 'map_update_elem') {
    return [{ kind: 'lost', what: 'counts that found no room in a map', count: 1 }];
  }
  // The sample is counted without its stack; the instrument reports it.
  if (helper === 'get_stackid') return [];
  const what = `${String(helper).slice(0, 60)} failed with ${Number(retcode)}`;
  return [{ kind: 'failed', what: `${what} at line ${Number(line)} of the program` }];
}
