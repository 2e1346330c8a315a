import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Frame,
  flameTree,
  functionsOf,
  type SampledStack,
  shiftInErrors,
} from '../../src/analyse/flame-tree.ts';

const name = fc.constantFrom('read', 'write', 'copy', 'wake', 'sleep', '__proto__', 'constructor');
const stacks = (sides: number) =>
  fc
    .array(
      fc.record({
        stack: fc.array(name, { minLength: 1, maxLength: 6 }).map((names) => names.join(';')),
        samples: fc.array(fc.nat(50), { minLength: sides, maxLength: sides }),
      }),
      { minLength: 1, maxLength: 30 },
    )
    .filter((all) => totalsOf(all, sides).every((total) => total > 0));

function totalsOf(all: readonly SampledStack[], sides: number): number[] {
  return Array.from({ length: sides }, (_, side) =>
    all.reduce((sum, { samples }) => sum + samples[side]!, 0),
  );
}

const sum = (frames: readonly Frame[], of: (frame: Frame) => number) =>
  frames.reduce((result, frame) => result + of(frame), 0);
const under = (inner: Frame, outer: Frame) =>
  inner.depth === outer.depth + 1 &&
  inner.start >= outer.start &&
  inner.start + inner.width <= outer.start + outer.width;

describe('a flame graph', () => {
  it('merges equal callers and sorts what they call by name', () => {
    const tree = flameTree(
      [
        { stack: 'enter;write;copy', samples: [3] },
        { stack: 'enter;read', samples: [2] },
        { stack: 'enter;write;alloc', samples: [4] },
        { stack: 'enter;write;copy', samples: [1] },
      ],
      1,
    );
    expect(tree.frames.map((f) => [f.name, f.depth, f.start, f.width, f.own[0]])).toEqual([
      ['enter', 0, 0, 10, 0],
      ['read', 1, 0, 2, 2],
      ['write', 1, 2, 8, 0],
      ['alloc', 2, 2, 4, 4],
      ['copy', 2, 6, 4, 4],
    ]);
    expect(tree).toMatchObject({ width: 10, totals: [10], height: 3 });
  });

  it('lists boxes from left to right, and callers before what they called', () => {
    const tree = flameTree(
      ['b;y', 'a;x;deep', 'b', 'a;w'].map((stack) => ({ stack, samples: [1] })),
      1,
    );
    expect(tree.frames.map((f) => f.name)).toEqual(['a', 'b', 'w', 'x', 'deep', 'y']);
  });

  it('counts each sample as own in exactly one box', () => {
    fc.assert(
      fc.property(stacks(1), (all) => {
        const { frames, width, totals } = flameTree(all, 1);
        expect(totals).toEqual(totalsOf(all, 1));
        expect(width).toBe(totals[0]);
        expect(sum(frames, ({ own }) => own[0]!)).toBe(width);
        expect(
          sum(
            frames.filter(({ depth }) => depth === 0),
            (f) => f.width,
          ),
        ).toBe(width);
      }),
    );
  });

  it('has boxes as wide as their callees and own samples together, and none overlaps another', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }).chain((n) => fc.tuple(fc.constant(n), stacks(n))),
        ([sides, all]) => {
          const { frames, width, totals } = flameTree(all, sides);
          for (const frame of frames) {
            const callees = frames.filter((f) => f.width > 0 && under(f, frame));
            for (const side of totals.keys()) {
              expect(sum(callees, (f) => f.samples[side]!) + frame.own[side]!).toBe(
                frame.samples[side],
              );
            }
            const shares = frame.samples.map((count, side) => count / totals[side]!);
            const mean = shares.reduce((a, b) => a + b) / sides;
            expect(frame.width / width).toBeCloseTo(mean, 10);
          }
          const depths = new Set(frames.map(({ depth }) => depth));
          for (const depth of depths) {
            const sorted = frames
              .filter((frame) => frame.depth === depth)
              .toSorted((a, b) => a.start - b.start || a.width - b.width);
            for (const [at, frame] of sorted.entries()) {
              const before = sorted[at - 1];
              if (before) expect(before.start + before.width).toBeLessThanOrEqual(frame.start);
              if (depth > 0) expect(frames.some((outer) => under(frame, outer))).toBe(true);
            }
          }
        },
      ),
    );
  });

  it('is the same for the same stacks in another order', () => {
    fc.assert(
      fc.property(stacks(2), (all) => {
        expect(flameTree(all.toReversed(), 2)).toEqual(flameTree(all, 2));
      }),
    );
  });

  it('lays out a stack of ten thousand functions', () => {
    const stack = Array.from({ length: 10_000 }, (_, at) => `f${at}`).join(';');
    expect(flameTree([{ stack, samples: [1] }], 1).height).toBe(10_000);
  });
});

describe('the functions of stacks', () => {
  it('count a sample once, however often they have called themselves', () => {
    const all = [
      { stack: 'a;b;a', samples: [2, 1] },
      { stack: 'a;b', samples: [0, 3] },
    ];
    expect(functionsOf(all, 2).toSorted((x, y) => (x.name < y.name ? -1 : 1))).toEqual([
      { name: 'a', samples: [2, 4], own: [2, 1] },
      { name: 'b', samples: [2, 4], own: [0, 3] },
    ]);
  });

  it('have own samples that add up to all samples', () => {
    fc.assert(
      fc.property(stacks(1), (all) => {
        const found = functionsOf(all, 1);
        expect(found.reduce((total, { own }) => total + own[0]!, 0)).toBe(totalsOf(all, 1)[0]);
      }),
    );
  });
});

describe('the shift of a share', () => {
  it('is the z of two proportions', () => {
    // R: sqrt(prop.test(c(30, 45), c(100, 90), correct = FALSE)$statistic)
    expect(shiftInErrors([30, 45], [100, 90])).toBeCloseTo(2.8161, 4);
    expect(shiftInErrors([45, 30], [90, 100])).toBeCloseTo(-2.8161, 4);
  });

  it('is 0 where the shares do not differ or cannot differ', () => {
    expect(shiftInErrors([10, 20], [100, 200])).toBe(0);
    expect(shiftInErrors([100, 200], [100, 200])).toBe(0);
    expect(shiftInErrors([0, 0], [100, 200])).toBe(0);
  });
});
