import type { RunResult } from '../execute/outcome.ts';
import type { Cell } from '../experiment/cell.ts';
import type { GivenOption } from '../experiment/given-options.ts';
import type { HookName } from '../experiment/hooks.ts';
import type { EnvironmentWarning } from '../host/machine/warnings.ts';
import type { PlannedRun } from '../plan/order.ts';
import type { Shard } from '../plan/shards.ts';
import type { TimeEstimate } from '../plan/time-left.ts';

/** Events of a sweep, for a display; the wording is up to the command line. */
export type SweepEvent =
  /** The conditions differ from those of an older sweep of this name. */
  | {
      readonly kind: 'differs';
      readonly older: string;
      /** The conditions that differ, with both values; empty if what is stored does not tell. */
      readonly conditions: readonly string[];
    }
  /** All sweeps of this name were merged, and go on in the databases where they were made. */
  | { readonly kind: 'merged'; readonly older: string }
  | {
      readonly kind: 'spec-changed';
      /** Whether only some of the cells are selected now. */
      readonly only: boolean;
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
  /** A sweep goes on with other options than it was last run with. */
  | {
      readonly kind: 'other-options';
      readonly before: readonly GivenOption[];
      readonly now: readonly GivenOption[];
    }
  /** Only this shard of the sweep is made here; `others` is the number of cells of other shards. */
  | {
      readonly kind: 'shard';
      readonly shard: Shard;
      readonly cells: number;
      readonly others: number;
    }
  /** There is nothing to do. */
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
      /**
       * The number of runs that are certain; 0 when the number of trials depends on their results.
       */
      readonly runs: number;
      /** Whether more runs may be needed to reach a precision. */
      readonly atLeast: boolean;
      readonly cells: number;
      /** The hosts' names in the spec. */
      readonly hosts: readonly string[];
      /** Name and version; undefined when untraced. */
      readonly tracer: string | undefined;
      readonly estimate: TimeEstimate;
      /** Notes about parts of the spec that are carried out differently here. */
      readonly notes: readonly string[];
    }
  /** This many more runs are to come. */
  | { readonly kind: 'more'; readonly runs: number }
  | {
      readonly kind: 'environment';
      /** Undefined if there is only one host. */
      readonly host: string | undefined;
      readonly warnings: readonly EnvironmentWarning[];
    }
  /** A command of the user's own is carried out on a host before its first or after its last run. */
  | {
      readonly kind: 'hook';
      /** Undefined if there is only one host. */
      readonly host: string | undefined;
      readonly hook: HookName;
      readonly words: readonly string[];
    }
  | {
      readonly kind: 'cleanup-failed';
      readonly host: string | undefined;
      readonly failure: string;
    }
  /** The link to a host broke; it is being retried. */
  | { readonly kind: 'host-gone'; readonly host: string; readonly reason: string }
  | { readonly kind: 'host-back'; readonly host: string }
  /** This many cells have runs on a host that the spec does not name: the rest stay planned. */
  | { readonly kind: 'elsewhere'; readonly host: string; readonly cells: number }
  /** A host is set aside; its runs stay planned. */
  | { readonly kind: 'host-away'; readonly host: string; readonly reason: string }
  | {
      readonly kind: 'starts';
      readonly run: PlannedRun;
      readonly deadlineMs: number;
      /** How much longer the sweep will take from now on. */
      readonly left: () => TimeEstimate;
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
  /** The link to a tuned host broke, and the host could not be checked afterwards. */
  | { readonly kind: 'put-back-unseen'; readonly host: string }
  /** No more runs follow. */
  | { readonly kind: 'finished' };

export type Report = (event: SweepEvent) => void;

/** The user's requests while a sweep runs. */
export interface StopRequest {
  /** If true, finish the run in flight, then stop. */
  readonly requested: () => boolean;
  /** When aborted, kill the run in flight. */
  readonly abort: AbortSignal;
}
