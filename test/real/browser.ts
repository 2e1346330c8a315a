/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { existsSync } from 'node:fs';
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';

/** Why no page can be opened here. */
export function whyNoBrowser(): string | undefined {
  return existsSync(CHROMIUM) ? undefined : `there is no ${CHROMIUM}`;
}

export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
}

export interface Opened {
  readonly page: Page;
  /** Errors of the page, lines on its console, dialogs, and requests that left it. */
  readonly complaints: readonly string[];
  readonly close: () => Promise<void>;
}

/** Opens a file without a network; everything that a page should not do is noted. */
export async function open(
  browser: Browser,
  file: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({ offline: true, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('dialog', async (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!/^(file|data|blob):/.test(request.url())) complaints.push(`request: ${request.url()}`);
  });
  await page.goto(`file://${file}`);
  return { page, complaints, close: () => context.close() };
}

/**
 * The numbers by which a column of a table is sorted, from the top.
 * @param column from 0
 * @throws Error if a cell has none: two lists of NaN would be equal in any order
 */
export async function numbersIn(table: Locator, column: number): Promise<readonly number[]> {
  const numbers = await table
    .locator('tbody tr')
    .evaluateAll(
      (rows, at) => rows.map((row) => Number((row as HTMLTableRowElement).cells[at]!.dataset.v)),
      column,
    );
  if (numbers.some(Number.isNaN)) throw new Error(`column ${column} holds ${numbers}`);
  return numbers;
}
