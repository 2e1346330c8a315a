import type { RunResult } from '../execute/outcome.ts';
import type { Cell } from '../experiment/cell.ts';
import type { EnvironmentWarning } from '../host/machine/warnings.ts';
import type { PlannedRun } from '../plan/order.ts';
import type { Estimate } from '../plan/time-left.ts';

/** What happens in a sweep, for whoever shows it; the words are the command line's. */
export type SweepEvent =
  /** The conditions differ from those of an older sweep of this name. */
  | { readonly kind: 'differs'; readonly older: string }
  | {
      readonly kind: 'spec-changed';
      readonly added: readonly Cell[];
      readonly kept: number;
      readonly removed: readonly Cell[];
    }
  | {
      readonly kind: 'continues';
      readonly sweep: string;
      readonly done: number;
      readonly planned: number;
    }
  /** Nothing is to be done. */
  | {
      readonly kind: 'nothing-left';
      readonly sweep: string;
      readonly onlyFailed: boolean;
      readonly complete: boolean;
      readonly planned: number;
    }
  /** The first run is about to be made. */
  | {
      readonly kind: 'begins';
      /** Runs that are certain; 0 when trials depend on what they show. */
      readonly runs: number;
      /** More may be needed to reach a precision. */
      readonly atLeast: boolean;
      readonly cells: number;
      /** As the spec names them. */
      readonly hosts: readonly string[];
      /** Name and version; undefined when untraced. */
      readonly tracer: string | undefined;
      readonly estimate: Estimate;
      /** Things that were asked for and go another way here. */
      readonly notes: readonly string[];
    }
  /** So many more runs are to come. */
  | { readonly kind: 'more'; readonly runs: number }
  | {
      readonly kind: 'environment';
      /** Undefined where there is only one. */
      readonly host: string | undefined;
      readonly warnings: readonly EnvironmentWarning[];
    }
  /** The link to a host broke; it is tried again. */
  | { readonly kind: 'host-gone'; readonly host: string; readonly reason: string }
  | { readonly kind: 'host-back'; readonly host: string }
  /** So many cells have runs on a host that the spec does not name: theirs stay planned. */
  | { readonly kind: 'elsewhere'; readonly host: string; readonly cells: number }
  /** A host is set aside; its runs stay planned. */
  | { readonly kind: 'host-away'; readonly host: string; readonly reason: string }
  | {
      readonly kind: 'starts';
      readonly run: PlannedRun;
      readonly deadlineMs: number;
      /** How much longer the sweep takes, from here on. */
      readonly left: () => Estimate;
    }
  | { readonly kind: 'ended'; readonly result: RunResult }
  | {
      readonly kind: 'given-up';
      readonly host: string;
      readonly failures: number;
      readonly sweep: string;
    }
  | { readonly kind: 'budget-spent'; readonly budgetMs: number }
  | { readonly kind: 'tuning-lost'; readonly target: string; readonly after: string }
  | { readonly kind: 'not-put-back'; readonly target: string; readonly before: string }
  /** The link to a tuned host broke, and it could not be looked at any more. */
  | { readonly kind: 'put-back-unseen'; readonly host: string }
  /** No run follows. */
  | { readonly kind: 'finished' };

export type Report = (event: SweepEvent) => void;

/** What the user has asked for while a sweep runs. */
export interface StopRequest {
  /** True: finish the run in flight, then stop. */
  readonly requested: () => boolean;
  /** Aborted: kill the run in flight. */
  readonly abort: AbortSignal;
}
