import { mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const { newest } = await import(new URL('../src/setup/prepare.mjs', import.meta.url).href);

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-newest-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('what an editor keeps beside a source file, a link to nowhere, does not stop the set-up', () => {
  writeFileSync(join(folder, 'a.ts'), '');
  utimesSync(join(folder, 'a.ts'), 7, 7);
  symlinkSync('somebody@host.4711:1', join(folder, '.#a.ts'));
  expect(newest(folder)).toBe(7000);
});
