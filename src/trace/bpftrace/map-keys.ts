/** Keys that each map of our own programs can hold. */
export const MAP_KEYS = 16_384;
/** The same for a user's script: bpftrace's default. */
export const SCRIPT_MAP_KEYS = 4096;

/** What bpftrace 0.17 says of a map: `type` of a JSON line, and the value under the map's name. */
type Printed = 'map' | 'hist' | 'stats';

/**
 * How many keys a map holds, told from what was printed of it. A key that finds no room is not stored,
 * and bpftrace says nothing of it, so a map that is full has to be taken for one that overflowed.
 */
export function keysHeld(type: Printed, value: unknown): number {
  if (type === 'hist') {
    // One key in the kernel for each bucket that holds something.
    const histograms = Array.isArray(value) ? [value] : Object.values(recordOf(value));
    return histograms.flat().filter((bucket) => Number(recordOf(bucket).count) > 0).length;
  }
  const entries = Object.values(recordOf(value));
  // An average has two keys in the kernel: how many, and their sum.
  return type === 'stats' ? 2 * entries.length : entries.length;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Pure: the maps in `bpftrace -f json` output that were full when they were printed. */
export function fullMaps(output: string, keys: number): readonly string[] {
  const full = new Set<string>();
  for (const line of output.split('\n')) {
    // Fewer characters cannot hold as many keys; most lines need not be parsed.
    if (line.length < keys || !line.startsWith('{')) continue;
    let message: { type?: unknown; data?: unknown };
    try {
      message = JSON.parse(line);
    } catch {
      continue;
    }
    const { type, data } = message;
    if (type !== 'map' && type !== 'hist' && type !== 'stats') continue;
    for (const [map, value] of Object.entries(recordOf(data))) {
      if (keysHeld(type, value) >= keys) full.add(map);
    }
  }
  return [...full];
}
