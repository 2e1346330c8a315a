import type { Operation, PipeOperation } from '../counts.ts';

/** What one line of a tracer's output says. Counts are partial: the same key may come again. */
export type TraceEvent =
  | { readonly kind: 'ready' }
  | { readonly kind: 'start'; readonly pid: number }
  | { readonly kind: 'child'; readonly pid: number; readonly parent: number }
  | { readonly kind: 'foreign'; readonly pid: number }
  /** A process has ended, and what was counted of it has been printed. */
  | { readonly kind: 'exit'; readonly pid: number }
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
