import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const { copyAssets } = await import(new URL('../src/setup/copy-assets.mjs', import.meta.url).href);

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-assets-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('an asset is copied beside the code, unless it would replace a compiled source', () => {
  const from = join(folder, 'src');
  const to = join(folder, 'dist');
  mkdirSync(join(from, 'html'), { recursive: true });
  for (const name of ['page.js', 'page.css', 'report.ts'])
    writeFileSync(join(from, 'html', name), '');
  copyAssets(to, from);
  expect(
    ['page.js', 'page.css', 'report.ts'].map((name) => existsSync(join(to, 'html', name))),
  ).toEqual([true, true, false]);
  writeFileSync(join(from, 'html', 'page.ts'), '');
  expect(() => copyAssets(to, from)).toThrow(/html\/page\.js would replace .*html\/page\.ts/);
});
