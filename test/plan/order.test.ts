import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellKey } from '../../src/experiment/cell.ts';
import { experimentSchema, ORDERS } from '../../src/experiment/schema.ts';
import { assignCells } from '../../src/plan/assign.ts';
import { runKey } from '../../src/plan/identity.ts';
import { orderRuns, type PlannedRun } from '../../src/plan/order.ts';
import { makePlan, planOf } from '../../src/plan/plan.ts';
import { cellsOf } from './cells.ts';

const options = {
  trials: 5,
  warmup: 1,
  order: 'shuffled',
  seed: 1,
  traced: true,
  controls: false,
} as const;
const words = (runs: readonly PlannedRun[]) => runs.map((run) => `${run.cellIndex}/${run.trial}`);

/** The cell indexes of each block. */
function blocks(runs: readonly PlannedRun[], cells: number): number[][] {
  const all = runs.map(({ cellIndex }) => cellIndex);
  return Array.from({ length: all.length / cells }, (_, at) =>
    all.slice(at * cells, (at + 1) * cells),
  );
}

const shape = fc.record({
  count: fc.integer({ min: 1, max: 30 }),
  trials: fc.integer({ min: 1, max: 12 }),
  warmup: fc.integer({ min: 0, max: 3 }),
  seed: fc.integer({ min: 0, max: 4294967295 }),
});

describe('the order of runs', () => {
  it('has every trial of every cell once, numbered from 1, in each order', () => {
    fc.assert(
      fc.property(shape, fc.constantFrom(...ORDERS), ({ count, ...rest }, order) => {
        const runs = orderRuns(cellsOf(count), { ...rest, order, traced: true, controls: false });
        expect(new Set(words(runs)).size).toBe(count * (rest.trials + rest.warmup));
        expect(runs.map(({ ordinal }) => ordinal)).toEqual(runs.map((_, at) => at + 1));
        expect(runs.every((run) => run.warmup === run.trial <= rest.warmup)).toBe(true);
        expect(runs.every((run) => run.cell.bufferBytes === run.cellIndex + 1)).toBe(true);
      }),
    );
  });

  it.each(['shuffled', 'round-robin'] as const)(
    'holds one trial of every cell in each block when %s',
    (order) => {
      fc.assert(
        fc.property(shape, ({ count, ...rest }) => {
          const runs = orderRuns(cellsOf(count), {
            ...rest,
            order,
            traced: false,
            controls: false,
          });
          blocks(runs, count).forEach((block, at) => {
            expect(block.toSorted((a, b) => a - b)).toEqual([...Array(count).keys()]);
            const trials = runs.slice(at * count, (at + 1) * count).map(({ trial }) => trial);
            expect(new Set(trials)).toEqual(new Set([at + 1]));
          });
        }),
      );
    },
  );

  it('is the same for the same seed, and another one for another seed', () => {
    const cells = cellsOf(12);
    expect(orderRuns(cells, options)).toEqual(orderRuns(cells, options));
    fc.assert(
      fc.property(shape, fc.integer({ min: 0, max: 4294967295 }), ({ seed }, other) => {
        fc.pre(seed !== other);
        const one = words(orderRuns(cells, { ...options, seed }));
        expect(words(orderRuns(cells, { ...options, seed: other }))).not.toEqual(one);
      }),
    );
  });

  it('keeps the earlier blocks unchanged when there are more trials', () => {
    fc.assert(
      fc.property(shape, fc.integer({ min: 1, max: 9 }), ({ count, ...rest }, more) => {
        const ask = (trials: number) =>
          words(
            orderRuns(cellsOf(count), {
              ...rest,
              trials,
              order: 'shuffled',
              traced: true,
              controls: false,
            }),
          );
        const short = ask(rest.trials);
        expect(ask(rest.trials + more).slice(0, short.length)).toEqual(short);
      }),
    );
  });

  it.each([0, 1, 2, 3])(
    'puts two and three cells in each possible order equally often with seed %d',
    (seed) => {
      // The 99.99 % points of chi-square with 3 and 35 degrees of freedom, for pairs of blocks:
      // shuffles that only alternate would pass a test of single blocks.
      for (const [count, orders, limit] of [
        [2, 2, 21.1],
        [3, 6, 76.4],
      ] as const) {
        const trials = 3600;
        const runs = orderRuns(cellsOf(count), { ...options, warmup: 0, trials, seed });
        const seen = blocks(runs, count).map((block) => block.join(''));
        const pairs = new Map<string, number>();
        for (let at = 1; at < seen.length; at++) {
          const pair = `${seen[at - 1]} ${seen[at]}`;
          pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
        }
        const expected = (trials - 1) / orders ** 2;
        const missing = (orders ** 2 - pairs.size) * expected;
        const chiSquare = [...pairs.values()].reduce(
          (sum, times) => sum + (times - expected) ** 2 / expected,
          missing,
        );
        expect(chiSquare).toBeLessThan(limit);
      }
    },
  );

  it('is fixed, so that a sweep of an earlier version can be continued', () => {
    expect(words(orderRuns(cellsOf(4), { ...options, trials: 2, warmup: 0 })).join(' ')).toBe(
      '3/1 0/1 2/1 1/1 1/2 0/2 2/2 3/2',
    );
    expect(
      words(orderRuns(cellsOf(2), { ...options, trials: 1, order: 'sequential' })).join(' '),
    ).toBe('0/1 0/2 1/1 1/2');
    expect(
      words(orderRuns(cellsOf(2), { ...options, trials: 1, order: 'round-robin' })).join(' '),
    ).toBe('0/1 1/1 0/2 1/2');
  });
});

describe('a plan', () => {
  it('leaves the remaining runs in their order, with their numbers in the whole plan', () => {
    const document = experimentSchema.parse({ name: 'q', trials: 6 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.infiniteStream(fc.boolean()),
        (count, coin) => {
          const fresh = makePlan(cellsOf(count), document, { traced: true, done: new Set() });
          expect(fresh.left).toEqual(fresh.runs);
          const done = fresh.runs.filter(() => coin.next().value);
          const resumed = makePlan(cellsOf(count), document, {
            traced: true,
            done: new Set(done.map(runKey)),
          });
          expect(resumed.runs).toEqual(fresh.runs);
          expect(resumed.left).toEqual(fresh.runs.filter((run) => !done.includes(run)));
        },
      ),
    );
  });

  it('has at least the warm-up and the least trials of every cell, and controls only when traced', () => {
    const document = experimentSchema.parse({
      ...{ name: 'q', warmup: 2, trace: { controls: true } },
      trials: { min: 11, max: 20, until: { relative_ci: '2%' } },
    });
    const least = (traced: boolean) =>
      makePlan(cellsOf(2), document, { traced, done: new Set() }).least;
    expect(new Set(least(true).map(({ trial }) => trial))).toEqual(
      new Set(Array.from({ length: 13 }, (_, at) => at + 1)),
    );
    expect([least(true).length, least(false).length]).toEqual([52, 26]);
    expect(least(false).some(({ traced }) => traced)).toBe(false);
  });

  it('asks the benchmark for what the spec asks for', () => {
    const benchmark = { iterations: 3, bare: true, rusage: true };
    const document = experimentSchema.parse({ name: 'q', benchmark });
    const { options } = makePlan(cellsOf(1), document, { traced: false, done: new Set() });
    expect(options).toMatchObject(benchmark);
  });

  it('has a part for some of the cells, with the numbers of the whole', () => {
    const document = experimentSchema.parse({
      ...{ name: 'q', order: 'round-robin', trace: { controls: false } },
      trials: { min: 5, max: 6, until: { relative_ci: '2%' } },
    });
    const setting = { traced: true, done: new Set<string>() };
    const [first] = makePlan(cellsOf(3), document, setting).runs.slice(1);
    const whole = makePlan(cellsOf(3), document, { ...setting, done: new Set([runKey(first!)]) });
    const part = planOf(whole, (index) => index === 1);
    const ordinals = (runs: readonly PlannedRun[]) => runs.map(({ ordinal }) => ordinal);
    expect(ordinals(part.runs)).toEqual([2, 5, 8, 11, 14, 17]);
    expect(ordinals(part.least)).toEqual([2, 5, 8, 11, 14]);
    expect(ordinals(part.left)).toEqual([5, 8, 11, 14, 17]);
    expect(part.options).toEqual(whole.options);
  });
});

describe('the order of runs with controls', () => {
  const key = ({ cellIndex, trial, traced }: PlannedRun) => `${cellIndex}/${trial}/${traced}`;
  const withControls = shape.chain((some) =>
    fc.constantFrom(...ORDERS).map((order) => ({ ...some, order, traced: true, controls: true })),
  );

  it('has an untraced twin of every traced run, in the same block', () => {
    fc.assert(
      fc.property(withControls, ({ count, ...rest }) => {
        const runs = orderRuns(cellsOf(count), rest);
        expect(new Set(runs.map(key)).size).toBe(2 * count * (rest.trials + rest.warmup));
        expect(runs.map(({ ordinal }) => ordinal)).toEqual(runs.map((_, at) => at + 1));
        const blocksOf = (traced: boolean) =>
          new Map(runs.filter((r) => r.traced === traced).map((r) => [key(r), r.block]));
        const controlRuns = blocksOf(false);
        for (const [traced, block] of blocksOf(true)) {
          expect(controlRuns.get(traced.replace('true', 'false'))).toBe(block);
        }
      }),
    );
  });

  it('attaches and detaches a tracer at most once in two blocks', () => {
    fc.assert(
      fc.property(withControls, ({ count, ...rest }) => {
        const runs = orderRuns(cellsOf(count), rest);
        const attached = runs.filter(({ traced }, at) => traced && !runs[at - 1]?.traced).length;
        expect(attached).toBeLessThanOrEqual(Math.floor(runs.at(-1)!.block / 2) + 1);
      }),
    );
  });

  it('begins with the half that the seed decides, and swaps the halves in every second block', () => {
    const halves = Array.from({ length: 200 }, (_, seed) => {
      const runs = orderRuns(cellsOf(3), {
        ...{ trials: 2, warmup: 0, order: 'shuffled', seed, traced: true, controls: true },
      });
      const traced = runs.map((run) => run.traced);
      expect(traced).toEqual(traced.toReversed());
      return traced[0];
    });
    const first = halves.filter(Boolean).length;
    expect(first).toBeGreaterThan(70);
    expect(first).toBeLessThan(130);
  });

  it.each(['round-robin', 'sequential'] as const)(
    'begins with the traced half whatever the seed when %s',
    (order) => {
      for (let seed = 0; seed < 20; seed++) {
        const runs = orderRuns(cellsOf(2), {
          ...{ trials: 1, warmup: 0, order, seed, traced: true, controls: true },
        });
        expect(runs[0]!.traced).toBe(true);
      }
    },
  );

  it('is the order of stored sweeps, in which controls have an order of their own', () => {
    const inOrder = (order: (typeof ORDERS)[number]) =>
      orderRuns(cellsOf(4), {
        ...{ trials: 2, warmup: 0, order, seed: 1, traced: true, controls: true },
      })
        .map(({ cellIndex, traced }) => `${cellIndex}${traced ? 't' : 'u'}`)
        .join(' ');
    expect(inOrder('shuffled')).toBe('3t 0t 2t 1t 2u 0u 1u 3u 3u 1u 0u 2u 1t 0t 2t 3t');
    expect(inOrder('round-robin')).toBe('0t 1t 2t 3t 0u 1u 2u 3u 0u 1u 2u 3u 0t 1t 2t 3t');
    expect(inOrder('sequential')).toBe('0t 0u 0u 0t 1t 1u 1u 1t 2t 2u 2u 2t 3t 3u 3u 3t');
  });

  it('keeps the traced runs in the order that they have without controls', () => {
    fc.assert(
      fc.property(withControls, ({ count, ...rest }) => {
        const plain = orderRuns(cellsOf(count), { ...rest, controls: false });
        const twinned = orderRuns(cellsOf(count), rest).filter(({ traced }) => traced);
        expect(twinned.map(key)).toEqual(plain.map(key));
      }),
    );
  });

  it('is the same as without controls when nothing is traced', () => {
    const options = { trials: 3, warmup: 1, order: 'shuffled', seed: 5, traced: false } as const;
    expect(orderRuns(cellsOf(4), { ...options, controls: true })).toEqual(
      orderRuns(cellsOf(4), { ...options, controls: false }),
    );
  });
});

describe('the order of runs by several programs', () => {
  const many = shape.chain((some) =>
    fc.record({
      order: fc.constantFrom(...ORDERS),
      controls: fc.boolean(),
      programs: fc.constantFrom(['base', 'new'], ['base', 'new', 'third']),
      some: fc.constant(some),
    }),
  );

  it('puts the runs of all programs for a cell and trial into one block, in any order', () => {
    fc.assert(
      fc.property(many, ({ order, controls, programs, some: { count, ...rest } }) => {
        const cells = cellsOf(count).flatMap((cell) =>
          programs.map((program) => ({ ...cell, program })),
        );
        const runs = orderRuns(cells, { ...rest, order, controls, traced: true });
        expect(new Set(runs.map(runKey)).size).toBe(
          cells.length * (rest.trials + rest.warmup) * (controls ? 2 : 1),
        );
        const together = new Map<string, Set<string>>();
        for (const { cell, trial, traced, block } of runs) {
          const key = `${cell.bufferBytes} ${trial} ${traced} ${block}`;
          together.set(key, (together.get(key) ?? new Set()).add(cell.program ?? ''));
        }
        expect([...together.values()].every(({ size }) => size === programs.length)).toBe(true);
      }),
    );
  });
});

describe('hosts that share the cells of several programs', () => {
  it('get all cells that differ only in the program, also those of a new program', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.subarray(['a', 'b', 'c'], { minLength: 1 }),
        fc.infiniteStream(fc.constantFrom('a', 'b', 'c', undefined)),
        (count, hosts, before) => {
          const alone = cellsOf(count);
          const cells = alone.flatMap((cell) =>
            ['base', 'new'].map((program) => ({ ...cell, program })),
          );
          const fixed = new Map(
            alone.flatMap((cell) => {
              const host = before.next().value;
              return host === undefined ? [] : [[cellKey({ ...cell, program: 'base' }), host]];
            }),
          );
          const placed = assignCells(cells, hosts, fixed);
          alone.forEach((cell, at) => {
            const [base, other] = placed.slice(2 * at, 2 * at + 2);
            expect(other).toBe(base);
            const known = fixed.get(cellKey({ ...cell, program: 'base' }));
            if (known !== undefined) expect(base).toBe(known);
            else expect(hosts).toContain(base);
          });
        },
      ),
    );
  });
});
