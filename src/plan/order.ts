import { type Cell, keyWithoutProgram } from '../experiment/cell.ts';
import type { Order } from '../experiment/schema.ts';
import { mixedSeed } from './seed.ts';
import { shuffle } from './shuffle.ts';

/** One run that is planned. */
export interface PlannedRun {
  /** The position in the whole plan, from 1; it is the same whenever a sweep is resumed. */
  readonly ordinal: number;
  /** Counted from 1; runs are compared with others of the same block, not of another one. */
  readonly block: number;
  readonly cell: Cell;
  /** The index of the cell in the matrix. */
  readonly cellIndex: number;
  /** The number of the trial, from 1; the first `warmup` trials of a cell are warm-up. */
  readonly trial: number;
  readonly warmup: boolean;
  /** False for a control, and for any run of an untraced sweep. */
  readonly traced: boolean;
}

export interface OrderOptions {
  readonly trials: number;
  readonly warmup: number;
  readonly order: Order;
  readonly seed: number;
  readonly traced: boolean;
  /** True if every traced run has an untraced twin in its block. */
  readonly controls: boolean;
}

/**
 * Returns the runs of a sweep in their order. A block contains one trial of every cell, so that a
 * drift of the machine affects all cells alike. Every block is shuffled from the seed and its own
 * number, so that more trials never change the blocks before them. In the order `sequential`, a
 * block contains one trial of one cell, made by each program: runs of two programs with the same
 * trial number are in the same block in every order.
 */
export function orderRuns(cells: readonly Cell[], options: OrderOptions): readonly PlannedRun[] {
  const runs: PlannedRun[] = [];
  let block = 0;
  const add = (cellIndexes: readonly number[], trial: number) => {
    block++;
    for (const { cellIndex, traced } of blockRuns(cellIndexes, block, options)) {
      runs.push({
        ordinal: runs.length + 1,
        block,
        cell: cells[cellIndex]!,
        cellIndex,
        trial,
        warmup: trial <= options.warmup,
        traced,
      });
    }
  };
  const trials = options.warmup + options.trials;
  const all = [...cells.keys()];
  if (options.order === 'sequential') {
    for (const own of byProgram(cells)) {
      for (let trial = 1; trial <= trials; trial++) add(own, trial);
    }
  } else {
    for (let trial = 1; trial <= trials; trial++) add(all, trial);
  }
  return runs;
}

/** Groups the indexes of cells that differ only in the program, in order of their first cells. */
export function byProgram(cells: readonly Cell[]): Iterable<readonly number[]> {
  const groups = new Map<string, number[]>();
  cells.forEach((cell, at) => {
    const key = keyWithoutProgram(cell);
    const group = groups.get(key);
    if (group) group.push(at);
    else groups.set(key, [at]);
  });
  return groups.values();
}

/** Keeps the shuffling of a block's controls apart from that of its traced runs. */
const CONTROLS_STREAM = 0x40000000;

/**
 * Returns one block. Attaching a tracer takes as long as many runs, and while it is attached no run
 * is untraced. So a block with controls has a traced half and an untraced half, and the next block
 * has them the other way round (ABBAABBA...; the seed decides which is A). A drift of the machine
 * then affects both alike, and a tracer is attached once for two blocks.
 */
function blockRuns(
  cellIndexes: readonly number[],
  block: number,
  { order, seed, traced, controls }: OrderOptions,
): readonly { readonly cellIndex: number; readonly traced: boolean }[] {
  const half = (isTraced: boolean, stream: number) => {
    const indexes = [...cellIndexes];
    if (order === 'shuffled') shuffle(indexes, seed, stream);
    return indexes.map((cellIndex) => ({ cellIndex, traced: isTraced }));
  };
  const main = half(traced, block);
  if (!traced || !controls) return main;
  const controlRuns = half(false, block + CONTROLS_STREAM);
  const drawn = order === 'shuffled' && (mixedSeed(seed, CONTROLS_STREAM) & 1) === 1;
  const second = block % 2 === 0;
  return drawn === second ? [...main, ...controlRuns] : [...controlRuns, ...main];
}
