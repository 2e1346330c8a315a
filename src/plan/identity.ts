import { createHash } from 'node:crypto';
import { type Cell, cellKey } from '../experiment/cell.ts';
import type { ExperimentDocument } from '../experiment/schema.ts';

/** Returns the key that identifies a run within a sweep. */
export function runKey(run: { cell: Cell; trial: number; traced: boolean }): string {
  return `${cellKey(run.cell)}#${run.trial}${run.traced ? '' : ' untraced'}`;
}

/** The properties that a sweep must share with an earlier one to continue it. */
export interface SweepIdentity {
  readonly document: ExperimentDocument;
  readonly benchmarkSha256: string;
  /** Empty if untraced. */
  readonly programSha256: string;
}

/**
 * Hashes the conditions under which a sweep's runs are made. Anything that may change without
 * making it another sweep is left out: the matrix, the hosts and the number of trials (more or
 * fewer runs under the same conditions), and settings that do not affect any run.
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
