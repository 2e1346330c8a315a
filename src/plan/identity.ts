import { createHash } from 'node:crypto';
import { type Cell, cellKey } from '../experiment/cell.ts';
import { hooksOf } from '../experiment/hooks.ts';
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
 * The conditions under which a sweep's runs are made, as far as a spec tells them. Anything that
 * may change without making it another sweep is left out: the matrix, the hosts and the number of
 * trials (more or fewer runs under the same conditions), and settings that do not affect any run.
 */
export function conditionsOf(document: ExperimentDocument): Readonly<Record<string, unknown>> {
  const { name, benchmark, warmup, order, seed } = document;
  const { sudo: _, allow_missing: __, ...trace } = document.trace;
  const hooks = Object.entries(hooksOf(document)).map(([hook, { words }]) => [hook, words]);
  return { name, benchmark, trace, warmup, order, seed, ...Object.fromEntries(hooks) };
}

/** Hashes the conditions under which a sweep's runs are made. */
export function sweepIdentity({ document, benchmarkSha256, programSha256 }: SweepIdentity): string {
  const { name, benchmark, trace, warmup, order, seed, ...hooks } = conditionsOf(document);
  // Keep this order: databases have the hash of this text. Sweeps without commands of the user's
  // own have the hash that they had before there were any.
  const own = Object.keys(hooks).length === 0 ? [] : [hooks];
  return createHash('sha256')
    .update(
      JSON.stringify([
        ...[name, benchmark, trace, warmup, order, seed, benchmarkSha256, programSha256],
        ...own,
      ]),
    )
    .digest('hex');
}
