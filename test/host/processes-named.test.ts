import { spawn } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processesNamed, readProcStat, readPs } from '../../src/host/processes-named.ts';
import { type LocalHost, localHost } from './local-host.ts';

describe('the name of a process is found', () => {
  it('in /proc, whatever characters it contains, unless the process is a zombie', () => {
    expect(readProcStat('12 (a) (b\n) S 1 34 5 0')).toEqual({
      pid: 12,
      name: 'a) (b\n',
      group: 34,
      stopped: false,
    });
    expect(readProcStat('12 (a) T 1 34 5 0')).toMatchObject({ stopped: true });
    expect(readProcStat('12 (ipc-benchmark) Z 1 34 5 0')).toBeUndefined();
    expect(readProcStat('')).toBeUndefined();
  });

  it('in the output of ps, cut as the kernel cuts names', () => {
    const text =
      '    1     1 Ss  init\n  71    70 R+  ipc-benchmark\n  72    70 Z   ipc-benchmark\n 80 80 S ipc benchmark\n';
    expect(readPs(text, ['ipc-benchmark'])).toEqual([{ pid: 71, group: 70, stopped: false }]);
    expect(readPs('5 5 S a-name-of-nineteen-c\n', ['a-name-of-nineteen-characters'])).toHaveLength(
      1,
    );
  });
});

describe.skipIf(process.platform !== 'linux')('on this machine', () => {
  let here: LocalHost;
  beforeAll(async () => {
    here = await localHost();
  });
  afterAll(() => here.close());

  it('the processes of a name are found while they run, and no others', async () => {
    const name = `sleeps-${process.pid}-long-name`;
    copyFileSync('/bin/sleep', join(here.folder, name));
    expect(await processesNamed(here.host, [name])).toEqual([]);
    const child = spawn(join(here.folder, name), ['600'], { detached: true, stdio: 'ignore' });
    try {
      const found = () => processesNamed(here.host, [name]);
      await expect
        .poll(found, { timeout: 20_000 })
        .toEqual([{ pid: child.pid, group: child.pid, stopped: false }]);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
