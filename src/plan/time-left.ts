import { type Cell, cellKey } from '../experiment/cell.ts';
import { changeSeconds, overheadSeconds, runSeconds, type SweepCosts } from './estimate.ts';
import type { PlannedRun } from './order.ts';

/** The time that some runs of one cell on one host took; attempts are counted one by one. */
export interface RunTimes {
  /** The cell's key. */
  readonly cell: string;
  readonly traced: boolean;
  /** True if the tracer was attached or detached before each of them. */
  readonly changed: boolean;
  readonly attempts: number;
  /** The number of attempts that repeated the run before them. */
  readonly retries: number;
  /** The total time from their starts to their ends. */
  readonly seconds: number;
  /** The number of attempts whose overhead is known. */
  readonly known: number;
  /** Their total overhead: the time from storing the run before to storing them, minus the runs. */
  readonly overheadSeconds: number;
}

/**
 * Estimates how long the remaining runs on one host will take. For a cell that already has runs,
 * their own times are used; for others the model, corrected by how far it was off for the cells
 * with runs. It uses means instead of medians, because slow runs take their time as well.
 */
export class TimeLeft {
  readonly #cells: ReadonlyMap<string, Cell>;
  /** The remaining runs before which the tracer is attached or detached. */
  readonly #changing = new Set<PlannedRun>();
  readonly #traced: Kind;
  readonly #untraced: Kind;
  #lastIsTraced = false;
  #attempts = 0;
  #retries = 0;

  /** @param cells all cells of the sweep */
  constructor(cells: readonly Cell[], costs: SweepCosts) {
    this.#cells = new Map(cells.map((cell) => [cellKey(cell), cell]));
    this.#traced = new Kind(true, costs);
    this.#untraced = new Kind(false, costs);
  }

  /** Adds runs, which come after those added before, in this order. */
  expect(runs: readonly PlannedRun[]): void {
    for (const run of runs) {
      const changed = run.traced !== this.#lastIsTraced;
      if (changed) this.#changing.add(run);
      this.#kind(run.traced).expect(run.cell, changed, 1);
      this.#lastIsTraced = run.traced;
    }
  }

  /** Removes an expected run that need not be made any more; to be called once for each. */
  made(run: PlannedRun): void {
    this.#kind(run.traced).expect(run.cell, this.#changing.delete(run), -1);
  }

  /** Learns from runs that have ended. */
  learn(times: RunTimes): void {
    const cell = this.#cells.get(times.cell);
    if (cell === undefined) return;
    this.#attempts += times.attempts;
    this.#retries += times.retries;
    this.#kind(times.traced).learn(times, cell);
  }

  seconds(): number {
    if (!this.#traced.anyLeft && !this.#untraced.anyLeft) return 0;
    const attemptsPerRun =
      this.#attempts > this.#retries ? this.#attempts / (this.#attempts - this.#retries) : 1;
    const runs = attemptsPerRun * (this.#traced.runSeconds() + this.#untraced.runSeconds());
    const changes = this.#traced.changeSeconds() + this.#untraced.changeSeconds();
    return runs + changes + (this.#lastIsTraced ? this.#untraced.oneChange() : 0);
  }

  #kind(traced: boolean): Kind {
    return traced ? this.#traced : this.#untraced;
  }
}

/** Either the traced or the untraced runs. */
class Kind {
  readonly #isTraced: boolean;
  readonly #costs: SweepCosts;
  /** The cells that have runs left, by the plan's own object of the cell. */
  readonly #left = new Map<Cell, { readonly key: string; runs: number }>();
  /** How many of these runs need the tracer attached (traced) or detached (untraced) first. */
  #changesLeft = 0;
  readonly #ofCell = new Map<string, { readonly run: Mean; readonly overhead: Mean }>();
  readonly #overhead = new Mean();
  readonly #overheadWithChange = new Mean();
  /** The time that all ended runs took, and the time that the model gives for them. */
  #measured = 0;
  #modelled = 0;

  constructor(isTraced: boolean, costs: SweepCosts) {
    this.#isTraced = isTraced;
    this.#costs = costs;
  }

  expect(cell: Cell, changed: boolean, runs: number): void {
    const left = this.#left.get(cell) ?? { key: cellKey(cell), runs: 0 };
    left.runs += runs;
    if (left.runs > 0) this.#left.set(cell, left);
    else this.#left.delete(cell);
    if (changed) this.#changesLeft += runs;
  }

  get anyLeft(): boolean {
    return this.#left.size > 0;
  }

  learn({ cell: key, changed, attempts, seconds, known, overheadSeconds }: RunTimes, cell: Cell) {
    const own = this.#ofCell.get(key) ?? { run: new Mean(), overhead: new Mean() };
    this.#ofCell.set(key, own);
    own.run.add(seconds, attempts);
    this.#measured += seconds;
    this.#modelled += attempts * this.#model(cell);
    if (changed) this.#overheadWithChange.add(overheadSeconds, known);
    else {
      own.overhead.add(overheadSeconds, known);
      this.#overhead.add(overheadSeconds, known);
    }
  }

  runSeconds(): number {
    const correction = this.#modelled > 0 ? this.#measured / this.#modelled : 1;
    let seconds = 0;
    for (const [cell, { key, runs }] of this.#left) {
      const own = this.#ofCell.get(key);
      const run = own?.run.value ?? correction * this.#model(cell);
      seconds += runs * (run + (own?.overhead.value ?? this.#meanOverhead()));
    }
    return seconds;
  }

  changeSeconds(): number {
    return this.#changesLeft * this.oneChange();
  }

  /** The seconds to attach the tracer before a traced run, or detach it before an untraced one. */
  oneChange(): number {
    const { value } = this.#overheadWithChange;
    if (value === undefined) return changeSeconds(this.#isTraced, this.#costs);
    return Math.max(0, value - this.#meanOverhead());
  }

  #meanOverhead(): number {
    return this.#overhead.value ?? overheadSeconds(this.#isTraced, this.#costs);
  }

  #model(cell: Cell): number {
    return runSeconds({ cell, traced: this.#isTraced }, this.#costs);
  }
}

class Mean {
  #sum = 0;
  #count = 0;

  add(sum: number, count: number): void {
    this.#sum += sum;
    this.#count += count;
  }

  /** The mean of what was added; undefined if nothing was. */
  get value(): number | undefined {
    return this.#count > 0 ? this.#sum / this.#count : undefined;
  }
}

/** How much longer a sweep will take. */
export interface TimeEstimate {
  readonly seconds: number;
  /** True if more runs may turn out to be needed. */
  readonly atLeast: boolean;
}

/** Limits an estimate: a sweep ends when its budget is used up. @param budgetMs the rest of it */
export function withinBudget(seconds: number, atLeast: boolean, budgetMs: number): TimeEstimate {
  const most = Math.max(0, budgetMs / 1000);
  return seconds < most ? { seconds, atLeast } : { seconds: most, atLeast: false };
}
