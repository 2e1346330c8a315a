/** One number that an aggregation printed. */
export interface Aggregate {
  /** Without its `@`; `_` for the nameless one, as dtrace calls it; '' when it can't be known. */
  readonly name: string;
  /** As printed. A stack is one key: its frames, innermost first, joined with ` < `. */
  readonly keys: readonly string[];
  /** count, sum, min, max, avg, stddev, quantize, lquantize, llquantize, hist, lhist, or ''. */
  readonly function: string;
  /**
   * Edges of a bucket, both inclusive; null on the side where it has no end. Both are null for
   * an aggregation without buckets.
   */
  readonly bucketFrom: number | null;
  readonly bucketTo: number | null;
  readonly value: number;
}

/** One firing that printed text, or one line of text where firings can't be told apart. */
export interface ScriptEvent {
  /** `function:name`, '' when the output doesn't say. */
  readonly probe: string;
  readonly cpu: number | null;
  /** Without the blanks and newlines around it. */
  readonly text: string;
}

/** What a user's script printed over one run, in the order it was printed. */
export interface ScriptOutput {
  readonly aggregates: readonly Aggregate[];
  readonly events: readonly ScriptEvent[];
  /** What the tracer says it lost, where it says so among the output. */
  readonly lost: readonly string[];
  /** What could not be read. Cut short, the first 100. */
  readonly unread: readonly string[];
}

const UNREAD_ENTRIES = 100;
const UNREAD_LENGTH = 500;

export function keepUnread(unread: string[], text: string): void {
  if (text.trim() === '' || unread.length > UNREAD_ENTRIES) return;
  const cut = text.length > UNREAD_LENGTH ? `${text.slice(0, UNREAD_LENGTH)}...` : text;
  unread.push(unread.length === UNREAD_ENTRIES ? 'and more' : cut);
}

const MOST = 2 ** 63;
const isBeyond = (edge: number | null) => edge !== null && Number.isFinite(edge) && edge >= MOST;
const isStorable = (edge: number | null) =>
  edge === null || (Number.isInteger(edge) && Math.abs(edge) < MOST);

/**
 * The output with numbers that a database takes: values are finite, edges whole and of 64 bits.
 * The outermost buckets of 64 bits have no end; rows with other numbers are among the unread.
 */
export function withStorableNumbers(output: ScriptOutput): ScriptOutput {
  const unread = [...output.unread];
  const aggregates = output.aggregates.flatMap((row) => {
    const kept = {
      ...row,
      bucketFrom: row.bucketFrom === -MOST ? null : row.bucketFrom,
      bucketTo: isBeyond(row.bucketTo) ? null : row.bucketTo,
    };
    if (Number.isFinite(kept.value) && isStorable(kept.bucketFrom) && isStorable(kept.bucketTo)) {
      return [kept];
    }
    keepUnread(unread, `@${row.name}[${row.keys.join()}]: a number out of range`);
    return [];
  });
  const events = output.events.map((event) =>
    event.cpu === null || Number.isSafeInteger(event.cpu) ? event : { ...event, cpu: null },
  );
  return { ...output, aggregates, events, unread };
}
