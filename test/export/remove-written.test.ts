import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { markFolder } from '../../src/export/folder-mark.ts';
import { removeWritten } from '../../src/export/remove-written.ts';

const root = mkdtempSync(join(tmpdir(), 'ipc-sweep-remove-written-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const NOBODY = 65_534;

/** Does something as a user who may not write everywhere. */
function withoutRights<T>(work: () => T): T {
  const own = process.geteuid?.();
  if (own === 0) process.seteuid?.(NOBODY);
  try {
    return work();
  } finally {
    if (own === 0) process.seteuid?.(own);
  }
}

it('a folder in which nothing can be removed stays, with the reason', async () => {
  chmodSync(root, 0o755);
  const folder = join(root, 'x-1');
  mkdirSync(folder);
  const source = { id: 'a', file: join(root, 'a.db') };
  await markFolder(folder, source);
  writeFileSync(join(folder, 'runs.csv'), '');
  chmodSync(folder, 0o555);
  expect(withoutRights(() => removeWritten(folder, source))).toEqual({
    state: 'kept',
    reason: expect.stringContaining('EACCES'),
  });
  chmodSync(folder, 0o755);
  expect(removeWritten(folder, source)).toMatchObject({ state: 'removed', files: 2 });
  expect(existsSync(folder)).toBe(false);
});
