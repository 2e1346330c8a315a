import { type Cell, keyWithoutProgram } from '../experiment/cell.ts';
import type { Order } from '../experiment/schema.ts';
import { mixedSeed } from './seed.ts';
import { shuffle } from './shuffle.ts';

/** One execution that is to happen. */
export interface PlannedRun {
  /** Place in the whole plan, from 1; the same in every resume of a sweep. */
  readonly ordinal: number;
  /** From 1: runs of one block are compared with each other rather than with those of another. */
  readonly block: number;
  readonly cell: Cell;
  /** Index of the cell in the matrix. */
  readonly cellIndex: number;
  /** From 1; the first `warmup` trials of a cell are warm-up. */
  readonly trial: number;
  readonly warmup: boolean;
  /** False: a control, or any run of an untraced sweep. */
  readonly traced: boolean;
}

export interface OrderOptions {
  readonly trials: number;
  readonly warmup: number;
  readonly order: Order;
  readonly seed: number;
  readonly traced: boolean;
  /** Every traced run has an untraced twin in its block. */
  readonly controls: boolean;
}

/**
 * The runs of a sweep in their order. A block holds one trial of every cell, so that a drift of
 * the machine meets all cells alike; every block is shuffled from the seed and its own number,
 * so that more trials never change the blocks before them. In the order `sequential` a block holds
 * one trial of one cell, made by each program: runs of two programs with the same trial are in the
 * same block in every order.
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

/** The indexes of cells that differ in the program alone, in the order of the first of them. */
function byProgram(cells: readonly Cell[]): Iterable<readonly number[]> {
  const groups = new Map<string, number[]>();
  cells.forEach((cell, at) => {
    const key = keyWithoutProgram(cell);
    const group = groups.get(key);
    if (group) group.push(at);
    else groups.set(key, [at]);
  });
  return groups.values();
}

/** Keeps the order of a block's controls apart from that of its traced runs. */
const CONTROLS_STREAM = 0x40000000;

/**
 * One block. To attach a tracer takes as long as many runs, and while it is attached nothing is
 * untraced; so a block with controls has a traced half and an untraced one, and the next block has
 * them the other way round (ABBAABBA...; which is A, the seed decides): a drift of the machine meets
 * both alike, and a tracer is attached once for two blocks.
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
  const twins = half(false, block + CONTROLS_STREAM);
  const drawn = order === 'shuffled' && (mixedSeed(seed, CONTROLS_STREAM) & 1) === 1;
  const second = block % 2 === 0;
  return drawn === second ? [...main, ...twins] : [...twins, ...main];
}
