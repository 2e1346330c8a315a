import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ORDERS } from '../../src/experiment/schema.ts';
import { orderRuns, type PlannedRun } from '../../src/plan/order.ts';
import { cellsToRefine, refinedRuns, type UnfinishedCell } from '../../src/plan/stopping.ts';
import { cellsOf } from './cells.ts';

/** All the runs that a sweep may have, in some order. */
const plan = fc
  .record({
    count: fc.integer({ min: 1, max: 8 }),
    trials: fc.integer({ min: 1, max: 8 }),
    warmup: fc.integer({ min: 0, max: 2 }),
    seed: fc.integer({ min: 0, max: 4294967295 }),
    controls: fc.boolean(),
    order: fc.constantFrom(...ORDERS),
  })
  .map(({ count, ...options }) => orderRuns(cellsOf(count), { ...options, traced: true }));

const keyOf = ({ cellIndex, trial, traced }: PlannedRun) => `${cellIndex}/${trial}/${traced}`;

describe('the runs of a sweep with trials until a precision', () => {
  it('are the least trials of every cell, and after them those of the chosen cells', () => {
    fc.assert(
      fc.property(plan, fc.integer({ min: 1, max: 10 }), fc.nat(255), (runs, leastTrials, bits) => {
        const wanted = (cellIndex: number) => ((bits >> cellIndex) & 1) === 1;
        const blocks: number[] = [];
        const made = [
          ...refinedRuns(runs, {
            leastTrials,
            choose: (cells) => new Set([...cells].filter(wanted)),
            onBlock: (block) => blocks.push(block.length),
          }),
        ];
        const expected = runs.filter((run) => run.trial <= leastTrials || wanted(run.cellIndex));
        expect(made).toEqual(expected);
        const beyond = made.filter(({ trial }) => trial > leastTrials).length;
        expect(blocks.reduce((sum, count) => sum + count, 0)).toBe(beyond);
        expect(blocks).not.toContain(0);
      }),
    );
  });

  it('are asked for block by block, when the earlier blocks have been made', () => {
    const runs = orderRuns(cellsOf(3), {
      ...{ trials: 4, warmup: 0, order: 'shuffled', seed: 1, traced: true, controls: true },
    });
    const made: string[] = [];
    const asked: number[] = [];
    const choose = (cells: ReadonlySet<number>) => {
      asked.push(made.length);
      return cells;
    };
    for (const run of refinedRuns(runs, { leastTrials: 2, choose, onBlock: () => {} })) {
      made.push(keyOf(run));
    }
    expect(made).toHaveLength(24);
    // Two blocks of six runs are made in any case.
    expect(asked).toEqual([12, 18]);
  });

  it('go on after an interruption as if there had been none', () => {
    fc.assert(
      fc.property(plan, fc.nat(), fc.nat(255), (runs, cut, bits) => {
        const refinement = {
          leastTrials: 2,
          choose: (cells: ReadonlySet<number>) =>
            new Set([...cells].filter((cell) => ((bits >> cell) & 1) === 1)),
          onBlock: () => {},
        };
        const whole = [...refinedRuns(runs, refinement)];
        const before = whole.slice(0, cut % (whole.length + 1));
        const done = new Set(before.map(keyOf));
        const left = runs.filter((run) => !done.has(keyOf(run)));
        expect([...before, ...refinedRuns(left, refinement)]).toEqual(whole);
      }),
    );
  });
});

describe('the cells that get another trial', () => {
  const cells = (...list: readonly (readonly [width: number, seconds: number])[]) =>
    new Map<number, UnfinishedCell>(
      list.map(([relativeHalfWidth, secondsPerTrial], at) => [
        at,
        { relativeHalfWidth, secondsPerTrial },
      ]),
    );

  it('are all cells for which more trials are called for, while there is time', () => {
    const some = cells([0.03, 1], [0.02, 1], [0.5, 1]);
    expect([...cellsToRefine(some, Number.POSITIVE_INFINITY)].sort()).toEqual([0, 1, 2]);
  });

  it('are the widest of these when there is not enough time for all', () => {
    const some = cells([0.1, 2], [0.4, 2], [0.2, 2], [0.3, 2]);
    expect([...cellsToRefine(some, 5)]).toEqual([1, 3]);
    expect([...cellsToRefine(some, 1)]).toEqual([]);
  });

  it('are the first of equally wide cells, and may take all of the time', () => {
    const some = cells([0.2, 2], [0.2, 2], [0.2, 2]);
    expect([...cellsToRefine(some, 4)]).toEqual([0, 1]);
    expect([...cellsToRefine(new Map([...some].reverse()), 4)]).toEqual([0, 1]);
  });

  it('never take more time than there is, nor leave out a wider one for a narrower one', () => {
    const widths = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(9)), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(widths, fc.nat(60), (list, seconds) => {
        const all = cells(...list);
        const chosen = cellsToRefine(all, seconds);
        const took = [...chosen].reduce((sum, at) => sum + all.get(at)!.secondsPerTrial, 0);
        expect(took).toBeLessThanOrEqual(seconds);
        const narrowest = Math.min(...[...chosen].map((at) => all.get(at)!.relativeHalfWidth));
        for (const [at, { relativeHalfWidth }] of all) {
          if (!chosen.has(at)) expect(relativeHalfWidth).toBeLessThanOrEqual(narrowest);
        }
      }),
    );
  });
});
