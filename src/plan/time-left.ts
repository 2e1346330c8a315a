import { type Cell, cellKey } from '../experiment/cell.ts';
import { changeSeconds, overheadSeconds, runSeconds, type SweepCosts } from './estimate.ts';
import type { PlannedRun } from './order.ts';

/** What some runs of one cell on one host took, attempts counted one by one. */
export interface RunTimes {
  /** The cell's key. */
  readonly cell: string;
  readonly traced: boolean;
  /** True: the tracer was attached or taken away before each of them. */
  readonly changed: boolean;
  readonly attempts: number;
  /** Those that repeated the run before them. */
  readonly retries: number;
  /** From their starts to their ends, all together. */
  readonly seconds: number;
  /** Of how many it is known what else they took. */
  readonly known: number;
  /** What those took besides: from the moment when the run before was stored until they were. */
  readonly overheadSeconds: number;
}

/**
 * How long the runs that are left on one host will take. Where runs of a cell have been made, their
 * own times count, and otherwise the model, corrected by how far it was off for the other cells.
 * Means and not medians are taken, as slow runs take their time as well.
 */
export class TimeLeft {
  readonly #cells: ReadonlyMap<string, Cell>;
  /** Of the runs that are left, those before which the tracer is attached or taken away. */
  readonly #changing = new Set<PlannedRun>();
  readonly #traced: Kind;
  readonly #untraced: Kind;
  #lastIsTraced = false;
  #attempts = 0;
  #retries = 0;

  /** @param cells all of the sweep */
  constructor(cells: readonly Cell[], costs: SweepCosts) {
    this.#cells = new Map(cells.map((cell) => [cellKey(cell), cell]));
    this.#traced = new Kind(true, costs);
    this.#untraced = new Kind(false, costs);
  }

  /** These runs come after those that were added before, in this order. */
  expect(runs: readonly PlannedRun[]): void {
    for (const run of runs) {
      const changed = run.traced !== this.#lastIsTraced;
      if (changed) this.#changing.add(run);
      this.#kind(run.traced).expect(run.cell, changed, 1);
      this.#lastIsTraced = run.traced;
    }
  }

  /** A run that was expected need not be made any more; to be called once for each. */
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

/** The traced or the untraced runs. */
class Kind {
  readonly #isTraced: boolean;
  readonly #costs: SweepCosts;
  /** Cells of which runs are left, by key. */
  readonly #left = new Map<Cell, { readonly key: string; runs: number }>();
  /** Of those runs, the ones before which the tracer is attached (traced) or taken away (untraced). */
  #changesLeft = 0;
  readonly #ofCell = new Map<string, { readonly run: Mean; readonly overhead: Mean }>();
  readonly #overhead = new Mean();
  readonly #overheadWithChange = new Mean();
  /** Of all runs that have ended: what they took, and what the model says of them. */
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

  /** To attach the tracer before a traced run, or to take it away before an untraced one. */
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

  /** Undefined: of nothing. */
  get value(): number | undefined {
    return this.#count > 0 ? this.#sum / this.#count : undefined;
  }
}

/** How much longer a sweep takes. */
export interface Estimate {
  readonly seconds: number;
  /** True: more runs may turn out to be needed. */
  readonly atLeast: boolean;
}

/** A sweep ends when its budget is used up, however many runs are left. @param budgetMs what is left of it */
export function withinBudget(seconds: number, atLeast: boolean, budgetMs: number): Estimate {
  const most = Math.max(0, budgetMs / 1000);
  return seconds < most ? { seconds, atLeast } : { seconds: most, atLeast: false };
}
