import type { Operation } from '../../instruments/instrument.ts';
import type { ChannelKind } from '../counts.ts';

/**
 * The meaning of one line of a tracer's output. Counts are partial: the same key may come again.
 *
 * The image is a number that each exec of a run's root raises. Events with an image other than the
 * root's last one were not caused by the benchmark. It is undefined in traces from before there
 * were images.
 */
export type TraceEvent = Said & { readonly image?: number };

type Said =
  | { readonly kind: 'ready' }
  | { readonly kind: 'start'; readonly pid: number }
  | {
      readonly kind: 'child';
      readonly pid: number;
      readonly parent: number;
      /** True if it is a thread of its parent. */
      readonly thread?: boolean;
    }
  | { readonly kind: 'foreign'; readonly pid: number }
  /** A process or one of its threads has ended, and its counts have been printed. */
  | { readonly kind: 'exit'; readonly pid: number; readonly thread?: boolean }
  | { readonly kind: 'end'; readonly pid: number }
  /** The requested counts have been printed. */
  | { readonly kind: 'answer'; readonly pid: number }
  | {
      readonly kind: 'count';
      readonly pid: number;
      /** The name of the table that it belongs to. */
      readonly table: string;
      /** The values of the table's keys. */
      readonly keys: readonly (string | number)[];
      /** For io_sizes: the channel, if the tracer tells. */
      readonly channel?: ChannelKind;
      /** For io_sizes: true if the calls moved less than they were asked for. */
      readonly cut?: boolean;
      readonly count: number;
    }
  /** The most that was asked for by one of the calls that moved less. */
  | {
      readonly kind: 'asked';
      readonly pid: number;
      readonly operation: Operation;
      readonly atMost: number;
    }
  /** A call on the channel, other than read and write, that moves bytes. */
  | {
      readonly kind: 'other-call';
      readonly pid: number;
      readonly syscall: string;
      readonly count: number;
    }
  | {
      readonly kind: 'pipe-event';
      readonly pid: number;
      /** The tracer's own clock, in ns. */
      readonly at: bigint;
      readonly operation: Operation;
      readonly state: number;
    }
  | { readonly kind: 'lost'; readonly what: string; readonly count: number }
  /** A map was full when it was printed, so what found no room in it is missing. */
  | { readonly kind: 'full'; readonly map: string; readonly keys: number }
  /** Something that the program requested from the kernel failed. */
  | { readonly kind: 'failed'; readonly what: string }
  /** A line that is not part of this protocol: garbled, or from something else. */
  | { readonly kind: 'unknown'; readonly line: string };

/** Pure function: reads one line of output (without its newline) as events. Never throws. */
export type LineReader = (line: string) => readonly TraceEvent[];
