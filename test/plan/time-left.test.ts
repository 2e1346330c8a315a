import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cell, cellKey } from '../../src/experiment/cell.ts';
import type { SweepCosts } from '../../src/plan/estimate.ts';
import { orderRuns, type PlannedRun } from '../../src/plan/order.ts';
import { type RunTimes, TimeLeft, withinBudget } from '../../src/plan/time-left.ts';
import { cellsOf } from './cells.ts';

const COSTS: SweepCosts = {
  options: { bare: true, iterations: 1 },
  timeout: 'auto',
  tracer: {
    ...{ attachSeconds: 1, detachSeconds: 0.5, runSeconds: 0.01 },
    ...{ messageSeconds: 1e-5, scriptSeconds: 2 },
  },
  attachPerRun: false,
  scriptSeconds: 0,
};

const planOf = (cells: readonly Cell[], trials: number, controls: boolean) =>
  orderRuns(cells, { trials, warmup: 0, order: 'shuffled', seed: 1, traced: true, controls });

/** How long the runs of a made-up machine take. */
interface Machine {
  readonly run: (run: PlannedRun) => number;
  readonly overhead: number;
  readonly attach: number;
  readonly detach: number;
}

/** How long a run took there, after another one. */
function timesOf(run: PlannedRun, before: PlannedRun | undefined, machine: Machine): RunTimes {
  const changed = run.traced !== (before?.traced ?? false);
  const change = run.traced ? machine.attach : machine.detach;
  return {
    ...{ cell: cellKey(run.cell), traced: run.traced, changed, attempts: 1, retries: 0 },
    seconds: machine.run(run),
    known: 1,
    overheadSeconds: machine.overhead + (changed ? change : 0),
  };
}

/** Makes the first runs of a plan. @returns what is said to be left then, and what really is */
function after(made: number, plan: readonly PlannedRun[], cells: readonly Cell[], is: Machine) {
  const left = new TimeLeft(cells, COSTS);
  left.expect(plan);
  const times = plan.map((run, at) => timesOf(run, plan[at - 1], is));
  for (const [at, run] of plan.slice(0, made).entries()) {
    left.made(run);
    left.learn(times[at]!);
  }
  const true_ = times
    .slice(made)
    .reduce((sum, { seconds, overheadSeconds }) => sum + seconds + overheadSeconds, 0);
  return { said: left.seconds(), true: true_ + (plan.at(-1)?.traced ? is.detach : 0) };
}

describe('the time left', () => {
  it('follows the model, with attachments, for a plan of which nothing is made', () => {
    const cells = cellsOf(3);
    const seconds = (costs: Partial<SweepCosts>, controls = false, trials = 4) => {
      const left = new TimeLeft(cells, { ...COSTS, ...costs });
      left.expect(planOf(cells, trials, controls));
      return left.seconds();
    };
    const { tracer } = COSTS;
    // Twelve runs; attached once, and taken away at the end.
    expect(seconds({})).toBeGreaterThan(1.5 + 12 * 0.01);
    expect(seconds({})).toBeLessThan(1.5 + 12 * 0.02);
    expect(seconds({ attachPerRun: true })).toBeGreaterThan(12 * 1.5);
    expect(seconds({ scriptSeconds: 4 })).toBeGreaterThan(12 * 4);
    // Half of the runs are untraced; the tracer is attached once for two blocks.
    expect(seconds({}, true)).toBeGreaterThan(2 * 1.5 + 12 * 0.01);
    expect(seconds({}, true)).toBeLessThan(3 * 1.5 + 24 * 0.02);
    expect(seconds({ tracer: undefined })).toBeLessThan(12 * 0.01);
    expect(seconds({ tracer: { ...tracer!, attachSeconds: 10 } })).toBeCloseTo(seconds({}) + 9, 6);
    expect(seconds({}, false, 0)).toBe(0);
  });

  it('follows the measured times when every kind of run has been made, whatever the model says', () => {
    const number = fc.double({ min: 0.001, max: 100, noNaN: true });
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 5 }),
        fc.integer({ min: 4, max: 9 }),
        fc.boolean(),
        fc.record({ base: number, overhead: number, attach: number, detach: number }),
        (count, trials, controls, { base, ...rest }) => {
          const cells = cellsOf(count);
          const plan = planOf(cells, trials, controls);
          const machine = {
            ...rest,
            run: ({ cell, traced }: PlannedRun) => base * (cell.bufferBytes + Number(traced)),
          };
          const { said, true: is } = after(
            3 * count * (1 + Number(controls)),
            plan,
            cells,
            machine,
          );
          // A sweep without controls has never seen its tracer end.
          const unseen = controls ? 0 : Math.abs(COSTS.tracer!.detachSeconds - rest.detach);
          expect(Math.abs(said - is)).toBeLessThanOrEqual(unseen + 1e-6 * is);
        },
      ),
    );
  });

  it('of cells without a run depends on how far the model was off for the others', () => {
    const cells = cellsOf(2);
    const order = { warmup: 0, seed: 1, traced: false, controls: false, trials: 5 } as const;
    const plan = orderRuns(cells, { ...order, order: 'sequential' });
    const machine = { run: () => 3, overhead: 0.001, attach: 0, detach: 0 };
    const { said, true: is } = after(5, plan, cells, machine);
    expect(said / is).toBeGreaterThan(0.9);
    expect(said / is).toBeLessThan(1.1);
  });

  it('corrects the model by the mean of all attempts', () => {
    const cells = cellsOf(2);
    const left = new TimeLeft(cells, { ...COSTS, tracer: undefined });
    const order = { warmup: 0, seed: 1, traced: false, controls: false, trials: 5 } as const;
    left.expect(orderRuns(cells, { ...order, order: 'sequential' }).slice(5));
    left.learn({
      ...{ cell: cellKey(cells[0]!), traced: false, changed: false, attempts: 4, retries: 0 },
      ...{ seconds: 12, known: 2, overheadSeconds: 2 },
    });
    // Each of the five took 3 s in the other cell, which is hardly smaller, and 1 s around it.
    expect(left.seconds()).toBeCloseTo(5 * (3 + 1), 1);
  });

  it('includes runs that take several attempts, and ends at zero', () => {
    const cells = cellsOf(1);
    const plan = planOf(cells, 10, false);
    const left = new TimeLeft(cells, { ...COSTS, tracer: undefined });
    left.expect(plan);
    for (const run of plan.slice(0, 5)) {
      left.made(run);
      const one = timesOf(run, run, { run: () => 1, overhead: 0, attach: 0, detach: 0 });
      left.learn(one);
      left.learn({ ...one, retries: 1 });
    }
    expect(left.seconds()).toBeCloseTo(10, 6);
    for (const run of plan.slice(5)) left.made(run);
    expect(left.seconds()).toBe(0);
  });

  it('is zero when no run is left, although the tracer of the last one is still attached', () => {
    const cells = cellsOf(2);
    const plan = planOf(cells, 3, false);
    const left = new TimeLeft(cells, COSTS);
    left.expect(plan);
    expect(plan.at(-1)?.traced).toBe(true);
    for (const run of plan) {
      expect(left.seconds()).toBeGreaterThan(0);
      left.made(run);
    }
    expect(left.seconds()).toBe(0);
  });

  it('never includes a negative time for the tracer, though runs after a change waited less than others', () => {
    const cells = cellsOf(1);
    const left = new TimeLeft(cells, COSTS);
    const plan = planOf(cells, 10, true);
    left.expect(plan);
    for (const traced of [true, false]) {
      const run = {
        cell: cellKey(cells[0]!),
        traced,
        attempts: 1,
        retries: 0,
        seconds: 1,
        known: 1,
      };
      left.learn({ ...run, changed: false, overheadSeconds: 2 });
      left.learn({ ...run, changed: true, overheadSeconds: 0 });
    }
    expect(left.seconds()).toBeCloseTo(plan.length * 3, 6);
  });

  it('ignores cells that the sweep no longer has', () => {
    const cells = cellsOf(1);
    const left = new TimeLeft(cells, COSTS);
    left.expect(planOf(cells, 2, false));
    const before = left.seconds();
    left.learn({
      ...{ cell: 'another', traced: true, changed: false, attempts: 3, retries: 0 },
      ...{ seconds: 1000, known: 3, overheadSeconds: 1000 },
    });
    expect(left.seconds()).toBe(before);
  });
});

describe('the time left of a sweep with a budget', () => {
  it('is never more than the rest of the budget, and exact where the budget ends it', () => {
    const at = (seconds: number) => withinBudget(seconds, true, 5000);
    expect(at(4.9)).toEqual({ seconds: 4.9, atLeast: true });
    expect(at(5)).toEqual({ seconds: 5, atLeast: false });
    expect(at(5.1)).toEqual({ seconds: 5, atLeast: false });
    expect(withinBudget(4, false, 5000)).toEqual({ seconds: 4, atLeast: false });
    expect(withinBudget(4, true, -1)).toEqual({ seconds: 0, atLeast: false });
  });
});
