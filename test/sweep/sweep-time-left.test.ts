import { describe, expect, it } from 'vitest';
import type { SweepCosts } from '../../src/plan/estimate.ts';
import { orderRuns, type PlannedRun } from '../../src/plan/order.ts';
import { SweepTimeLeft, type SweepTimeSetting } from '../../src/sweep/sweep-time-left.ts';
import { cellsOf } from '../plan/cells.ts';
import { exampleResult } from '../store/example-sweep.ts';

const COSTS: SweepCosts = {
  options: { bare: true, iterations: 1 },
  timeout: 'auto',
  ...{ tracer: undefined, attachPerRun: false, scriptSeconds: 0 },
};
const CELLS = cellsOf(2);
const RUNS = orderRuns(CELLS, {
  ...{ trials: 10, warmup: 0, order: 'round-robin', seed: 1, traced: false, controls: false },
});

/** A sweep on two hosts, each of which makes one of the cells, and a clock that is set by hand. */
function followed(change: Partial<SweepTimeSetting> = {}) {
  const clock = { ms: 0 };
  const time = new SweepTimeLeft({
    ...{ cells: CELLS, times: new Map(), untilPrecise: false, nowMs: () => clock.ms },
    costs: new Map([
      ['a', COSTS],
      ['b', COSTS],
    ]),
    budgetLeftMs: () => Number.POSITIVE_INFINITY,
    ...change,
  });
  const own = {
    a: RUNS.filter((r) => r.cellIndex === 0),
    b: RUNS.filter((r) => r.cellIndex === 1),
  };
  time.expect(own.a, 'a');
  time.expect(own.b, 'b');
  const ends = (planned: PlannedRun, ms: number, attempt = 1) => {
    clock.ms += ms;
    const result = exampleResult(planned.trial, { planned, attempt, wallNs: (ms / 2) * 1e6 });
    time.note({ kind: 'ended', result });
  };
  return { clock, time, own, ends };
}

describe('the time that a sweep still takes', () => {
  it('is that of its slowest host, measured there', () => {
    const { time, own, ends } = followed();
    expect(time.estimate().seconds).toBeLessThan(1);
    for (const run of own.a.slice(0, 3)) ends(run, 400);
    // Seven more of 400 ms each, of which half is the run itself.
    expect(time.estimate().seconds).toBeCloseTo(2.8, 6);
    time.hasEnded('a');
    expect(time.estimate().seconds).toBeLessThan(1);
  });

  it('does not include the time in which a host was away', () => {
    const { clock, time, own, ends } = followed();
    for (const run of own.a.slice(0, 2)) ends(run, 400);
    time.note({ kind: 'host-gone', host: 'a', reason: 'x' });
    clock.ms += 600_000;
    for (const run of own.a.slice(2, 4)) ends(run, 400);
    expect(time.estimate().seconds).toBeCloseTo(6 * 0.4, 6);
  });

  it('counts a run with several attempts once, even when its host was away between them', () => {
    const { time, own, ends } = followed();
    const [first, ...others] = own.a;
    for (const run of others.slice(0, 5)) ends(run, 400);
    ends(first!, 400);
    ends(first!, 400, 2);
    time.note({ kind: 'host-gone', host: 'a', reason: 'x' });
    ends(first!, 400, 3);
    // Four are left; eight attempts have made six runs.
    expect(time.estimate().seconds).toBeCloseTo(4 * 0.4 * (8 / 6), 6);
  });

  it('includes, after the first run, the time to attach the tracer', () => {
    const tracer = {
      ...{ attachSeconds: 1, detachSeconds: 0, runSeconds: 0 },
      ...{ messageSeconds: 0, scriptSeconds: 0 },
    };
    const plan = orderRuns(CELLS.slice(0, 1), {
      ...{ trials: 6, warmup: 0, order: 'round-robin', seed: 1, traced: true, controls: true },
    });
    const { clock, time, ends } = followed({ costs: new Map([['a', { ...COSTS, tracer }]]) });
    time.hasEnded('b');
    time.expect(plan, 'a');
    const [first, ...others] = plan;
    const attachments = others.filter(({ traced }, at) => traced && !plan[at]!.traced).length;
    expect([first!.traced, attachments]).toEqual([true, 3]);
    const before = time.estimate().seconds;
    clock.ms += 60_000;
    time.note({ kind: 'environment', host: undefined, warnings: [] });
    clock.ms += 7000;
    ends(first!, 400);
    // Each of those that are left takes six seconds more than was thought.
    expect(time.estimate().seconds - before).toBeGreaterThan(3 * 6);
    expect(time.estimate().seconds - before).toBeLessThan(3 * 6.5 + 12 * 0.5);
  });

  it('begins with what earlier starts have measured', () => {
    const times = {
      ...{ cell: 'pipe,2proc,1,1', traced: false, changed: false, attempts: 4, retries: 0 },
      ...{ seconds: 8, known: 4, overheadSeconds: 4 },
    };
    const { time } = followed({ times: new Map([['a', [times]]]) });
    expect(time.estimate().seconds).toBeCloseTo(10 * 3, 6);
  });

  it('is a lower bound while trials depend on results, and never more than the rest of the budget', () => {
    const precise = followed({ untilPrecise: true, budgetLeftMs: () => 5000 });
    for (const run of precise.own.a.slice(0, 2)) precise.ends(run, 500);
    expect(precise.time.estimate()).toEqual({ seconds: 4, atLeast: true });
    precise.time.expect(precise.own.a.slice(0, 5), 'a');
    expect(precise.time.estimate()).toEqual({ seconds: 5, atLeast: false });
    const spent = followed({ budgetLeftMs: () => -3 });
    expect(spent.time.estimate()).toEqual({ seconds: 0, atLeast: false });
  });

  it('ignores an interrupted run', () => {
    const { time, own, clock } = followed();
    const before = time.estimate().seconds;
    clock.ms += 90_000;
    const planned = own.a[0]!;
    time.note({
      kind: 'ended',
      result: exampleResult(1, {
        ...{ planned, wallNs: 90e9, outcome: { state: 'interrupted', reason: 'interrupted' } },
      }),
    });
    expect(time.estimate().seconds).toBe(before);
  });
});
