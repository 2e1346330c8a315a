import type { QuotedRun } from '../../analyse/bandwidths.ts';
import type { SweepDoubt } from '../../analyse/doubts.ts';
import type { Findings as Evidence, Judgement } from '../../analyse/expectations.ts';
import type { CellSummary } from '../../analyse/summary.ts';
import type { SweepRow } from '../../store/reader.ts';
import type { Facts } from '../figures/thresholds.ts';

/** What findings are made from. */
export interface FindingSources {
  readonly sweep: Pick<SweepRow, 'tracer' | 'controls' | 'run_order'>;
  readonly summaries: readonly CellSummary[];
  /** The quoted runs of each cell, by the cell's number. */
  readonly runs: ReadonlyMap<number, readonly QuotedRun[]>;
  /** What all hosts say alike of themselves. */
  readonly facts: Facts;
  readonly pipeStates: Evidence['pipeStates'];
  readonly stateBits: Evidence['stateBits'];
  /** The most harmful first. */
  readonly doubts: readonly SweepDoubt[];
  readonly judged: readonly Judgement[];
  /** How to measure better, or in less time; a sentence each, without a full stop. */
  readonly advice: readonly string[];
  /** Suspect runs were let in. */
  readonly suspect: boolean;
}
