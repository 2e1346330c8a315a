import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BUCKET_QUANTILES,
  summarisePerRun,
  summariseQuantiles,
  summariseShares,
} from '../../src/analyse/count-summaries.ts';
import type { CountOfRun } from '../../src/store/cell-data.ts';

const row = (
  run_id: number,
  keys: readonly (string | number)[],
  count: number,
  role = 'receiver',
): CountOfRun => ({ cell: 1, run_id, role, keys, count });

const someRows = fc.array(
  fc
    .tuple(
      fc.integer({ min: 1, max: 8 }),
      fc.constantFrom('read', 'write'),
      fc.constantFrom(0, 256, 512, 1024, 4096, 2 ** 31),
      fc.integer({ min: 1, max: 1000 }),
      fc.constantFrom('receiver', 'sender'),
    )
    .map(([run, operation, last, count, role]) => row(run, [operation, last], count, role)),
  { minLength: 1, maxLength: 60 },
);
/** A database has at most one row for a run, a role and keys. */
const rowsOfRuns = someRows.map((rows) => [
  ...new Map(
    rows.map((each) => [JSON.stringify([each.run_id, each.role, each.keys]), each]),
  ).values(),
]);

describe('shares of counts', () => {
  it('are those of sums over runs, with the interval of a ratio as R computes it', () => {
    // r <- sum(x) / sum(y); se <- sqrt(sum((x - r * y)^2) / (n - 1) / n) / mean(y)
    // r + c(-1, 1) * qt(0.975, n - 1) * se
    const parts = [3, 5, 2, 8, 4, 6];
    const wholes = [10, 12, 9, 15, 11, 14];
    const rows = parts.flatMap((part, at) => [
      row(at + 1, ['read', 4], part),
      row(at + 1, ['read', 1], wholes[at]! - part),
      row(at + 1, ['write', 4], 7),
    ]);
    const found = summariseShares(rows).find(({ keys }) => keys[0] === 'read' && keys[1] === 4)!;
    expect(found).toMatchObject({ runs: 6, count: 28 });
    expect(found.share).toBeCloseTo(0.394366197183099, 12);
    expect(found.interval!.low).toBeCloseTo(0.281829676074674, 12);
    expect(found.interval!.high).toBeCloseTo(0.506902718291524, 12);
  });

  it('add up to 1 for each role and operation, and lie inside their intervals', () => {
    fc.assert(
      fc.property(rowsOfRuns, (rows) => {
        const sums = new Map<string, number>();
        for (const { role, keys, share, interval } of summariseShares(rows)) {
          const of = `${role} ${keys[0]}`;
          sums.set(of, (sums.get(of) ?? 0) + share);
          if (!interval) continue;
          expect(interval.low).toBeGreaterThanOrEqual(0);
          expect(interval.low).toBeLessThanOrEqual(share);
          expect(interval.high).toBeGreaterThanOrEqual(share);
          expect(interval.high).toBeLessThanOrEqual(1);
        }
        for (const sum of sums.values()) expect(sum).toBeCloseTo(1, 9);
      }),
    );
  });

  it('have no interval for four runs, and an interval without width for five equal ones', () => {
    const alike = (runs: number) =>
      Array.from({ length: runs }, (_, at) => [
        row(at + 1, ['read', 1], 3),
        row(at + 1, ['read', 2], 1),
      ]).flat();
    expect(summariseShares(alike(4))[0]).toMatchObject({ share: 0.75, interval: undefined });
    expect(summariseShares(alike(5))[0]).toMatchObject({ interval: { low: 0.75, high: 0.75 } });
  });
});

describe('shares of one value among others', () => {
  it('are those among the values with the same keys before it', () => {
    const found = summariseShares([
      row(1, ['read', 1, 4], 3),
      row(1, ['read', 1, 8], 1),
      row(1, ['read', 2, 4], 9),
    ]);
    expect(found.map(({ keys, share }) => [...keys, share])).toEqual([
      ['read', 1, 4, 0.75],
      ['read', 1, 8, 0.25],
      ['read', 2, 4, 1],
    ]);
    const alone = summariseShares([row(1, ['a'], 1), row(1, ['b'], 3)]);
    expect(alone.map(({ share }) => share)).toEqual([0.25, 0.75]);
  });

  it('are none where nothing was counted', () => {
    expect(summariseShares([row(1, ['read', 1], 0), row(1, ['write', 1], 2)])).toMatchObject([
      { keys: ['write', 1], share: 1 },
    ]);
  });

  it('stand in the order of cells, roles and keys, each cell with its own runs', () => {
    const keys = [
      ['write', 2],
      ['read', 10],
      ['read', 9],
      ['write', 1],
    ] as const;
    const found = summariseShares([
      ...keys.map((each) => row(1, each, 1, 'sender')),
      ...keys.map((each) => row(2, each, 1)),
      { ...row(3, ['read', 9], 1), cell: 2 },
    ]);
    const sorted = ['read 9', 'read 10', 'write 1', 'write 2'];
    expect(found.map(({ cell, role, keys: of }) => `${cell} ${role} ${of.join(' ')}`)).toEqual([
      ...sorted.map((of) => `1 receiver ${of}`),
      ...sorted.map((of) => `1 sender ${of}`),
      '2 receiver read 9',
    ]);
    expect(found.map(({ runs }) => runs)).toEqual([...Array<number>(8).fill(2), 1]);
  });
});

describe('quantiles of buckets', () => {
  it('do not see a bucket without values', () => {
    const found = summariseQuantiles(
      [row(1, [256], 0), row(1, [512], 3), row(2, [512], 2), row(2, [4096], 0)],
      256,
    );
    const bucket = { from: 512, below: 1024 };
    expect(found).toEqual([
      {
        ...{ cell: 1, role: 'receiver', keys: [], runs: 2, count: 5 },
        ...{ quantiles: [bucket, bucket, bucket], least: bucket, most: bucket },
      },
    ]);
    expect(summariseQuantiles([row(1, [256], 0)], 256)).toEqual([]);
  });

  it('are told for the values with the same keys before the bucket', () => {
    const found = summariseQuantiles(
      [row(1, ['a', 1, 512], 1), row(1, ['a', 2, 1024], 1), row(1, ['a', 1, 0], 1)],
      256,
    );
    expect(found.map(({ keys, count, least, most }) => [keys, count, least, most])).toEqual([
      [['a', 1], 2, { from: 0, below: 256 }, { from: 512, below: 1024 }],
      [['a', 2], 1, { from: 1024, below: 2048 }, { from: 1024, below: 2048 }],
    ]);
  });

  it('are the buckets that contain the quantiles of all values', () => {
    fc.assert(
      fc.property(rowsOfRuns, (rows) => {
        for (const { role, keys, count, quantiles, least, most } of summariseQuantiles(rows, 256)) {
          const values = rows
            .filter((own) => own.role === role && own.keys[0] === keys[0])
            .flatMap((own) => Array<number>(own.count).fill(Number(own.keys[1])))
            .sort((a, b) => a - b);
          expect(count).toBe(values.length);
          const at = (p: number) => values[Math.max(0, Math.ceil(p * values.length) - 1)];
          expect(quantiles.map(({ from }) => from)).toEqual(BUCKET_QUANTILES.map(at));
          expect([least.from, most.from]).toEqual([values[0], values.at(-1)]);
          for (const { from, below } of [...quantiles, least, most]) {
            expect(below).toBe(from === 0 ? 256 : 2 * from);
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('the counts of a run', () => {
  it('are 0 where the run has no row', () => {
    const [found] = summarisePerRun([
      row(1, ['major'], 4),
      row(2, ['minor'], 3),
      row(3, ['major'], 2),
    ]);
    expect(found).toMatchObject({ keys: ['major'], counts: { n: 3, median: 2, min: 0, max: 4 } });
    expect(found!.deterministic).toBe(false);
  });

  it('are sorted by their first key, whatever the others are', () => {
    const rows = [row(1, ['write', 1], 1), row(1, ['read', 2], 1)];
    for (const some of [rows, rows.toReversed()]) {
      expect(summarisePerRun(some).map(({ keys }) => keys)).toEqual([
        ['read', 2],
        ['write', 1],
      ]);
    }
  });
});
