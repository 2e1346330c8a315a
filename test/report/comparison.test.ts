import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { compile, type TopLevelSpec } from 'vega-lite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sideLetter } from '../../src/analyse/comparison.ts';
import { compareNamed } from '../../src/cli/commands/compare/comparison.ts';
import type { ComparisonReport } from '../../src/report/comparison-report.ts';
import { tally } from '../../src/report/comparison-words.ts';
import { comparisonFigure, ratioTicks } from '../../src/report/figures/comparison.ts';
import { inFormat } from '../../src/report/render/formats.ts';
import { drawFigure, renderSvg } from '../../src/report/render/svg.ts';
import { openForWriting } from '../../src/store/open.ts';
import { sweepToCompare } from '../store/compared-sweeps.ts';
import { records } from './made-sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-test-'));
const file = join(folder, 'all.db');
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() => {
  const { db, close } = openForWriting(file);
  const sizes = [4096, 65536, 2 ** 20];
  sweepToCompare(db, { name: 'first', sizes });
  sweepToCompare(db, { name: 'second', sizes, speed: () => 0.9 });
  sweepToCompare(db, { name: 'third', sizes, speed: () => 50 });
  sweepToCompare(db, { name: 'few', sizes, trials: 3 });
  const hosts = Array.from({ length: 12 }, (_, at) => `board-${at + 1}`);
  sweepToCompare(db, { name: 'boards', sizes, hosts });
  sweepToCompare(db, { name: 'more', sizes, hosts });
  close();
});

function reportOf(
  sides: readonly string[],
  more: { over?: 'host'; failIfSlower?: string } = {},
): ComparisonReport {
  const { over, failIfSlower } = more;
  const asked = { sides, over, failIfSlower, suspect: false };
  return compareNamed({ ...asked, base: undefined, equivalent: undefined, repeat: undefined }, file)
    .report;
}

/** Lists where each point is that is drawn, and what it looks like. */
function points(svg: string) {
  const marks = svg.matchAll(
    /aria-roledescription="point"[^>]*transform="translate\(([\d.]+),([\d.]+)\)" d="([^"]+)" fill="([^"]+)"/g,
  );
  return [...marks].map(([, x, y, shape, colour]) => ({
    ...{ x: Number(x), y: Number(y), look: `${shape} ${colour}` },
  }));
}

describe('the figure of a comparison', () => {
  it('has a row for each cell, with an interval for each side that hides no other interval', async () => {
    const figure = comparisonFigure(reportOf(['first', 'second', 'third']));
    expect(records(figure).map(({ cell, side }) => `${cell} ${side}`)).toEqual([
      ...['4 KiB B', '4 KiB C', '64 KiB B', '64 KiB C', '1 MiB B', '1 MiB C'],
    ]);
    const drawn = points(await renderSvg(figure, 'screen'));
    expect(drawn).toHaveLength(6);
    const heights = drawn.map(({ y }) => y).sort((a, b) => a - b);
    for (const [at, y] of heights.slice(1).entries()) expect(y - heights[at]!).toBeGreaterThan(8);
    expect(new Set(drawn.map(({ look }) => look)).size).toBe(2);
    // Nearer to each other than to another row.
    expect(heights[1]! - heights[0]!).toBeLessThan(heights[2]! - heights[1]!);
  });

  it('draws each ratio at its place on a log axis', async () => {
    const figure = comparisonFigure(reportOf(['first', 'second', 'third']));
    const [slow, fast] = points(await renderSvg(figure, 'screen'));
    const [{ ratio: low }, { ratio: high }] = records(figure) as unknown as [
      { ratio: number },
      { ratio: number },
    ];
    const width = 720;
    const decades = (fast!.x - slow!.x) / Math.log(high / low);
    const all = records(figure) as unknown as { ratio: number }[];
    for (const [at, { x }] of points(await renderSvg(figure, 'screen')).entries()) {
      expect(x).toBeCloseTo(slow!.x + decades * Math.log(all[at]!.ratio / low), 1);
    }
    expect(fast!.x).toBeLessThan(width);
  });

  it('distinguishes twelve boards by a colour and a shape for each', async () => {
    const figure = comparisonFigure(reportOf(['boards'], { over: 'host' }));
    const svg = await renderSvg(figure, 'screen');
    expect(new Set(points(svg).map(({ look }) => look)).size).toBe(11);
    for (let at = 1; at < 12; at++) {
      expect(svg).toContain(`>${sideLetter(at)}: boards:host=board-${at + 1}<`);
    }
    expect(figure.alt).toContain('an interval for each of 11 sides');
  });

  it('names rows by what distinguishes the cells, and by host where all sides have several', () => {
    const names = records(comparisonFigure(reportOf(['boards', 'more']))).map(({ cell }) => cell);
    expect(names).toHaveLength(36);
    expect(names.slice(0, 2)).toEqual(['4 KiB on board-1', '4 KiB on board-2']);
    const [only] = records(
      comparisonFigure(reportOf(['first:buffer_size=4KiB', 'second:buffer_size=4KiB'])),
    );
    expect(only).toMatchObject({ cell: 'pipe 2proc of 1 MiB', side: 'B', verdict: 'slower' });
  });

  it('keeps the row of a cell with too few runs, and counts such rows in its caption', async () => {
    const figure = comparisonFigure(reportOf(['first', 'second', 'few']));
    expect(figure.caption).toContain('3 pairs of cells have too few runs for an interval');
    expect(records(figure).filter(({ ratio }) => ratio === null)).toHaveLength(3);
    expect(points(await renderSvg(figure, 'screen'))).toHaveLength(3);
    expect(() => comparisonFigure(reportOf(['first', 'few']))).toThrow(
      'no pair of cells has enough runs for a ratio',
    );
  });

  it('draws the limit of the gate', async () => {
    const figure = comparisonFigure(reportOf(['first', 'second'], { failIfSlower: '5%' }));
    expect(figure.caption).toContain('The line at 0.95 is the limit of --fail-if-slower 5%.');
    expect(await renderSvg(figure, 'screen')).toContain('stroke-dasharray');
  });

  it('is drawn without a warning, and becomes PNG and PDF', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const figure = comparisonFigure(reportOf(['first', 'second', 'third']));
    const { svg, spec } = await drawFigure(figure, 'print', { titled: true });
    compile(spec as TopLevelSpec);
    expect(warned.mock.calls).toEqual([]);
    warned.mockRestore();
    for (const format of ['png', 'pdf'] as const) {
      const drawn = await inFormat(format, svg, { figure, theme: 'print' });
      expect(drawn.length).toBeGreaterThan(1000);
    }
  });
});

describe('the ticks of an axis of ratios', () => {
  it('are few and rising, lie within it, and include 1 where it is in the range', () => {
    expect(ratioTicks(0.89, 1.02)).toEqual([0.9, 0.92, 0.94, 0.96, 0.98, 1, 1.02]);
    expect(ratioTicks(0.24, 17)).toEqual([0.25, 0.5, 1, 2, 4, 8, 16]);
    expect(ratioTicks(0.009, 1.1)).toEqual([0.01, 0.1, 1]);
    fc.assert(
      fc.property(
        fc.double({ min: -20, max: 20, noNaN: true }),
        fc.double({ min: 0.01, max: 20, noNaN: true }),
        (start, length) => {
          const [from, to] = [Math.exp(start), Math.exp(start + length)];
          const ticks = ratioTicks(from, to);
          expect(ticks.length).toBeLessThan(14);
          expect(ticks).toEqual(ticks.toSorted((a, b) => a - b));
          for (const tick of ticks) {
            expect(tick).toBeGreaterThan(from * 0.999999);
            expect(tick).toBeLessThan(to * 1.000001);
          }
          if (from < 1 && to > 1) expect(ticks).toContain(1);
        },
      ),
    );
  });
});

it('sides have letters as columns of a spreadsheet have', () => {
  expect([0, 1, 25, 26, 27, 51, 52, 701, 702].map(sideLetter)).toEqual([
    ...['A', 'B', 'Z', 'AA', 'AB', 'AZ', 'BA', 'ZZ', 'AAA'],
  ]);
});

it('verdicts are counted in words', () => {
  const of = (...verdicts: string[]) =>
    tally(verdicts.map((verdict) => ({ verdict: { verdict, nA: 1, nB: 1 } }) as never));
  expect(of('faster', 'slower', 'slower', 'inconclusive')).toBe(
    '2 of 4 cells slower, 1 faster, 1 inconclusive',
  );
  expect(of('too few')).toBe('1 of 1 cell with too few runs');
});
