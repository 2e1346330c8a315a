import { UserError } from '../errors.ts';
import type { Cell } from '../experiment/cell.ts';
import { overheadSeconds, runSeconds, type SweepCosts } from './estimate.ts';
import { byProgram } from './order.ts';

/** One of several parts of a sweep, with some of its cells and a database of its own. */
export interface Shard {
  /** From 1 to `of`. */
  readonly number: number;
  readonly of: number;
}

/**
 * Each shard is a database, and a task of a Slurm array, whose size Slurm limits (MaxArraySize).
 */
export const MOST_SHARDS = 100_000;

/** Reads `2/4`. @throws UserError for anything else */
export function parseShard(text: string): Shard {
  const [, number = Number.NaN, of = Number.NaN] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(
    Number,
  );
  if (number >= 1 && number <= of && of <= MOST_SHARDS) return { number, of };
  throw new UserError(
    `--shard: expected K/N, shard K of N (1 <= K <= N <= ${MOST_SHARDS}), got ${JSON.stringify(text)}`,
  );
}

export function shardName({ number, of }: Shard): string {
  return `${number}/${of}`;
}

/**
 * Divides the cells of a sweep among shards so that these take about the same time: those that take
 * longest first, each to the shard with the least to do so far (Graham 1969, "Bounds on
 * multiprocessing timing anomalies": at most 4/3 of the best possible). Cells that differ only in the
 * program stay together, because they are compared. Pure function: the machines that make the shards
 * find the same without asking each other.
 * @param secondsOf how long one trial of a cell takes, above 0
 * @returns the shard of each cell, from 1, in the order of the cells
 */
export function assignShards(
  cells: readonly Cell[],
  shards: number,
  secondsOf: (cell: Cell) => number,
): readonly number[] {
  const groups = [...byProgram(cells)].map((group) => ({
    group,
    seconds: group.reduce((sum, at) => sum + secondsOf(cells[at]!), 0),
  }));
  const load = new Array<number>(shards).fill(0);
  const shardOf = new Array<number>(cells.length);
  for (const { group, seconds } of groups.sort((a, b) => b.seconds - a.seconds)) {
    const least = load.reduce((best, each, at) => (each < load[best]! ? at : best), 0);
    load[least]! += seconds;
    for (const at of group) shardOf[at] = least + 1;
  }
  return shardOf;
}

/**
 * Estimates how many seconds one trial of a cell takes with its control, without attaching the
 * tracer.
 */
export function trialSeconds(
  cell: Cell,
  costs: SweepCosts,
  { traced, controls }: { readonly traced: boolean; readonly controls: boolean },
): number {
  const kinds = traced && controls ? [true, false] : [traced];
  return kinds.reduce(
    (sum, isTraced) =>
      sum + runSeconds({ cell, traced: isTraced }, costs) + overheadSeconds(isTraced, costs),
    0,
  );
}
