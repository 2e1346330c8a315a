import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cell } from '../../src/experiment/cell.ts';
import { keyWithoutProgram } from '../../src/experiment/cell.ts';
import type { SweepCosts } from '../../src/plan/estimate.ts';
import { assignShards, parseShard, shardName, trialSeconds } from '../../src/plan/shards.ts';

const PIPE = { ipc: 'pipe', mode: '2proc', socketBuffers: false } as const;

/** Cells of several sizes, each made by one or two programs, and how many shards there are. */
const divided = fc
  .record({
    sizes: fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 40 }),
    programs: fc.constantFrom([undefined], ['a', 'b']),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ sizes, programs, share }) => ({
    cells: programs.flatMap((program) =>
      sizes.map(
        (size): Cell => ({
          ...PIPE,
          ...{ bufferBytes: size, totalBytes: size * 10 },
          ...(program === undefined ? {} : { program }),
        }),
      ),
    ),
    shards: 1 + Math.floor(share * (sizes.length - 1)),
  }));

const secondsOf = ({ bufferBytes }: Cell) => 0.001 + bufferBytes / 1000;

describe('the cells of a sweep', () => {
  it('are each in one shard, no shard is empty, and the programs of a cell stay together', () => {
    fc.assert(
      fc.property(divided, ({ cells, shards }) => {
        const shardOf = assignShards(cells, shards, secondsOf);
        expect(shardOf).toHaveLength(cells.length);
        expect([...new Set(shardOf)].sort((a, b) => a - b)).toEqual(
          Array.from({ length: shards }, (_, at) => at + 1),
        );
        const ofGroup = new Map<string, number>();
        cells.forEach((cell, at) => {
          const key = keyWithoutProgram(cell);
          expect(ofGroup.get(key) ?? shardOf[at]).toBe(shardOf[at]);
          ofGroup.set(key, shardOf[at]!);
        });
      }),
    );
  });

  it('are divided so that one shard takes longer than another by one group at most', () => {
    fc.assert(
      fc.property(divided, ({ cells, shards }) => {
        const shardOf = assignShards(cells, shards, secondsOf);
        const load = new Array<number>(shards).fill(0);
        const group = new Map<string, number>();
        cells.forEach((cell, at) => {
          load[shardOf[at]! - 1]! += secondsOf(cell);
          const key = keyWithoutProgram(cell);
          group.set(key, (group.get(key) ?? 0) + secondsOf(cell));
        });
        const spread = Math.max(...load) - Math.min(...load);
        expect(spread).toBeLessThanOrEqual(Math.max(...group.values()) + 1e-9);
      }),
    );
  });

  it('go to the first of the shards with the least work', () => {
    const cells = [1, 2, 3, 4].map(
      (size): Cell => ({ ...PIPE, ...{ bufferBytes: size, totalBytes: 4 } }),
    );
    expect(assignShards(cells, 2, () => 1)).toEqual([1, 2, 1, 2]);
  });

  it('are dealt out from the longest to the shortest, whatever their order', () => {
    const cells = [1, 2, 3, 9].map(
      (size): Cell => ({ ...PIPE, ...{ bufferBytes: size, totalBytes: 9 } }),
    );
    const seconds = ({ bufferBytes }: Cell) => bufferBytes;
    expect(assignShards(cells, 2, seconds)).toEqual([2, 2, 2, 1]);
    expect(assignShards([...cells].reverse(), 2, seconds)).toEqual([1, 2, 2, 2]);
  });

  it('are divided in the same way at each call', () => {
    fc.assert(
      fc.property(divided, ({ cells, shards }) => {
        expect(assignShards(cells, shards, secondsOf)).toEqual(
          assignShards([...cells], shards, secondsOf),
        );
      }),
    );
  });
});

describe('the time of one trial of a cell', () => {
  it('is that of a run, and that of its control where it has one', () => {
    const costs: SweepCosts = {
      options: { bare: true, iterations: 1 },
      timeout: 'auto',
      tracer: {
        ...{ attachSeconds: 20, detachSeconds: 10, runSeconds: 0.5 },
        ...{ messageSeconds: 0.001, scriptSeconds: 0 },
      },
      ...{ attachPerRun: false, scriptSeconds: 0 },
    };
    const cell: Cell = { ...PIPE, bufferBytes: 1024, totalBytes: 10_240 };
    const seconds = (traced: boolean, controls: boolean) =>
      trialSeconds(cell, costs, { traced, controls });
    // 2 ms and 1.5 ms until the next run; traced, 1 ms for each of ten messages and 0.5 s.
    expect(seconds(false, false)).toBeCloseTo(0.0035, 4);
    expect(seconds(false, true)).toBeCloseTo(0.0035, 4);
    expect(seconds(true, false)).toBeCloseTo(0.5135, 4);
    expect(seconds(true, true)).toBeCloseTo(0.517, 4);
  });
});

describe('K/N', () => {
  it('is read as the shard and the number of shards', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.nat(5000), (number, more) => {
        const shard = { number, of: number + more };
        expect(parseShard(shardName(shard))).toEqual(shard);
      }),
    );
  });

  it.each([
    ['1/1', { number: 1, of: 1 }],
    ['100000/100000', { number: 100_000, of: 100_000 }],
  ])('may be %s', (text, shard) => {
    expect(parseShard(text)).toEqual(shard);
  });

  it.each([
    '',
    '0/4',
    '5/4',
    '1',
    '1/',
    '/4',
    '-1/4',
    '1/4 ',
    '1.5/4',
    '1/1000000',
    '1/100001',
    '１/4',
  ])('is refused when it is %j', (text) => {
    expect(() => parseShard(text)).toThrow(/expected K\/N, shard K of N/);
  });
});
