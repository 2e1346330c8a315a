import { execFileSync } from 'node:child_process';
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { locateBenchmark } from '../../src/benchmark/locate.ts';
import { type LocalHost, localHost } from '../host/local-host.ts';

let here: LocalHost;
beforeAll(async () => {
  here = await localHost();
});
afterAll(() => here.close());

describe('a benchmark that has changed is refused', () => {
  it.each([
    [
      'when it was written in place, as long as before, with its time of change put back',
      (path: string) => {
        // Times of files have more digits than a Date.
        execFileSync('cp', ['-p', path, `${path}.time`]);
        writeFileSync(path, 'x'.repeat(statSync(path).size));
        execFileSync('touch', ['-r', `${path}.time`, path]);
      },
    ],
    [
      'when another file was put in its place, of the same size and time',
      (path: string) => {
        writeFileSync(`${path}.new`, 'x'.repeat(statSync(path).size), { mode: 0o755 });
        execFileSync('touch', ['-r', path, `${path}.new`]);
        renameSync(`${path}.new`, path);
      },
    ],
  ])('%s', async (name, change) => {
    const path = join(here.folder, `benchmark-${name.length}`);
    writeFileSync(path, '#!/bin/sh\n', { mode: 0o755 });
    const { checkUnchanged } = await locateBenchmark(here.host, path);
    await checkUnchanged(await here.host.stat(path));
    change(path);
    await expect(checkUnchanged(await here.host.stat(path))).rejects.toThrow(
      'was changed during the sweep',
    );
  });

  it('unless only its times have changed', async () => {
    const path = join(here.folder, 'benchmark-touched');
    writeFileSync(path, '#!/bin/sh\n', { mode: 0o755 });
    const { checkUnchanged } = await locateBenchmark(here.host, path);
    execFileSync('touch', [path]);
    await checkUnchanged(await here.host.stat(path));
  });

  it('and one whose state no run has brought is looked at again, and is removed only if it is gone', async () => {
    const path = join(here.folder, 'benchmark-unseen');
    writeFileSync(path, '#!/bin/sh\n', { mode: 0o755 });
    const { checkUnchanged } = await locateBenchmark(here.host, path);
    await checkUnchanged(undefined);
    rmSync(path);
    await expect(checkUnchanged(undefined)).rejects.toThrow('was removed during the sweep');
  });
});
