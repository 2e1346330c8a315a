import type { PlannedRun } from './order.ts';

/** A cell that more trials are called for of, when another block begins. */
export interface UnfinishedCell {
  /** Half the width of the median's interval as a share of the median. */
  readonly relativeHalfWidth: number;
  /** What one more trial of the cell takes, with its twin. */
  readonly secondsPerTrial: number;
}

/**
 * The cells, by index, that get another trial: all of them, or, when the time left is not enough
 * for that, those with the widest intervals.
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
  /** Trials that every cell gets, warm-up included. */
  readonly leastTrials: number;
  /**
   * The cells that get this trial, of those that have runs of it left; asked when the turn of its
   * block comes. Half a block may have been made before: the same cells must be chosen again.
   */
  readonly choose: (cellIndexes: ReadonlySet<number>, trial: number) => ReadonlySet<number>;
  /** A block beyond the least number of trials begins, with these runs. */
  readonly onBlock: (runs: readonly PlannedRun[]) => void;
}

/**
 * The runs that are left of a plan, one after the other: the least number of trials of every cell,
 * then of each further block only the cells that need it. Order and ordinals are those of the whole
 * plan, so that a resume goes on as if nothing had happened.
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
