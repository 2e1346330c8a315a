/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Db, openForWriting } from '../../src/store/open.ts';
import { Workplace } from '../cli/workplace.ts';
import { hostileSweep } from '../report/html/sweeps.ts';
import { sweepToCompare } from '../store/compared-sweeps.ts';
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
if (missing !== undefined) console.log(`skipping comparisons in a browser: ${missing}`);

/** Kept: what the page looks like. */
const OUTPUT = fileURLToPath(new URL('../output/', import.meta.url));

const place = new Workplace();
let browser: Browser;

function fill(name: string, make: (db: Db) => void): void {
  const { db, close } = openForWriting(place.path(name));
  try {
    make(db);
  } finally {
    close();
  }
}

function fillAll(db: Db): void {
  const sizes = [4096, 65536, 2 ** 20];
  const speed = ({ bufferBytes }: { bufferBytes: number }) => (bufferBytes === 65536 ? 0.9 : 1);
  sweepToCompare(db, { name: 'first', sizes });
  sweepToCompare(db, { name: 'second', sizes, speed, kernel: '6.6' });
  sweepToCompare(db, { name: 'third', sizes, speed: () => 1.1, kernel: '6.12' });
}

async function pageOf(name: string, ...words: string[]): Promise<string> {
  const out = place.path(`${name}.html`);
  const { code } = await place.run('compare', ...words, '--db', 'all.db', '--html', out);
  expect([0, 1]).toContain(code);
  return out;
}

describe.skipIf(missing !== undefined)('the page of a comparison in Chromium', () => {
  let file: string;
  let opened: Opened;
  let page: Page;
  beforeAll(async () => {
    mkdirSync(OUTPUT, { recursive: true });
    fill('all.db', fillAll);
    for (const name of ['evil-1.db', 'evil-2.db']) {
      fill(name, (db) => {
        hostileSweep(db);
        db.exec('UPDATE cell SET assigned_host = (SELECT host_name FROM environment)');
      });
    }
    file = await pageOf('three', 'first', 'second', 'third', '--fail-if-slower', '5%');
    browser = await startBrowser();
    opened = await open(browser, file, { viewport: { width: 1200, height: 900 } });
    page = opened.page;
  });
  afterAll(async () => {
    await browser?.close();
    place.remove();
  });

  it('shows the sides, the findings, the figure, each row, and the command that makes it again', async () => {
    const box = await page.locator('#comparison .chart svg').boundingBox();
    expect(box?.width).toBeGreaterThan(500);
    expect(await page.locator('#cells tbody tr').count()).toBe(6);
    const text = (await page.locator('body').textContent())!.replace(/\s+/g, ' ');
    for (const words of [
      ...['1 of 6 pairs of cells slower', 'C, third: 3 of 3 cells faster'],
      ...['6 cells: 5 pass, 1 slower, 0 undecided', 'B: the kernel differs: 6.1 and 6.6'],
      'ipc-sweep compare first second third --fail-if-slower 5% --db all.db --html',
    ]) {
      expect(text).toContain(words);
    }
    expect(await page.locator('#environments table').first().textContent()).toMatch(
      /os_release \(kernel\)6\.16\.66\.12/,
    );
    expect(opened.complaints).toEqual([]);
    await page.screenshot({ path: `${OUTPUT}comparison.png`, fullPage: true });
  });

  it('shows a ratio under the pointer and for the arrow keys', async () => {
    await page.locator('#comparison .chart').focus();
    await page.keyboard.press('Home');
    const hint = page.locator('#hint');
    expect(await hint.textContent()).toMatch(/^4 KiB, B: [\d.]+ \([\d.-]+\) at 95%, p /);
    await page.keyboard.press('End');
    expect(await hint.textContent()).toMatch(/^1 MiB, C: 1\.\d+ .*, faster$/);
    await page.keyboard.press('Escape');
  });

  it('sorts its table by the ratio with the keyboard', async () => {
    const table = page.locator('#cells table');
    const heading = table.locator('th', { hasText: 'ratio' });
    const ratios = () => numbersIn(table, 4);
    const before = await ratios();
    expect(new Set(before).size).toBe(6);
    await heading.locator('button').focus();
    await page.keyboard.press('Enter');
    expect(await heading.getAttribute('aria-sort')).toBe('ascending');
    const ascending = before.toSorted((a, b) => a - b);
    expect(ascending).not.toEqual(before);
    expect(await ratios()).toEqual(ascending);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`is legible in ${colorScheme}`, async () => {
      const viewport = { width: 1200, height: 900 };
      const own = await open(browser, file, { colorScheme, viewport });
      expect(await own.page.evaluate(faintTexts)).toEqual([]);
      await own.close();
    });
  }

  it('fits a narrow screen, and shows everything without JavaScript', async () => {
    const viewport = { width: 320, height: 640 };
    const narrow = await open(browser, file, { javaScriptEnabled: false, viewport });
    expect(await narrow.page.locator('#cells tbody tr').count()).toBe(6);
    expect(await narrow.page.locator('button:visible').count()).toBe(0);
    await narrow.close();
    const wide = await open(browser, file, { viewport });
    expect(
      await wide.page.evaluate(() => document.documentElement.scrollWidth),
    ).toBeLessThanOrEqual(320);
    await wide.close();
  });

  it('is printed with all sections', async () => {
    const pdf = `${OUTPUT}comparison.pdf`;
    await page.pdf({ path: pdf, format: 'A4' });
    const printed = execFileSync('pdftotext', ['-layout', pdf, '-'], { encoding: 'utf8' });
    for (const title of await page.locator('h2').allTextContents()) {
      expect(printed).toContain(title);
    }
  });

  it('runs nothing that hostile databases contain', async () => {
    const hostile = await open(
      browser,
      await pageOf('hostile', './evil-1.db', './evil-2.db', './evil-1.db'),
    );
    const found = await hostile.page.evaluate(() => ({
      scripts: document.scripts.length,
      foreign: document.querySelectorAll('img, iframe, object, embed, [onerror], [onload]').length,
      shown: document.body.textContent.includes('<img src=x onerror=alert(1)>'),
    }));
    expect(found).toEqual({ scripts: 2, foreign: 0, shown: true });
    expect(hostile.complaints).toEqual([]);
    await hostile.close();
  });

  it('is the same text each time', async () => {
    const first = readFileSync(file, 'utf8');
    rmSync(file);
    const again = await pageOf('three', 'first', 'second', 'third', '--fail-if-slower', '5%');
    expect(again).toBe(file);
    expect(readFileSync(again, 'utf8')).toBe(first);
  });
});
