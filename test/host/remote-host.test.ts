import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openHost } from '../../src/host/agent-host.ts';
import { noSshd, type Sshd, startSshd } from './sshd.ts';

const missing = noSshd();
describe.skipIf(missing)(`a host over ssh${missing ? ` (${missing})` : ''}`, () => {
  let sshd: Sshd;
  const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-remote-test-'));
  beforeAll(async () => {
    sshd = await startSshd({ server: [`SetEnv XDG_CACHE_HOME=${folder}`] });
  });
  afterAll(async () => {
    await sshd?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  it('runs a command', async () => {
    const host = await openHost(sshd.host, { environment: sshd.environment });
    const done = await host.run({
      words: ['sh', '-c', 'echo hi; exit 3'],
      environment: { PATH: '/usr/bin:/bin' },
      outputLimits: { stdout: 1000, stderr: 1000 },
      lingerMs: 0,
    });
    expect(done.end).toEqual({ kind: 'exited', exitCode: 3 });
    expect(host.machine.cacheDir).toBe(`${folder}/ipc-sweep`);
    const t = performance.now();
    for (let i = 0; i < 200; i++)
      await host.run({
        words: ['/bin/true'],
        environment: {},
        outputLimits: { stdout: 1, stderr: 1 },
        lingerMs: 0,
      });
    console.log('ms a run over ssh', (performance.now() - t) / 200);
    await host.close();
  });
});
