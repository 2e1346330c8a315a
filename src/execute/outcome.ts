import type { Sample } from '../benchmark/output.ts';
import type { Doubt } from '../doubt.ts';
import type { ResourceUse } from '../host/host.ts';
import type { RunConditions } from '../host/machine/run-conditions.ts';
import type { PlannedRun } from '../plan/order.ts';
import type { RunCounts } from '../trace/counts.ts';
import type { ScriptResult } from '../trace/user-scripts/user-script.ts';

/** How a run ended. A benchmark that fails is data, not an exception. */
export type Outcome =
  | { readonly state: 'completed'; readonly samples: readonly Sample[] }
  /** Ended well, but the counts are not to be believed: the doubts say why. */
  | { readonly state: 'suspect'; readonly samples: readonly Sample[] }
  /** Ended well; the tracer did not deliver. */
  | {
      readonly state: 'tracer-failed';
      readonly samples: readonly Sample[];
      readonly reason: string;
    }
  | { readonly state: 'failed'; readonly reason: string }
  | { readonly state: 'signalled'; readonly reason: string }
  | { readonly state: 'timed-out'; readonly reason: string }
  | { readonly state: 'output-unreadable'; readonly reason: string }
  | { readonly state: 'interrupted'; readonly reason: string };

export type RunState = Outcome['state'];

export interface RunResult {
  readonly planned: PlannedRun;
  /** From 1. */
  readonly attempt: number;
  readonly outcome: Outcome;
  /** Undefined: not known. */
  readonly startedAt: Date | undefined;
  readonly wallNs: number;
  /** What the kernel says of the run's processes; undefined when it never started, or is not known. */
  readonly use: ResourceUse | undefined;
  /** Null when the run ended by a signal or never started. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Of the run's root; null when it never started. */
  readonly pid: number | null;
  /** The end of what the benchmark said on stderr. */
  readonly stderrTail: string;
  /** What moved on the machine meanwhile; undefined when the run never started. */
  readonly conditions: RunConditions | undefined;
  /** Undefined when untraced, or when the tracer did not deliver. */
  readonly counts: RunCounts | undefined;
  /** The tracer's own lines. */
  readonly rawTrace: string | undefined;
  /** What the user's own scripts had to say. */
  readonly scripts: readonly ScriptResult[];
  readonly doubts: readonly Doubt[];
}
