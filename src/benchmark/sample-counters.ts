/** Limits for what a benchmark of any make may print: the labs' own prints nine numbers. */
const MOST_COUNTERS = 100;
const LONGEST_NAME = 100;

export type SampleCounters =
  | { readonly state: 'counters'; readonly counters: ReadonlyMap<string, number> }
  | { readonly state: 'unreadable'; readonly reason: string };

/**
 * Pure function: every number in a sample that is none of its known values is a counter, whatever
 * it is called. A value that is no number, such as null for the NAN of a division by zero, is left
 * out.
 * @param known the keys that are no counters
 */
export function readCounters(sample: object, known: ReadonlySet<string>): SampleCounters {
  const counters = new Map<string, number>();
  for (const [name, value] of Object.entries(sample)) {
    if (known.has(name) || typeof value !== 'number' || !Number.isFinite(value)) continue;
    if (name === '' || name.length > LONGEST_NAME || /\p{C}/u.test(name)) {
      const shown = JSON.stringify(name.slice(0, LONGEST_NAME));
      return unreadable(`a counter with a name that is empty, too long or unprintable: ${shown}`);
    }
    if (counters.size === MOST_COUNTERS) return unreadable(`more than ${MOST_COUNTERS} counters`);
    // SQLite stores no -0, so that none is told apart.
    counters.set(name, value + 0);
  }
  return { state: 'counters', counters };
}

function unreadable(reason: string): SampleCounters {
  return { state: 'unreadable', reason };
}
