import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { partGone } from '../../src/cli/import-part.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-part-gone-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function thrownBy(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('ipc-sweep that is built anew while it works', () => {
  it('is named as the cause when a part of it can no longer be imported or read', async () => {
    const part = join(folder, 'csv-package.js');
    for (const work of [() => import(part), () => readFileSync(part)]) {
      const error = await thrownBy(work);
      expect(partGone(error, `${folder}/`)).toMatchObject({
        message: expect.stringMatching(
          /^a part of ipc-sweep is no longer there: .*csv-package\.js/,
        ),
        exitCode: 3,
      });
    }
  });

  it('is not taken for the cause of any other error', async () => {
    const elsewhere = await thrownBy(() => readFileSync(join(folder, 'other')));
    for (const error of [elsewhere, new Error('a bug'), 'text', undefined, null]) {
      expect(partGone(error)).toBeUndefined();
    }
  });
});
