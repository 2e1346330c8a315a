import type { PlannedRun } from './order.ts';

/** How well a cell is known when another block begins. */
export interface CellPrecision {
  /** Half the width of the median's interval as a share of the median; undefined: too few runs. */
  readonly relativeHalfWidth: number | undefined;
  /** What one more trial of the cell takes, with its twin. */
  readonly secondsPerTrial: number;
}

/**
 * The cells, by index, that get another trial: those whose interval is wider than asked for. When
 * the time left is not enough for all, those with the widest intervals get it.
 * A cell without an interval after its least number of trials has failed, and gets no more.
 */
export function cellsToRefine(
  cells: ReadonlyMap<number, CellPrecision>,
  relativeCi: number,
  secondsLeft: number,
): ReadonlySet<number> {
  const wide = [...cells]
    .flatMap(([index, { relativeHalfWidth: width, secondsPerTrial }]) =>
      width !== undefined && width > relativeCi ? [{ index, width, secondsPerTrial }] : [],
    )
    .sort((a, b) => b.width - a.width || a.index - b.index);
  const chosen = new Set<number>();
  let seconds = 0;
  for (const { index, secondsPerTrial } of wide) {
    seconds += secondsPerTrial;
    if (seconds > secondsLeft) break;
    chosen.add(index);
  }
  return chosen;
}

/** Up to here, cells are looked at before each trial. */
const EACH_TRIAL = 100;
/** Later, once for this share of the trials so far: one more hardly changes what is known. */
const SHARE = 0.05;

/**
 * The trial before which it is decided whether a cell gets a given one, which is that one or an earlier
 * one. A look takes the longer the more trials there are; so many runs cost each no more than few.
 * @param first the first one that a cell does not get in any case
 */
export function decisionTrial(trial: number, first: number): number {
  let at = Math.max(first, EACH_TRIAL);
  if (trial <= at) return trial;
  for (let next = at; next <= trial; next = at + Math.floor(at * SHARE)) at = next;
  return at;
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
