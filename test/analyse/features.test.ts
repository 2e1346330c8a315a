import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareFeatures, featuresByCell } from '../../src/analyse/features.ts';

const row = (run_id: number, name: string, value: number) => ({ cell: 1, run_id, name, value });
const featuresOf = (...rows: ReturnType<typeof row>[]) => featuresByCell(rows).get(1)!;
const many = (n: number, name: string, value: (at: number) => number) =>
  Array.from({ length: n }, (_, at) => row(at, name, value(at)));

describe('the features of a cell', () => {
  it('have a value for each of its runs; a run without one counts as 0', () => {
    const features = featuresOf(row(1, 'read', 5), row(2, 'read', 6), row(2, 'close', 1));
    expect(features.get('read')).toEqual([5, 6]);
    expect(features.get('close')).toEqual([1, 0]);
  });

  it('are kept apart by cell', () => {
    const rows = [row(1, 'read', 5), { ...row(2, 'write', 7), cell: 2 }];
    expect([...featuresByCell(rows)].map(([cell, own]) => [cell, [...own]])).toEqual([
      [1, [['read', [5]]]],
      [2, [['write', [7]]]],
    ]);
  });
});

describe('what changed between the runs of two cells', () => {
  const changes = (a: readonly ReturnType<typeof row>[], b: readonly ReturnType<typeof row>[]) =>
    compareFeatures([{ a: featuresOf(...a), b: featuresOf(...b) }])[0]!;

  it('is certain where every run of a side has the same count, however few they are', () => {
    expect(
      changes(
        many(2, 'read', () => 64),
        many(2, 'read', () => 65),
      ),
    ).toEqual([{ name: 'read', a: 64, b: 65, change: 'more', evidence: true }]);
  });

  it('is nothing where the counts are the same, or differ by luck', () => {
    expect(
      changes(
        many(5, 'read', () => 64),
        many(5, 'read', () => 64),
      ),
    ).toEqual([]);
    expect(
      changes(
        many(5, 'futex', (at) => at),
        many(5, 'futex', (at) => at + 1),
      ),
    ).toEqual([]);
  });

  it('is found by the test where counts vary', () => {
    const found = changes(
      many(11, 'futex', (at) => 50 + at),
      many(11, 'futex', (at) => at),
    );
    expect(found).toEqual([{ name: 'futex', a: 55, b: 5, change: 'less', evidence: true }]);
  });

  it('names what is new or has vanished, even when that may be luck', () => {
    const seldom = [...many(5, 'read', () => 1), row(4, 'EOF', 0.1)];
    expect(
      changes(
        many(5, 'read', () => 1),
        seldom,
      ),
    ).toEqual([{ name: 'EOF', a: 0, b: 0, change: 'new', evidence: false }]);
    expect(
      changes(
        seldom,
        many(5, 'read', () => 1),
      ),
    ).toMatchObject([{ name: 'EOF', change: 'vanished', evidence: false }]);
  });

  it('is nothing where a side was not traced', () => {
    const none = new Map<string, readonly number[]>();
    expect(compareFeatures([{ a: none, b: featuresOf(row(1, 'read', 1)) }])).toEqual([[]]);
  });

  it('turns round when the sides do', () => {
    const counts = fc.array(fc.nat(5), { minLength: 2, maxLength: 8 });
    const other = { more: 'less', less: 'more', new: 'vanished', vanished: 'new' } as const;
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        const [before, after] = [a, b].map((list) => many(list.length, 'x', (at) => list[at]!));
        const there = changes(before!, after!);
        const back = changes(after!, before!);
        expect(back).toEqual(
          there.map((it) => ({ ...it, a: it.b, b: it.a, change: other[it.change] })),
        );
      }),
    );
  });
});
