/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from '../../src/store/open.ts';
import { openForWriting } from '../../src/store/open.ts';
import { Workplace } from '../cli/workplace.ts';
import { hostileSweep, twentyCells } from '../report/html/sweeps.ts';
import { recordedSweep } from '../report/recorded-sweep.ts';
import { numbersIn, type Opened, open, startBrowser, whyNoBrowser } from './browser.ts';
import { faintTexts } from './faint-texts.ts';

function whyNot(): string | undefined {
  if (spawnSync('pdftotext', ['-v']).error) return 'pdftotext is not installed';
  return whyNoBrowser();
}
const missing = whyNot();
if (missing !== undefined && process.env.IPC_SWEEP_REQUIRE_REAL === '1') {
  throw new Error(`the real tests are required here, but ${missing}`);
}
if (missing !== undefined) console.log(`skipping the report in a browser: ${missing}`);

/** Kept: what the pages look like. */
const OUTPUT = fileURLToPath(new URL('../output/', import.meta.url));

const place = new Workplace();
let browser: Browser;

/** A stored sweep's report, written by the command. @returns the file */
async function reportOf(name: string, fill: (db: Db) => void): Promise<string> {
  const { db, close } = openForWriting(place.path(`${name}.db`));
  try {
    fill(db);
  } finally {
    close();
  }
  const out = place.path(`${name}.html`);
  const ended = await place.run('report', '--db', `${name}.db`, '--out', out);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  return out;
}

describe.skipIf(missing !== undefined)('the report in Chromium', () => {
  let file: string;
  let opened: Opened;
  let page: Page;
  beforeAll(async () => {
    mkdirSync(OUTPUT, { recursive: true });
    file = await reportOf('twenty', twentyCells);
    browser = await startBrowser();
    opened = await open(browser, file, { viewport: { width: 1200, height: 900 } });
    page = opened.page;
  });
  afterAll(async () => {
    await browser?.close();
    place.remove();
  });

  it('shows every chart, without an error and without a request', async () => {
    const sizes = await page
      .locator('.chart svg')
      .evaluateAll((charts) => charts.map((chart) => chart.getBoundingClientRect().toJSON()));
    expect(sizes.length).toBe((readFileSync(file, 'utf8').match(/<figure /g) ?? []).length);
    expect(sizes.length).toBeGreaterThan(5);
    for (const { width, height } of sizes) {
      expect(width).toBeGreaterThan(500);
      expect(height).toBeGreaterThan(100);
    }
    expect(opened.complaints).toEqual([]);
    await page.screenshot({ path: `${OUTPUT}report.png`, fullPage: true });
  });

  it('shows the value under the pointer, even if the pointer is only close to a dot', async () => {
    const dot = page.locator('#bandwidth [aria-roledescription=point]').last();
    await dot.scrollIntoViewIfNeeded();
    const box = (await dot.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2 + 5);
    const hint = page.locator('#hint');
    expect(await hint.isVisible()).toBe(true);
    expect(await hint.textContent()).toMatch(/MiB\/s/);
    await page.mouse.move(2, 2);
    expect(await hint.isVisible()).toBe(false);
  });

  it('shows the value of a bar that has a number on it', async () => {
    const bar = page.locator('#pipe-states-read [aria-roledescription=bar]').first();
    await bar.scrollIntoViewIfNeeded();
    const box = (await bar.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    expect(await page.locator('#hint').textContent()).toBe(await bar.getAttribute('aria-label'));
  });

  it('shows the values of a chart one by one for the arrow keys', async () => {
    await page.locator('#bandwidth .chart').focus();
    const hint = page.locator('#hint');
    await page.keyboard.press('End');
    const last = await hint.textContent();
    await page.keyboard.press('Home');
    const first = await hint.textContent();
    await page.keyboard.press('ArrowRight');
    const second = await hint.textContent();
    expect(new Set([first, second, last]).size).toBe(3);
    await page.keyboard.press('Escape');
    expect(await hint.isVisible()).toBe(false);
  });

  it('sorts a table by its numbers with the keyboard, in both directions', async () => {
    const table = page.locator('#summary table');
    const heading = table.locator('th', { hasText: 'buffer' });
    const column = () => numbersIn(table, 1);
    const before = await column();
    await heading.locator('button').focus();
    await page.keyboard.press('Enter');
    expect(await heading.getAttribute('aria-sort')).toBe('ascending');
    expect(await column()).toEqual(before.toSorted((a, b) => a - b));
    await page.keyboard.press('Space');
    expect(await heading.getAttribute('aria-sort')).toBe('descending');
    const descending = before.toSorted((a, b) => b - a);
    expect(descending).not.toEqual(before);
    expect(await column()).toEqual(descending);
    expect(await table.locator('th[aria-sort]').count()).toBe(1);
  });

  it('lets Tab reach everything, with a skip link first and a visible focus', async () => {
    const fresh = await open(browser, file, { viewport: { width: 1200, height: 900 } });
    await fresh.page.keyboard.press('Tab');
    const focused = () =>
      fresh.page.evaluate(() => {
        const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement!);
        const box = document.activeElement!.getBoundingClientRect();
        const { textContent } = document.activeElement!;
        return { textContent, outlineStyle, outlineWidth, seen: box.left >= 0 && box.width > 0 };
      });
    expect(await focused()).toEqual({
      textContent: 'Skip to the findings',
      ...{ outlineStyle: 'solid', outlineWidth: '3px', seen: true },
    });
    const lost = await fresh.page.evaluate(
      () =>
        [...document.querySelectorAll<HTMLElement>('a, button, summary, .box, .chart')].filter(
          (element) => element.tabIndex < 0,
        ).length,
    );
    expect(lost).toBe(0);
    await fresh.close();
  });

  async function download(format: string): Promise<Buffer> {
    const button = page.locator(`#bandwidth button[data-format=${format}]`);
    const [saved] = await Promise.all([page.waitForEvent('download'), button.click()]);
    expect(saved.suggestedFilename()).toBe(`bandwidth.${format}`);
    return readFileSync(await saved.path());
  }

  it('saves a chart as an SVG file that is complete in itself', async () => {
    const svg = await download('svg');
    expect(String(svg)).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[\s\S]*<title>/);
    const root = await page.evaluate((text) => {
      const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
      return { name: parsed.documentElement.localName, wrong: parsed.querySelector('parsererror') };
    }, String(svg));
    expect(root).toEqual({ name: 'svg', wrong: null });
  });

  it('saves a chart as a PNG of twice its size on white', async () => {
    const png = await download('png');
    expect(png.subarray(0, 8)).toEqual(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
    const svg = page.locator('#bandwidth svg');
    const side = async (name: string) => 2 * Number(await svg.getAttribute(name));
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([
      await side('width'),
      await side('height'),
    ]);
    const colours = await page.evaluate(async (data) => {
      const image = new Image();
      image.src = `data:image/png;base64,${data}`;
      await image.decode();
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [image.width, image.height];
      const pen = canvas.getContext('2d')!;
      pen.drawImage(image, 0, 0);
      const words = new Uint32Array(
        pen.getImageData(0, 0, canvas.width, canvas.height).data.buffer,
      );
      return { corner: words[0], several: new Set(words).size };
    }, png.toString('base64'));
    expect(colours.corner).toBe(0xffffffff);
    expect(colours.several).toBeGreaterThan(10);
  });

  it('saves all the data of a chart as CSV', async () => {
    const records: string[][] = parse(await download('csv'));
    const figures = JSON.parse((await page.locator('#figures').textContent())!);
    const { columns, rows } = figures.find(({ name }: { name: string }) => name === 'bandwidth');
    expect(records).toEqual([
      columns,
      ...rows.map((row: unknown[]) => row.map((value) => (value === null ? '' : String(value)))),
    ]);
    expect(opened.complaints).toEqual([]);
  });

  it('never scrolls sideways on a phone, because tables and charts scroll in their boxes', async () => {
    const phone = await open(browser, file, {
      ...{ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true },
    });
    await phone.page.screenshot({ path: `${OUTPUT}report-phone.png`, fullPage: true });
    for (const folded of await phone.page.locator('summary').all()) await folded.click();
    const width = await phone.page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBe(360);
    const outside = await phone.page.evaluate(
      () =>
        [...document.querySelectorAll('p, h1, h2, h3, dl, .box, .chart, figcaption')].filter(
          (element) => element.getBoundingClientRect().right > 360,
        ).length,
    );
    expect(outside).toBe(0);
    await phone.close();
  });

  it('prints all sections with the folded texts, and no buttons', async () => {
    const pdf = `${OUTPUT}report.pdf`;
    await page.pdf({ path: pdf, format: 'A4' });
    const printed = execFileSync('pdftotext', ['-layout', pdf, '-'], { encoding: 'utf8' });
    for (const title of await page.locator('h2').allTextContents()) {
      expect(printed).toContain(title);
    }
    for (const title of await page.locator('h3').allTextContents()) {
      expect(printed.replace(/\s+/g, ' ')).toContain(title);
    }
    expect(printed).toContain('BEGIN {}');
    expect(printed).not.toMatch(/Download|Skip to/);
  });

  it('cuts off no table and no chart on paper', async () => {
    const PAPER = 688; // 182 mm, what A4 leaves between the margins, in pixels of CSS
    const recorded = place.path('recorded.html');
    const db = recordedSweep(place.folder);
    expect((await place.run('report', '--db', db, '--out', recorded)).code).toBe(0);
    for (const path of [file, recorded]) {
      const paper = await open(browser, path, { viewport: { width: PAPER, height: 1000 } });
      await paper.page.emulateMedia({ media: 'print' });
      const wide = await paper.page.evaluate(
        (width) =>
          [...document.querySelectorAll('table, .chart svg, pre')]
            .filter((element) => element.getBoundingClientRect().right > width + 1)
            .map((element) => element.closest('section')!.id),
        PAPER,
      );
      expect(wide).toEqual([]);
      await paper.close();
    }
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`is legible in ${colorScheme}: every text has a contrast of 4.5 to 1 at least`, async () => {
      const own = await open(browser, file, {
        colorScheme,
        viewport: { width: 1200, height: 900 },
      });
      await own.page.screenshot({ path: `${OUTPUT}report-${colorScheme}.png` });
      expect(await own.page.evaluate(faintTexts)).toEqual([]);
      const title = own.page.locator('h1');
      await title.evaluate((element) => {
        element.style.color = '#777';
      });
      expect(await own.page.evaluate(faintTexts)).toEqual([expect.stringMatching(/^H1 /)]);
      const back = await own.page.evaluate(
        () => getComputedStyle(document.documentElement).backgroundColor,
      );
      expect(back).toBe(colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(21, 24, 28)');
      const chart = own.page.locator('.chart').first();
      expect(await chart.evaluate((e) => getComputedStyle(e).backgroundColor)).toBe(back);
      await own.close();
    });
  }

  it('shows everything without JavaScript, and no button without effect', async () => {
    const plain = await open(browser, file, { javaScriptEnabled: false });
    expect(await plain.page.locator('.chart svg').count()).toBe(
      await page.locator('.chart svg').count(),
    );
    expect(await plain.page.locator('#summary tbody tr').count()).toBe(20);
    expect(await plain.page.locator('button:visible').count()).toBe(0);
    await plain.page.locator('summary').first().click();
    expect(await plain.page.locator('.data table').first().isVisible()).toBe(true);
    await plain.close();
  });

  it('runs nothing that a hostile database contains, and saves no formula', async () => {
    const hostile = await open(browser, await reportOf('hostile', hostileSweep));
    const found = await hostile.page.evaluate(() => ({
      scripts: document.scripts.length,
      foreign: document.querySelectorAll('img, iframe, object, embed, [onerror], [onload]').length,
      sections: document.querySelectorAll('main > section').length,
      shown: document.body.textContent.includes('<img src=x onerror=alert(1)>'),
    }));
    expect(found).toMatchObject({
      scripts: 2,
      foreign: 0,
      shown: true,
    });
    expect(found.sections).toBeGreaterThan(8);
    const button = hostile.page.locator('#pipe-states-read button[data-format=csv]');
    const [saved] = await Promise.all([hostile.page.waitForEvent('download'), button.click()]);
    const records: string[][] = parse(readFileSync(await saved.path()));
    expect(records.flat().filter((field) => field.includes('=1+1'))).not.toEqual([]);
    expect(records.flat().filter((field) => /^[=+@]/.test(field))).toEqual([]);
    expect(hostile.complaints).toEqual([]);
    await hostile.close();
  });
});
