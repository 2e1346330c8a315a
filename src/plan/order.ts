import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Cell } from '../spec/cell.ts';
import type { Order } from '../spec/schema.ts';
import { mixedSeed } from './seed.ts';

/** One execution that is to happen. */
export interface PlannedRun {
  /** Place in the whole plan, from 1; the same in every resume of a sweep. */
  readonly ordinal: number;
  readonly cell: Cell;
  /** Index of the cell in the matrix. */
  readonly cellIndex: number;
  /** From 1; the first `warmup` trials of a cell are warm-up. */
  readonly trial: number;
  readonly warmup: boolean;
  readonly traced: boolean;
}

export interface OrderOptions {
  readonly trials: number;
  readonly warmup: number;
  readonly order: Order;
  readonly seed: number;
  readonly traced: boolean;
}

/**
 * The runs of a sweep in their order. A block holds one trial of every cell, so that a drift of
 * the machine meets all cells alike; every block is shuffled from the seed and its own number,
 * so that more trials never change the blocks before them.
 */
export function orderRuns(cells: readonly Cell[], options: OrderOptions): readonly PlannedRun[] {
  const trials = options.warmup + options.trials;
  const runs: PlannedRun[] = [];
  const add = (cellIndex: number, trial: number) =>
    runs.push({
      ordinal: runs.length + 1,
      cell: cells[cellIndex]!,
      cellIndex,
      trial,
      warmup: trial <= options.warmup,
      traced: options.traced,
    });
  if (options.order === 'sequential') {
    for (const cellIndex of cells.keys()) {
      for (let trial = 1; trial <= trials; trial++) add(cellIndex, trial);
    }
  } else {
    for (let trial = 1; trial <= trials; trial++) {
      const indexes = [...cells.keys()];
      if (options.order === 'shuffled') shuffle(indexes, options.seed, trial);
      for (const cellIndex of indexes) add(cellIndex, trial);
    }
  }
  return runs;
}

/** Fisher-Yates, in place. */
function shuffle(items: number[], seed: number, block: number): void {
  const generator = xoroshiro128plus(mixedSeed(seed, block));
  for (let last = items.length - 1; last > 0; last--) {
    const other = uniformInt(generator, 0, last);
    [items[last], items[other]] = [items[other]!, items[last]!];
  }
}
