import type { QuotedRun } from '../../analyse/bandwidths.ts';
import type { SweepDoubt } from '../../analyse/doubts.ts';
import type { Findings as Evidence, Judgement } from '../../analyse/expectations.ts';
import type { CellSummary } from '../../analyse/summary.ts';
import type { SweepRow } from '../../store/reader.ts';
import type { Facts } from '../figures/thresholds.ts';

/** The data from which findings are made. */
export interface FindingSources {
  readonly sweep: Pick<SweepRow, 'tracer' | 'controls' | 'run_order' | 'relative_ci'>;
  readonly summaries: readonly CellSummary[];
  /** The quoted runs of each cell, by the cell's number. */
  readonly runs: ReadonlyMap<number, readonly QuotedRun[]>;
  /** The facts that are the same for all hosts. */
  readonly facts: Facts;
  readonly pipeStates: Evidence['pipeStates'];
  readonly stateBits: Evidence['stateBits'];
  /** Doubts, the most harmful first. */
  readonly doubts: readonly SweepDoubt[];
  readonly judged: readonly Judgement[];
  /** Advice on how to measure better, or in less time; one sentence each, without a full stop. */
  readonly advice: readonly string[];
  /** Whether suspect runs are included. */
  readonly suspect: boolean;
}
