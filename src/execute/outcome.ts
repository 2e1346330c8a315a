import type { Sample } from '../benchmark/output.ts';
import type { Doubt } from '../doubt.ts';
import type { ResourceUse } from '../host/host.ts';
import type { RunConditions } from '../host/machine/run-conditions.ts';
import type { PlannedRun } from '../plan/order.ts';
import type { RunCounts } from '../trace/counts.ts';
import type { ScriptResult } from '../trace/user-scripts/user-script.ts';
import type { HookCall } from './hook.ts';

/** The way a run ended. A benchmark that fails is data, not an exception. */
export type Outcome =
  | { readonly state: 'completed'; readonly samples: readonly Sample[] }
  /** The run ended well, but its counts cannot be trusted: the doubts say why. */
  | { readonly state: 'suspect'; readonly samples: readonly Sample[] }
  /** The run ended well, but the tracer did not deliver. */
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
  /** The number of the attempt, from 1. */
  readonly attempt: number;
  readonly outcome: Outcome;
  /** Undefined if unknown. */
  readonly startedAt: Date | undefined;
  readonly wallNs: number;
  /** The kernel's figures for the run's processes; undefined if not started or not known. */
  readonly use: ResourceUse | undefined;
  /** Null if the run was ended by a signal or never started. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The pid of the run's root; null if it never started. */
  readonly pid: number | null;
  /** The last part of the benchmark's stderr. */
  readonly stderrTail: string;
  /** Changes on the machine during the run; undefined if the run never started. */
  readonly conditions: RunConditions | undefined;
  /** Undefined if the run was untraced or the tracer did not deliver. */
  readonly counts: RunCounts | undefined;
  /** The tracer's own lines. */
  readonly rawTrace: string | undefined;
  /** The results of the user's own scripts. */
  readonly scripts: readonly ScriptResult[];
  readonly doubts: readonly Doubt[];
  /** The user's own commands before and after it; if undefined, there are none. */
  readonly hooks?: readonly HookCall[];
}
