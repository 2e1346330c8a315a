/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cell } from '../../src/experiment/cell.ts';
import { reportPage } from '../../src/report/html/report-page.ts';
import { openForReading, openForWriting } from '../../src/store/open.ts';
import { chooseSweep } from '../../src/store/reader.ts';
import { madeSweep } from '../report/made-sweep.ts';
import { recordedSweep } from '../report/recorded-sweep.ts';
import { CELL } from '../store/example-sweep.ts';
import { open, startBrowser, whyNoBrowser } from './browser.ts';
import { collidingTexts, faintChartTexts, stateColours } from './chart-texts.ts';

function whyNot(): string | undefined {
  if (spawnSync('pdfinfo', ['-v']).error) return 'pdfinfo is not installed';
  return whyNoBrowser();
}
const missing = whyNot();
if (missing !== undefined && process.env.IPC_SWEEP_REQUIRE_REAL === '1') {
  throw new Error(`the real tests are required here, but ${missing}`);
}
if (missing !== undefined) console.log(`skipping the charts in a browser: ${missing}`);

/** Kept: what the pages look like. */
const OUTPUT = fileURLToPath(new URL('../output/', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-test-'));
let browser: Browser;

/** Writes the report of the newest sweep of a database. @returns the file */
async function reportOf(name: string, database: string): Promise<string> {
  const db = openForReading(database);
  try {
    const sweep = chooseSweep(db, undefined);
    const file = join(folder, `${name}.html`);
    writeFileSync(file, await reportPage(db, sweep, { suspect: false }, '9.9.9'));
    return file;
  } finally {
    db.close();
  }
}

async function madeReport(name: string, cells: readonly Cell[]): Promise<string> {
  const database = join(folder, `${name}.db`);
  const { db, close } = openForWriting(database);
  try {
    const facts = [
      { key: 'page_size_bytes', value: '4096' },
      { key: 'l1d_cache_bytes', value: '32768' },
      { key: 'l2_cache_bytes', value: '65536' },
    ];
    madeSweep(db, { cells, trials: 6, controls: true, facts });
  } finally {
    close();
  }
  return reportOf(name, database);
}

const MODES = ['2proc', '2thread'] as const;
const powers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => 2 ** (from + at));
const cellsOf = (
  sizes: readonly number[],
  totals: readonly number[],
  ipcs: readonly Cell['ipc'][],
): readonly Cell[] =>
  totals.flatMap((totalBytes) =>
    ipcs.flatMap((ipc) =>
      MODES.flatMap((mode) =>
        sizes.map((bufferBytes) => ({ ...CELL, ipc, mode, bufferBytes, totalBytes })),
      ),
    ),
  );

describe.skipIf(missing !== undefined)('the charts in Chromium', () => {
  const pages: Record<string, string> = {};
  beforeAll(async () => {
    mkdirSync(OUTPUT, { recursive: true });
    pages.panels = await madeReport('panels', cellsOf(powers(10, 16), [2 ** 20], ['pipe', 'tcp']));
    pages.uneven = await madeReport(
      'uneven',
      cellsOf([512, 4096, 4097, 2 ** 20], [2 ** 22], ['pipe']),
    );
    pages.many = await madeReport('many', cellsOf(powers(8, 21), [2 ** 21, 2 ** 22], ['pipe']));
    pages.freebsd = await reportOf('freebsd', recordedSweep(folder));
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  const SCREENS: Readonly<Record<string, BrowserContextOptions>> = {
    desktop: { viewport: { width: 1200, height: 900 } },
    phone: { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true },
    dark: { viewport: { width: 1200, height: 900 }, colorScheme: 'dark' },
  };

  it.each(Object.keys(SCREENS))('have texts that do not overlap: %s', async (screen) => {
    for (const [name, file] of Object.entries(pages)) {
      const { page, close } = await open(browser, file, SCREENS[screen]);
      const path = `${OUTPUT}charts-${name}-${screen}.png`;
      await page.screenshot({ path, fullPage: true });
      expect(await page.locator('.chart text').count()).toBeGreaterThan(100);
      expect(await page.evaluate(collidingTexts), name).toEqual([]);
      await close();
    }
  });

  it('are reported when one text is moved onto another', async () => {
    const { page, close } = await open(browser, pages.freebsd!, SCREENS.desktop);
    await page.evaluate(() => {
      const [first, second] = document.querySelectorAll('#bandwidth .role-axis-label text');
      second!.setAttribute('transform', first!.getAttribute('transform')!);
    });
    expect(await page.evaluate(collidingTexts)).toEqual(['bandwidth: 512 B over 4 KiB']);
    await close();
  });

  it('show a state in the same colour in every chart and sweep, light and dark', async () => {
    const seen = new Map<string, Set<string>>();
    for (const file of Object.values(pages)) {
      for (const colorScheme of ['light', 'dark'] as const) {
        const { page, close } = await open(browser, file, { colorScheme });
        for (const [state, colours] of Object.entries(await page.evaluate(stateColours))) {
          seen.set(state, new Set([...(seen.get(state) ?? []), ...colours]));
        }
        await close();
      }
    }
    expect([...seen.keys()]).toEqual(
      expect.arrayContaining(['EMPTY', 'FULL', 'PARTIAL', 'DIRECTOK', 'DIRECTOK|DIRECTW']),
    );
    expect([...seen].filter(([, colours]) => colours.size !== 1)).toEqual([]);
    expect(new Set([...seen.values()].map(([colour]) => colour)).size).toBe(seen.size);
  });

  it('are dark on a dark page, and legible there', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, close } = await open(browser, pages.panels!, { colorScheme });
      const papers = await page.evaluate(() =>
        [...document.querySelectorAll('.chart')].map((chart) => [
          getComputedStyle(chart).backgroundColor,
          getComputedStyle(chart.querySelector('svg > rect')!).fill,
        ]),
      );
      const [paper] = papers;
      expect(papers).toEqual(papers.map(() => paper));
      expect(paper).toEqual(
        colorScheme === 'dark' ? ['rgb(21, 24, 28)', 'none'] : Array(2).fill('rgb(255, 255, 255)'),
      );
      expect(await page.evaluate(faintChartTexts)).toEqual([]);
      await page.evaluate(() => {
        const label = document.querySelector<SVGElement>('.role-axis-label text')!;
        label.style.fill = '#777777';
      });
      expect(await page.evaluate(faintChartTexts)).toHaveLength(1);
      await close();
    }
  });

  it('scroll in their boxes on a phone', async () => {
    const { page, close } = await open(browser, pages.many!, SCREENS.phone);
    const boxes = await page.locator('.chart').evaluateAll((charts) =>
      charts.map((chart) => ({
        isInside: chart.getBoundingClientRect().right <= 360,
        scrolls: chart.scrollWidth > chart.clientWidth,
        overflow: getComputedStyle(chart).overflowX,
      })),
    );
    expect(boxes.length).toBeGreaterThan(8);
    expect(boxes).toEqual(boxes.map(() => ({ isInside: true, scrolls: true, overflow: 'auto' })));
    await close();
  });

  it('are printed two on a page, and no page is half empty', async () => {
    const { page, close } = await open(browser, pages.many!);
    const pdf = `${OUTPUT}charts-many.pdf`;
    await page.pdf({ path: pdf, format: 'A4' });
    const charts = await page.locator('figure').count();
    await close();
    const count = Number(
      /^Pages: +(\d+)$/m.exec(execFileSync('pdfinfo', [pdf], { encoding: 'utf8' }))?.[1],
    );
    const printed = execFileSync('pdftotext', [pdf, '-'], { encoding: 'utf8' }).split('\f');
    const title =
      /^(Bandwidth|Median bandwidth|Probe effect|System calls of|Pipe states (found|from)|What reads)/gm;
    const withCharts = printed.filter((text) => title.test(text)).length;
    expect(charts).toBeGreaterThan(9);
    expect(withCharts).toBeLessThanOrEqual(Math.ceil(charts / 2) + 2);
    expect(count).toBeLessThanOrEqual(20);
    for (const [at, filled] of filledShares(pdf).slice(0, -1).entries()) {
      expect(filled, `page ${at + 1} of ${count}`).toBeGreaterThan(0.5);
    }
  });
});

/** How far down each page there is anything, as a share of its height. */
function filledShares(pdf: string): readonly number[] {
  const pages = execFileSync('pdftoppm', ['-r', '20', '-gray', pdf], { maxBuffer: 2 ** 28 });
  const shares: number[] = [];
  let at = 0;
  while (at < pages.length) {
    const header = /^P5\n(\d+) (\d+)\n255\n/.exec(pages.toString('latin1', at, at + 40))!;
    const [width, height] = [Number(header[1]), Number(header[2])];
    at += header[0].length;
    const ink = pages.subarray(at, at + width * height);
    at += width * height;
    shares.push(Math.ceil((ink.findLastIndex((value) => value < 200) + 1) / width) / height);
  }
  return shares;
}
