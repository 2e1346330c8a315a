import type { ChannelKind, Operation, PipeOperation } from '../counts.ts';

/**
 * What one line of a tracer's output says. Counts are partial: the same key may come again.
 *
 * The image is a number that each exec of a run's root raises: what bears another than the root's
 * last one was not done by the benchmark. Undefined in what was traced before there were images.
 */
export type TraceEvent = Said & { readonly image?: number };

type Said =
  | { readonly kind: 'ready' }
  | { readonly kind: 'start'; readonly pid: number }
  | {
      readonly kind: 'child';
      readonly pid: number;
      readonly parent: number;
      /** True: it is a thread of its parent. */
      readonly thread?: boolean;
    }
  | { readonly kind: 'foreign'; readonly pid: number }
  /** A process, or a thread of one, has ended, and what was counted of it has been printed. */
  | { readonly kind: 'exit'; readonly pid: number; readonly thread?: boolean }
  | { readonly kind: 'end'; readonly pid: number }
  /** What was asked for has been printed. */
  | { readonly kind: 'answer'; readonly pid: number }
  | {
      readonly kind: 'syscall';
      readonly pid: number;
      readonly syscall: string;
      readonly count: number;
    }
  | {
      readonly kind: 'pipe-state';
      readonly pid: number;
      readonly operation: PipeOperation;
      readonly state: number;
      readonly count: number;
    }
  | {
      readonly kind: 'pipe-transition';
      readonly pid: number;
      readonly operation: Operation;
      readonly fromState: number;
      readonly toState: number;
      readonly count: number;
    }
  | {
      readonly kind: 'io-size';
      readonly pid: number;
      readonly operation: Operation;
      readonly bytes: number;
      readonly channel?: ChannelKind;
      /** True: the call moved less than it was asked for. */
      readonly cut?: boolean;
      readonly count: number;
    }
  /** The most that one of the calls which moved less than that was asked for. */
  | {
      readonly kind: 'asked';
      readonly pid: number;
      readonly operation: Operation;
      readonly atMost: number;
    }
  /** A call other than read and write that moves bytes, on the channel. */
  | {
      readonly kind: 'other-call';
      readonly pid: number;
      readonly syscall: string;
      readonly count: number;
    }
  | {
      readonly kind: 'context-switch';
      readonly pid: number;
      readonly switched: 'voluntary' | 'involuntary';
      readonly count: number;
    }
  | {
      readonly kind: 'io-latency';
      readonly pid: number;
      readonly operation: Operation;
      readonly fromNs: number;
      readonly count: number;
    }
  | {
      readonly kind: 'pipe-event';
      readonly pid: number;
      /** A clock of the tracer's own, in ns. */
      readonly at: bigint;
      readonly operation: Operation;
      readonly state: number;
    }
  | { readonly kind: 'lost'; readonly what: string; readonly count: number }
  /** A map was full when it was printed: what found no room in it is missing. */
  | { readonly kind: 'full'; readonly map: string; readonly keys: number }
  /** Something that the program asked of the kernel failed. */
  | { readonly kind: 'failed'; readonly what: string }
  /** A line that this protocol does not know: garbled, or from something else. */
  | { readonly kind: 'unknown'; readonly line: string };

/** Pure: one line of output (without its newline) in, what it says out. Never throws. */
export type LineReader = (line: string) => readonly TraceEvent[];
