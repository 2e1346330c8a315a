import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { varianceComponents } from '../../src/analyse/variance-components.ts';
import { askR, samples, vector, withoutR } from './r.ts';

describe('the components of a variance', () => {
  it('agree with a worked example', () => {
    // Means 2 and 6, mean squares 24 between and 1 within, three iterations each.
    expect(
      varianceComponents([
        [1, 2, 3],
        [5, 6, 7],
      ]),
    ).toEqual({
      between: expect.closeTo(23 / 3, 12),
      within: 1,
      share: expect.closeTo(23 / 26, 12),
    });
  });

  it('lie between the invocations when iterations agree, and within them when the means agree', () => {
    expect(
      varianceComponents([
        [4, 4],
        [6, 6, 6],
      ]),
    ).toEqual({ between: expect.closeTo(2, 12), within: 0, share: 1 });
    expect(
      varianceComponents([
        [1, 3],
        [3, 1],
      ]),
    ).toEqual({ between: 0, within: 2, share: 0 });
    expect(
      varianceComponents([
        [5, 5],
        [5, 5],
      ]),
    ).toEqual({ between: 0, within: 0, share: 0 });
  });

  it('are unknown without two levels', () => {
    expect(varianceComponents([])).toBeUndefined();
    expect(varianceComponents([[1, 2, 3]])).toBeUndefined();
    expect(varianceComponents([[1, 2, 3], []])).toBeUndefined();
    expect(varianceComponents([[1], [2], [3]])).toBeUndefined();
  });

  it('do not depend on the order of invocations, and grow with the square of the unit', () => {
    const groups = fc.array(
      fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 2, maxLength: 5 }),
      { minLength: 2, maxLength: 8 },
    );
    fc.assert(
      fc.property(groups, (some) => {
        const { between, within, share } = varianceComponents(some)!;
        const doubled = some.toReversed().map((values) => values.map((value) => 2 * value));
        expect(varianceComponents(doubled)).toEqual({
          between: expect.closeTo(4 * between, 6),
          within: expect.closeTo(4 * within, 6),
          share: expect.closeTo(share, 6),
        });
      }),
    );
  });
});

describe.skipIf(withoutR)(`R ${withoutR}`, () => {
  it('finds the same mean squares and components', () => {
    const levels = samples(8, [6], 1).map((base, at) => {
      const sizes = at % 2 === 0 ? [4] : [2, 5, 3, 1];
      return samples(6, sizes, at).map((values, group) =>
        values.map((value) => value + (at < 6 ? base[group]! - 1000 : 0)),
      );
    });
    const theirs = askR(
      levels
        .map(
          (groups) => `y <- ${vector(groups.flat())}
g <- factor(${vector(groups.flatMap((values, group) => values.map(() => group)))})
ms <- summary(aov(y ~ g))[[1]][['Mean Sq']]
n <- table(g); n0 <- (sum(n) - sum(n^2) / sum(n)) / (length(n) - 1)
b <- max(0, (ms[1] - ms[2]) / n0)
out(b, ms[2], b / (b + ms[2]))`,
        )
        .join('\n'),
    );
    const ours = levels.flatMap((groups) => {
      const { between, within, share } = varianceComponents(groups)!;
      return [between, within, share];
    });
    expect(theirs).toHaveLength(ours.length);
    theirs.forEach((value, at) => {
      expect(ours[at]).toBeCloseTo(value, 9);
    });
    expect(ours.filter((value) => value === 0).length).toBeLessThan(ours.length / 3);
  });
});
