import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { partGone } from '../../src/cli/import-part.ts';
import { MAIN, Workplace } from './workplace.ts';

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

  it('ends a sweep with a message, and keeps what was measured', async () => {
    const place = new Workplace();
    onTestFinished(() => place.remove());
    // A copy of the program, which is removed during a run.
    cpSync(dirname(MAIN), place.path('own'), { recursive: true });
    for (const beside of ['node_modules', 'package.json', 'schema']) {
      symlinkSync(join(dirname(MAIN), '..', beside), place.path(beside));
    }
    place.write('programs/answers.log', '');
    place.write('programs/answers.hold-at', '3');
    const spec = place.spec('goes', 'answers', 'matrix: { buffer_size: 512 }\ntrials: 5');
    const started = place.start(['run', spec], {}, place.path('own/main.js'));
    await started.says(' runs of ');
    await place.until(() => existsSync(place.path('programs/answers.held')));
    rmSync(place.path('own'), { recursive: true });
    rmSync(place.path('programs/answers.hold-at'));
    const { code, stderr } = await started.ended;
    expect(code).toBe(3);
    expect(stderr).toMatch(/^ipc-sweep: a part of ipc-sweep is no longer there: .*\nhint: /m);
    expect(place.query("SELECT id FROM run WHERE state = 'completed'")).toHaveLength(5);
    await expect.poll(() => place.processes()).toEqual([]);
  });

  it('is not taken for the cause of any other error', async () => {
    const elsewhere = await thrownBy(() => readFileSync(join(folder, 'other')));
    for (const error of [elsewhere, new Error('a bug'), 'text', undefined, null]) {
      expect(partGone(error)).toBeUndefined();
    }
  });
});
