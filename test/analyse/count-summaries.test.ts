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

describe('quantiles of buckets', () => {
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
});
