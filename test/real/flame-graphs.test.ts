/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openForWriting } from '../../src/store/open.ts';
import { Workplace } from '../cli/workplace.ts';
import { profiledSweep } from '../report/profiled-sweep.ts';
import { type Opened, open, startBrowser, whyNoBrowser } from './browser.ts';
import { faintTexts } from './faint-texts.ts';

const missing = whyNoBrowser();
if (missing !== undefined && process.env.IPC_SWEEP_REQUIRE_REAL === '1') {
  throw new Error(`the real tests are required here, but ${missing}`);
}
if (missing !== undefined) console.log(`skipping the flame graphs in a browser: ${missing}`);

/** Kept: what the pages look like. */
const OUTPUT = fileURLToPath(new URL('../output/', import.meta.url));

const place = new Workplace();
let browser: Browser;

/** The boxes of the first graph that are shown, and whether each box stands on its caller. */
function boxesOf(page: Page) {
  return page.evaluate(() => {
    const graph = document.querySelector('.flame-graph')!;
    const shown = [...graph.querySelectorAll<SVGSVGElement>('.box-of')].filter(
      (box) => box.getAttribute('display') !== 'none',
    );
    return shown.map((box) => {
      const { left, right, top } = box.querySelector('rect')!.getBoundingClientRect();
      return { name: box.dataset.name!, depth: Number(box.dataset.depth), left, right, top };
    });
  });
}

describe.skipIf(missing !== undefined)('flame graphs in Chromium', () => {
  let file: string;
  let compared: string;
  let opened: Opened;
  let page: Page;
  beforeAll(async () => {
    mkdirSync(OUTPUT, { recursive: true });
    const { db, close } = openForWriting(place.path('flame.db'));
    profiledSweep(db, { name: 'old', trials: 6 });
    profiledSweep(db, {
      ...{ name: 'new', trials: 6 },
      factor: (stack) => (stack.includes('alloc_pages') ? 3 : 1),
    });
    close();
    file = place.path('flame.html');
    compared = place.path('compared.html');
    const report = await place.run('report', 'new', '--db', 'flame.db', '--out', file);
    expect(report).toMatchObject({ code: 0, stderr: '' });
    const comparison = await place.run(
      'compare',
      'old',
      'new',
      '--db',
      'flame.db',
      '--html',
      compared,
    );
    expect(comparison.code).toBe(0);
    browser = await startBrowser();
    opened = await open(browser, file, { viewport: { width: 1200, height: 900 } });
    page = opened.page;
  });
  afterAll(async () => {
    await browser?.close();
    place.remove();
  });

  it('show every function in a box that does not overlap its neighbours', async () => {
    const boxes = await boxesOf(page);
    expect(boxes.map(({ name }) => name)).toContain('anon_pipe_read');
    for (const depth of new Set(boxes.map((box) => box.depth))) {
      const row = boxes.filter((box) => box.depth === depth).toSorted((a, b) => a.left - b.left);
      for (const [at, box] of row.entries()) {
        expect(box.left).toBeGreaterThanOrEqual((row[at - 1]?.right ?? 0) - 0.5);
      }
    }
    const bottom = boxes.filter(({ depth }) => depth === 0);
    const { width } = (await page.locator('.flame-graph > svg').first().boundingBox())!;
    const sum = bottom.reduce((all, { left, right }) => all + right - left, 0);
    expect(sum).toBeCloseTo(width, 0);
    await page.locator('#profiles').screenshot({ path: `${OUTPUT}flame-graphs.png` });
  });

  it('cut names off at the edge of their boxes', async () => {
    const outside = await page.evaluate(
      () =>
        [...document.querySelectorAll('.flame-graph .box-of')].filter(
          (box) => getComputedStyle(box).overflow !== 'hidden',
        ).length,
    );
    expect(outside).toBe(0);
  });

  it('zoom into the box that is clicked, and back', async () => {
    const before = await boxesOf(page);
    const graph = page.locator('.flame-graph').first();
    await graph.locator('.box-of[data-name=schedule]').click();
    const zoomed = await boxesOf(page);
    const widthOf = (boxes: typeof before, name: string) => {
      const box = boxes.find((one) => one.name === name);
      return box && box.right - box.left;
    };
    const { width } = (await graph.locator('> svg').boundingBox())!;
    expect(widthOf(zoomed, 'schedule')).toBeCloseTo(width, 0);
    expect(widthOf(zoomed, 'vfs_read')).toBeCloseTo(width, 0);
    expect(widthOf(zoomed, 'copy_page_to_iter')).toBeUndefined();
    expect(await page.locator('.flame-told').first().textContent()).toMatch(/^schedule: 30 %/);
    await page.locator('[data-whole]').first().click();
    expect(await boxesOf(page)).toEqual(before);
  });

  it('zoom and move with the keyboard, and describe the box in focus', async () => {
    const before = await boxesOf(page);
    await page.locator('.flame-graph').first().focus();
    const told = page.locator('.flame-told').first();
    const read: string[] = [];
    for (const key of ['ArrowUp', 'ArrowRight', 'ArrowRight', 'ArrowUp', 'ArrowUp', 'ArrowDown']) {
      await page.keyboard.press(key);
      read.push((await told.textContent())!.replace(/:.*/, ''));
    }
    expect(read).toEqual([
      ...['[no stack]', '[user code]', 'entry_SYSCALL_64_after_hwframe'],
      ...['do_syscall_64', 'ksys_read', 'do_syscall_64'],
    ]);
    await page.keyboard.press('Enter');
    expect((await boxesOf(page)).map(({ name }) => name)).not.toContain('[user code]');
    await page.keyboard.press('Escape');
    expect(await boxesOf(page)).toEqual(before);
    expect(await told.textContent()).toBe('');
  });

  it('find functions by a part of their name, and give their share', async () => {
    const find = page.getByRole('searchbox', { name: /^Find functions: .*, receiver$/ });
    await find.fill('COPY');
    const met = page.locator('.flame').first().locator('.met');
    expect(
      await met.evaluateAll((all) => all.map((one) => (one as SVGElement).dataset.name)),
    ).toEqual(['copy_page_to_iter', '_copy_to_iter']);
    expect(await page.locator('.flame-found').first().textContent()).toBe(
      '2 boxes, 60 % of the whole',
    );
    await find.fill('');
    expect(await met.count()).toBe(0);
  });

  it('can be saved as SVG files that are complete in themselves', async () => {
    const button = page.getByRole('button', { name: /^Download SVG: .*, receiver$/ });
    const [saved] = await Promise.all([page.waitForEvent('download'), button.click()]);
    expect(saved.suggestedFilename()).toBe('flame-1-receiver.svg');
    const svg = readFileSync(await saved.path(), 'utf8');
    const wrong = await page.evaluate((text) => {
      const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
      return parsed.querySelector('parsererror')?.textContent;
    }, svg);
    expect(wrong).toBeUndefined();
    expect(svg).toMatch(/^<svg [^>]*width="960"/);
    expect(svg).toContain('anon_pipe_read');
    expect(opened.complaints).toEqual([]);
  });

  it('fit a phone without scrolling sideways', async () => {
    const phone = await open(browser, file, {
      ...{ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true },
    });
    expect(await phone.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    await phone.page.locator('.flame-graph .box-of[data-name=vfs_read]').first().tap();
    expect(await phone.page.locator('.flame-told').first().textContent()).toMatch(
      /^vfs_read: 90 %/,
    );
    await phone.page.locator('#profiles').screenshot({ path: `${OUTPUT}flame-graphs-phone.png` });
    await phone.close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`are legible in ${colorScheme}, even during a search`, async () => {
      const own = await open(browser, compared, {
        colorScheme,
        viewport: { width: 1200, height: 900 },
      });
      await own.page.locator('.flame input').first().fill('copy');
      expect(await own.page.evaluate(faintTexts)).toEqual([]);
      await own.page
        .locator('#profiles')
        .screenshot({ path: `${OUTPUT}flame-shift-${colorScheme}.png` });
      expect(own.complaints).toEqual([]);
      await own.close();
    });
  }

  it('can be read without JavaScript, with a tooltip for each box and no button without effect', async () => {
    const plain = await open(browser, file, { javaScriptEnabled: false });
    expect(await plain.page.locator('.flame-graph .box-of title').count()).toBeGreaterThan(15);
    expect(await plain.page.locator('.flame button:visible, .flame input:visible').count()).toBe(0);
    await plain.page.locator('.flame summary').first().click();
    expect(await plain.page.locator('.flame table').first().textContent()).toContain(
      'anon_pipe_read',
    );
    await plain.close();
  });

  it('compare two sides, and mark what has grown and what has shrunk', async () => {
    const own = await open(browser, compared);
    const text = await own.page.locator('.flame-graph').last().textContent();
    expect(text).toContain('▲ alloc_pages_mpol');
    expect(text).toContain('▼ copy_page_from_iter');
    await own.close();
  });
});
