import { createHash } from 'node:crypto';
import { type Cell, cellKey } from '../experiment/cell.ts';
import type { ExperimentDocument } from '../experiment/schema.ts';

/** What makes two runs of one sweep the same run. */
export function runKey(run: { cell: Cell; trial: number; traced: boolean }): string {
  return `${cellKey(run.cell)}#${run.trial}${run.traced ? '' : ' untraced'}`;
}

/** What a sweep must share with an earlier one to be continued. */
export interface SweepIdentity {
  readonly document: ExperimentDocument;
  readonly benchmarkSha256: string;
  /** Empty when untraced. */
  readonly programSha256: string;
}

/**
 * The conditions under which a sweep's runs are made. What may change without making another sweep is
 * left out: the matrix, the hosts and the number of trials (more or fewer runs under the same
 * conditions), and what changes no run.
 */
export function sweepIdentity({ document, benchmarkSha256, programSha256 }: SweepIdentity): string {
  const { name, benchmark, warmup, order, seed } = document;
  const { sudo: _, allow_missing: __, ...trace } = document.trace;
  return createHash('sha256')
    .update(
      JSON.stringify([name, benchmark, trace, warmup, order, seed, benchmarkSha256, programSha256]),
    )
    .digest('hex');
}
