import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openHost } from '../../src/host/agent-host.ts';
import { processesIn } from './agents.ts';
import { noSshd, type Sshd, startSshd } from './sshd.ts';

const PARENT = fileURLToPath(new URL('./agent-parent.mjs', import.meta.url));
const MODES = ['idle', 'runs', 'stubborn', 'stream', 'tuned'] as const;
type Mode = 'opening' | (typeof MODES)[number];

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-agent-ends-test-'));
const cache = join(folder, '.cache');
const files = join(cache, 'ipc-sweep/agent-files');
const own = { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: folder, XDG_CACHE_HOME: cache };

const missing = noSshd();
let sshd: Sshd | undefined;
beforeAll(async () => {
  if (!missing) sshd = await startSshd({ server: [`SetEnv XDG_CACHE_HOME=${cache}`] });
});
afterAll(async () => {
  await sshd?.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Parent {
  readonly process: ChildProcess;
  readonly agentPid: number;
}

/** An ipc-sweep of its own, in the middle of something. */
async function parent(host: string, mode: Mode): Promise<Parent> {
  const environment = host === 'local' ? own : { ...own, PATH: sshd?.environment.PATH };
  for (const setting of ['governor', 'turbo']) writeFileSync(join(folder, setting), 'as it was');
  rmSync(join(folder, 'detached'), { force: true });
  const child = spawn(process.execPath, [PARENT, host, folder, mode], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    said += piece;
  });
  while (!said.includes('ready')) {
    if (child.exitCode !== null) throw new Error(`it ended: ${said}`);
    await sleep(5);
  }
  return { process: child, agentPid: Number(/agent (\d+)/.exec(said)?.[1]) };
}

async function kill(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const ended = new Promise((resolve) => process.once('exit', resolve));
  process.kill('SIGKILL');
  await ended;
}

/** Neither processes nor files, and the machine as it was. */
async function nothingLeft(): Promise<void> {
  await expect.poll(() => processesIn(folder), { timeout: 20_000 }).toEqual([]);
  expect(existsSync(files) ? readdirSync(files) : []).toEqual([]);
  for (const setting of ['governor', 'turbo']) {
    expect(readFileSync(join(folder, setting), 'utf8')).toBe('as it was');
  }
}

for (const host of ['local', 'board-1']) {
  describe.skipIf(host !== 'local' && missing)(`on ${host}, nothing is left`, () => {
    for (const mode of MODES) {
      it(`when ipc-sweep is killed: ${mode}`, async () => {
        for (const delay of [0, 30]) {
          const { process } = await parent(host, mode);
          await sleep(delay);
          await kill(process);
          await nothingLeft();
          // A tracer has the time to detach.
          if (mode === 'stream') expect(existsSync(join(folder, 'detached'))).toBe(true);
        }
      });

      it(`when the agent is killed: ${mode}`, async () => {
        const { process: child, agentPid } = await parent(host, mode);
        process.kill(agentPid, 'SIGKILL');
        await expect
          .poll(() => processesIn(folder).filter((line) => !line.includes('agent-parent')))
          .toEqual([]);
        await kill(child);
        await nothingLeft();
      });
    }

    it('when ipc-sweep is killed while the agent is built and started', async () => {
      for (const delay of [0, 40, 100, 200, 400, 800]) {
        rmSync(cache, { recursive: true, force: true });
        const { process } = await parent(host, 'opening');
        await sleep(delay);
        await kill(process);
        await nothingLeft();
      }
      // What is left in the cache is no obstacle.
      const environment = host === 'local' ? own : { ...own, PATH: sshd?.environment.PATH };
      const next = await openHost(host, { environment });
      await next.close();
      const [version = ''] = readdirSync(join(cache, 'ipc-sweep'));
      // A shell that is still at work removes its own draft.
      await expect
        .poll(() => readdirSync(join(cache, 'ipc-sweep', version)), { timeout: 20_000 })
        .toEqual(['agent']);
    });
  });
}
