import type { Doubt } from '../../doubt.ts';
import { type Integer, isInteger } from './integers.ts';

/** One number that an aggregation printed. */
export interface Aggregate {
  /** The name without `@`; `_` for the nameless one, as in dtrace; '' when it can't be known. */
  readonly name: string;
  /** The keys as printed. A stack is one key: its frames, innermost first, joined with ` < `. */
  readonly keys: readonly string[];
  /** count, sum, min, max, avg, stddev, quantize, lquantize, llquantize, hist, lhist, or ''. */
  readonly function: string;
  /** The number of the printing it is from, from 1: a script may print one again and again. */
  readonly printing: number;
  /**
   * The edges of a bucket, both inclusive; null on the side where it has no end. Without buckets,
   * both are null.
   */
  readonly bucketFrom: Integer | null;
  readonly bucketTo: Integer | null;
  readonly value: Integer;
}

/** One firing that printed text, or one line of text if firings can't be told apart. */
export interface ScriptEvent {
  /** `function:name`, '' when the output doesn't say. */
  readonly probe: string;
  readonly cpu: number | null;
  /** The text, without the blanks and newlines around it. */
  readonly text: string;
}

/** The output of a user's script over one run, in the order it was printed. */
export interface ScriptOutput {
  readonly aggregates: readonly Aggregate[];
  /** The first {@link SCRIPT_EVENT_LIMIT} events. */
  readonly events: readonly ScriptEvent[];
  readonly eventsLeftOut: number;
  /** Losses and failures that the tracer reports, if it does so in the output. */
  readonly doubts: readonly Doubt[];
  /** The lines that could not be read, cut short, the first 100 of them. */
  readonly unread: readonly string[];
}

/** The number of events to keep of a script's output in one run. */
export const SCRIPT_EVENT_LIMIT = 10_000;
/** The number of keys that a map of bpftrace can hold. */
export const MAP_KEYS = 65_536;
/** The lines that ipc-sweep makes a script print; see script-command.ts. */
const OWN_TEXT = /^ipc-sweep: (attached|heard( \d+)?)$/;

/** The events of an output: the first ones, and the number of those left out. */
export class EventList {
  readonly kept: ScriptEvent[] = [];
  leftOut = 0;

  get isFull(): boolean {
    return this.kept.length >= SCRIPT_EVENT_LIMIT;
  }

  add(event: ScriptEvent): void {
    if (OWN_TEXT.test(event.text)) return;
    if (this.isFull) this.leftOut++;
    else this.kept.push(event);
  }
}

const UNREAD_ENTRIES = 100;
const UNREAD_LENGTH = 500;

export function keepUnread(unread: string[], text: string): void {
  if (text.trim() === '' || unread.length > UNREAD_ENTRIES) return;
  const cut = text.length > UNREAD_LENGTH ? `${text.slice(0, UNREAD_LENGTH)}...` : text;
  unread.push(unread.length === UNREAD_ENTRIES ? 'and more' : cut);
}

const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;
const MOST_UNSIGNED = 2n ** 64n - 1n;

/**
 * Returns the output with numbers that fit a database: values of 64 bits, signed or not, and signed
 * edges of 64 bits. The outermost buckets of 64 bits have no end; rows with other numbers are among
 * the unread.
 */
export function withStorableNumbers(output: ScriptOutput): ScriptOutput {
  const unread = [...output.unread];
  const aggregates = output.aggregates.flatMap((row) => {
    const kept = {
      ...row,
      bucketFrom: row.bucketFrom !== null && row.bucketFrom <= LEAST ? null : row.bucketFrom,
      bucketTo: row.bucketTo !== null && row.bucketTo >= MOST ? null : row.bucketTo,
    };
    const { value, bucketFrom, bucketTo } = kept;
    const edges = [bucketFrom, bucketTo].filter((edge) => edge !== null);
    if (isWithin(value, MOST_UNSIGNED) && edges.every((edge) => isWithin(edge, MOST))) {
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

function isWithin(value: Integer, most: bigint): boolean {
  return isInteger(value) && value >= LEAST && value <= most;
}
