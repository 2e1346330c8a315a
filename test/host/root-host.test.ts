import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { openHost, openRootHost } from '../../src/host/agent-host.ts';
import type { Host } from '../../src/host/host.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-root-host-test-'));
const bin = join(folder, 'bin');
let plain: Host;

/** A sudo that does as told; its own rules are not what is tested here. */
function sudo(script: string): Record<string, string> {
  spawnSync('mkdir', ['-p', bin]);
  writeFileSync(join(bin, 'sudo'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, 'sudo'), 0o755);
  return { HOME: folder, PATH: `${bin}:${process.env.PATH}` };
}

beforeAll(async () => {
  plain = await openHost('local', { environment: sudo('exit 1') });
});
afterEach(() => expect(existsSync(join(folder, 'left'))).toBe(false));
afterAll(async () => {
  await plain.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the root agent of a host', () => {
  it('is the host’s own agent, started with sudo -n by a path without links', async () => {
    const words = join(folder, 'words');
    const environment = sudo(`echo "$@" >'${words}'; shift 2; exec "$@"`);
    const root = await openRootHost(plain, { environment });
    const { agentPath } = plain.machine;
    expect(root.machine.agentPath).toBe(agentPath);
    expect(root.machine.agentPid).not.toBe(plain.machine.agentPid);
    expect(statSync(words).size).toBeGreaterThan(agentPath.length);
    await root.close();
  });

  it('is started in this session, because `sudo -v` grants only for its own terminal', async () => {
    const session = join(folder, 'session');
    const environment = sudo(`ps -o sid= -p $$ >'${session}'; shift 2; exec "$@"`);
    await (await openRootHost(plain, { environment })).close();
    const own = spawnSync('ps', ['-o', 'sid=', '-p', String(process.pid)], { encoding: 'utf8' });
    expect(readFileSync(session, 'utf8')).toBe(own.stdout);
  });

  it('is refused with the message of sudo', async () => {
    const environment = sudo('echo "sudo: a password is required" >&2; exit 1');
    const opening = openRootHost(plain, { environment });
    await expect(opening).rejects.toBeInstanceOf(UserError);
    await expect(opening).rejects.toThrow('sudo asks for a password');
  });

  it('is refused where others could put another program in its place', async () => {
    const { agentPath } = plain.machine;
    const environment = sudo('shift 2; exec "$@"');
    const parent = join(agentPath, '..');
    for (const spoil of [
      () => chmodSync(agentPath, 0o777),
      () => chmodSync(parent, 0o777),
      () => chownSync(parent, 12345, 0),
    ]) {
      spoil();
      await expect(openRootHost(plain, { environment })).rejects.toThrow(/others than/);
      chmodSync(agentPath, 0o755);
      chmodSync(parent, 0o755);
      chownSync(parent, process.getuid?.() ?? 0, -1 >>> 0);
    }
    await (await openRootHost(plain, { environment })).close();
  });
});
