import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareFeatures, featuresByCell } from '../../src/analyse/features.ts';
import { mannWhitney } from '../../src/analyse/mann-whitney.ts';

const features = (named: Record<string, readonly number[]>) => new Map(Object.entries(named));
const changes = (a: Record<string, readonly number[]>, b: Record<string, readonly number[]>) =>
  compareFeatures([{ a: features(a), b: features(b) }])[0]!;
const ELEVEN = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20];

describe('features of runs', () => {
  it('are gathered by cell, where a run without a feature counts as 0', () => {
    const rows = [
      { cell: 1, run_id: 1, name: 'read', value: 4 },
      { cell: 1, run_id: 2, name: 'read', value: 5 },
      { cell: 1, run_id: 2, name: 'write', value: 6 },
      { cell: 2, run_id: 3, name: 'read', value: 7 },
    ];
    const found = featuresByCell(
      rows,
      ({ name }) => name,
      ({ value }) => value,
    );
    expect(found.get(1)).toEqual(features({ read: [4, 5], write: [6, 0] }));
    expect(found.get(2)).toEqual(features({ read: [7] }));
  });
});

describe('a change from one cell to another', () => {
  it('is not found where the counts are the same', () => {
    expect(changes({ read: ELEVEN, write: [3, 3] }, { read: ELEVEN, write: [3, 3] })).toEqual([]);
    expect(changes({ read: [0, 0], write: [3, 3] }, { read: [0], write: [3] })).toEqual([]);
  });

  it('is certain for counts that do not vary, however few there are', () => {
    expect(changes({ read: [3, 3] }, { read: [4, 4] })).toEqual([
      { name: 'read', a: 3, b: 4, change: 'more', evidence: true },
    ]);
  });

  it('is certain for varying counts only where the test says so', () => {
    const raised = ELEVEN.map((count) => count + 20);
    expect(changes({ read: raised }, { read: ELEVEN })).toEqual([
      { name: 'read', a: 35, b: 15, change: 'less', evidence: true },
    ]);
    expect(changes({ read: ELEVEN }, { read: ELEVEN.map((count) => count + 1) })).toEqual([]);
  });

  it('does not become less certain by features that no test could call', () => {
    const p = mannWhitney([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]).p;
    expect(p).toBeLessThan(0.05);
    expect(20 * p).toBeGreaterThan(0.05);
    const quiet = Array.from({ length: 20 }, (_, at) => [`quiet ${at}`, [0, 0, 0, 0, 1]] as const);
    const steady = Array.from(
      { length: 20 },
      (_, at) => [`steady ${at}`, [3, 3, 3, 3, 3]] as const,
    );
    const others = Object.fromEntries([...quiet, ...steady]);
    expect(
      changes({ read: [1, 2, 3, 4, 5], ...others }, { read: [6, 7, 8, 9, 10], ...others }),
    ).toEqual([{ name: 'read', a: 3, b: 8, change: 'more', evidence: true }]);
  });

  it('includes what is new or has vanished, certain or not', () => {
    const quiet = Array<number>(11).fill(0);
    expect(
      changes({ read: quiet, a: ELEVEN }, { read: [...quiet.slice(1), 1], b: ELEVEN }),
    ).toEqual([
      { name: 'a', a: 15, b: 0, change: 'vanished', evidence: true },
      { name: 'b', a: 0, b: 15, change: 'new', evidence: true },
      { name: 'read', a: 0, b: 0, change: 'new', evidence: false },
    ]);
  });

  it('is told by the mean of the runs, of which one side may have more', () => {
    expect(changes({ read: [3, 3] }, { read: [4, 4, 4] })).toMatchObject([{ change: 'more' }]);
    expect(changes({ read: [4, 4, 4] }, { read: [3, 3] })).toMatchObject([{ change: 'less' }]);
  });

  it('is not certain when only one side always had the same count', () => {
    expect(changes({ read: [0, 0] }, { read: [5, 6] })).toEqual([
      { name: 'read', a: 0, b: 5.5, change: 'new', evidence: false },
    ]);
    expect(changes({ read: [5, 6] }, { read: [0, 0] })).toEqual([
      { name: 'read', a: 5.5, b: 0, change: 'vanished', evidence: false },
    ]);
  });

  it('is not weighed against one that could reach the limit at best, which is no evidence', () => {
    // One run against 39 has p = 0.05 at best; four against four have 2/70.
    const many = Array.from({ length: 39 }, (_, at) => at + 1);
    const [few, found] = compareFeatures([
      { a: features({ read: many }), b: features({ read: [100] }) },
      { a: features({ read: [1, 2, 3, 4] }), b: features({ read: [5, 6, 7, 8] }) },
    ]);
    expect([few, found?.[0]?.evidence]).toEqual([[], true]);
  });

  it('is tested for each of several features and pairs', () => {
    const raised = ELEVEN.map((count) => count + 20);
    const pair = (before: readonly number[], after: readonly number[]) => ({
      a: features({ close: before, read: before }),
      b: features({ close: after, read: after }),
    });
    const found = compareFeatures([
      pair(ELEVEN, raised),
      { a: features({}), b: features({ read: ELEVEN }) },
      pair(ELEVEN, ELEVEN),
      pair(raised, ELEVEN),
    ]);
    const change = (change: string) =>
      ['close', 'read'].map((name) => expect.objectContaining({ name, change, evidence: true }));
    expect(found).toEqual([change('more'), [], [], change('less')]);
  });

  it('is not found where one side was not traced', () => {
    expect(changes({}, { read: ELEVEN })).toEqual([]);
    expect(changes({ read: ELEVEN }, {})).toEqual([]);
  });

  it('is called the same in either direction', () => {
    const counts = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        const turned = { more: 'less', less: 'more', new: 'vanished', vanished: 'new' } as const;
        expect(changes({ read: b }, { read: a })).toEqual(
          changes({ read: a }, { read: b }).map((it) => ({
            ...it,
            ...{ a: it.b, b: it.a, change: turned[it.change] },
          })),
        );
      }),
    );
  });
});
