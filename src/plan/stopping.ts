import type { PlannedRun } from './order.ts';

/** A cell that needs more trials when another block begins. */
export interface UnfinishedCell {
  /** Half the width of the median's interval, as a share of the median. */
  readonly relativeHalfWidth: number;
  /** The seconds that one more trial of the cell takes, including its twin. */
  readonly secondsPerTrial: number;
}

/**
 * Returns the indexes of the cells that get another trial: all of them or, if there is not enough
 * time left for that, those with the widest intervals.
 */
export function cellsToRefine(
  cells: ReadonlyMap<number, UnfinishedCell>,
  secondsLeft: number,
): ReadonlySet<number> {
  const widest = [...cells].sort(
    ([a, { relativeHalfWidth: widthA }], [b, { relativeHalfWidth: widthB }]) =>
      widthB - widthA || a - b,
  );
  const chosen = new Set<number>();
  let seconds = 0;
  for (const [index, { secondsPerTrial }] of widest) {
    seconds += secondsPerTrial;
    if (seconds > secondsLeft) break;
    chosen.add(index);
  }
  return chosen;
}

export interface Refinement {
  /** The number of trials that every cell gets, including warm-up. */
  readonly leastTrials: number;
  /**
   * Chooses the cells that get this trial, among those that still have runs of it; called when the
   * turn of its block comes. If half the block has already been made, the same cells must be chosen
   * again.
   */
  readonly choose: (cellIndexes: ReadonlySet<number>, trial: number) => ReadonlySet<number>;
  /** Called when a block beyond the least number of trials begins, with its runs. */
  readonly onBlock: (runs: readonly PlannedRun[]) => void;
}

/**
 * Yields the remaining runs of a plan: the least number of trials of every cell, then, in each
 * further block, only the cells that need it. Order and ordinals are those of the whole plan, so
 * that a resumed sweep goes on as if nothing had happened.
 */
export function* refinedRuns(
  left: readonly PlannedRun[],
  { leastTrials, choose, onBlock }: Refinement,
): Generator<PlannedRun> {
  for (let at = 0; at < left.length; ) {
    const { block, trial } = left[at]!;
    let end = at;
    while (left[end]?.block === block) end++;
    const runs = left.slice(at, end);
    at = end;
    if (trial <= leastTrials) {
      yield* runs;
      continue;
    }
    const wanted = choose(new Set(runs.map(({ cellIndex }) => cellIndex)), trial);
    const chosen = runs.filter(({ cellIndex }) => wanted.has(cellIndex));
    if (chosen.length > 0) onBlock(chosen);
    yield* chosen;
  }
}
