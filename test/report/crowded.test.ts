import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSize } from '../../src/experiment/sizes.ts';
import { dodged } from '../../src/report/figures/dodge.ts';
import { bandedSizes, logSizes } from '../../src/report/figures/size-scale.ts';
import { chartLabels, labelFit, linesOf, widest } from '../../src/report/render/label-widths.ts';
import { textMeasure } from '../../src/report/render/measure.ts';
import { themeOf } from '../../src/report/render/theme.ts';

const sizes = fc
  .uniqueArray(fc.integer({ min: 1, max: 2 ** 26 }), { minLength: 1, maxLength: 20 })
  .map((values) => values.toSorted((a, b) => a - b));

describe('series beside each other', () => {
  it('keep their order at each size, and never reach the next size', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 6 }), (own, series) => {
        const place = dodged(own, series);
        const places = own.flatMap((size) =>
          Array.from({ length: series }, (_, at) => [place(size, at), place(size, at, 0.4)]).flat(),
        );
        expect(places).toEqual(places.toSorted((a, b) => a - b));
        expect(new Set(places).size).toBe(places.length);
      }),
    );
  });

  it('stand around their size, about seven pixels apart in a wide chart', () => {
    const place = dodged([512, 2 ** 19], 3);
    expect(place(4096, 1)).toBeCloseTo(4096, 6);
    const pixels = (600 * Math.log(place(4096, 2) / place(4096, 1))) / Math.log(2 ** 10);
    expect(pixels).toBeGreaterThan(5);
    expect(pixels).toBeLessThan(8);
  });
});

describe('the labels of an axis of sizes', () => {
  const crowdedBy = (own: readonly number[], axis: typeof logSizes | typeof bandedSizes) =>
    chartLabels({ mark: 'point', encoding: { x: axis('size', 'Size', own) } } as never).sizes;

  it('are placed as on the axis', () => {
    const labels = crowdedBy([512, 4096, 2 ** 20], logSizes);
    expect(labels.map(({ text }) => text)).toEqual(['512 B', '4 KiB', '1 MiB']);
    const [first, second, last] = labels.map(({ at }) => at);
    expect(first).toBeGreaterThan(0);
    expect(last).toBeLessThan(1);
    expect((second! - first!) / (last! - first!)).toBeCloseTo(3 / 11, 6);
    expect(crowdedBy([512, 4096], bandedSizes).map(({ at }) => at)).toEqual([0.25, 0.75]);
  });

  it('do not overlap, whatever the sizes are, and a note says where not all of them fit', async () => {
    const setting = { theme: themeOf('screen'), measure: await textMeasure() };
    const { fontSize } = setting.theme;
    fc.assert(
      fc.property(
        sizes,
        fc.constantFrom(logSizes, bandedSizes),
        fc.integer({ min: 60, max: 700 }),
        fc.option(fc.integer({ min: 5, max: 40 }), { nil: undefined }),
        (own, axis, width, beside) => {
          const labels = crowdedBy(own, axis);
          const { angle, allFit } = labelFit(labels, { width, beside }, setting);
          if (!allFit) return;
          for (const [at, { text }] of labels.slice(0, -1).entries()) {
            const room = (labels[at + 1]!.at - labels[at]!.at) * width;
            const taken =
              angle === 0
                ? (widest([text], setting) + widest([formatSize(own[at + 1]!)], setting)) / 2
                : angle === -45
                  ? fontSize * 1.42
                  : fontSize;
            expect(taken).toBeLessThanOrEqual(room);
          }
        },
      ),
    );
  });

  it('are turned where the sizes are unevenly spaced, or would meet the labels of the next panel', async () => {
    const setting = { theme: themeOf('screen'), measure: await textMeasure() };
    const uneven = crowdedBy([512, 4096, 8192, 16384, 65536, 2 ** 20], logSizes);
    expect(labelFit(uneven, { width: 600, beside: undefined }, setting).angle).toBe(0);
    expect(labelFit(uneven, { width: 310, beside: 16 }, setting).angle).toBe(-45);
    const few = crowdedBy([1024, 65536], logSizes);
    expect(labelFit(few, { width: 100, beside: undefined }, setting).angle).toBe(0);
    expect(labelFit(few, { width: 100, beside: 16 }, setting).angle).toBe(-45);
    const dense = crowdedBy([4096, 4097, 2 ** 20], logSizes);
    expect(labelFit(dense, { width: 600, beside: undefined }, setting).allFit).toBe(false);
  });
});

describe('the lines of a title', () => {
  it('keep every word in order, and are never too wide unless a single word is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z|_]{1,12}$/), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 60 }),
        (words, width) => {
          const lines = linesOf(words.join(' '), width, ({ length }) => length);
          expect(lines.join(' ')).toBe(words.join(' '));
          for (const line of lines) {
            expect(line.length <= width || !line.includes(' ')).toBe(true);
          }
        },
      ),
    );
  });
});
